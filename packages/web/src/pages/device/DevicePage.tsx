import { Button, Group, TextInput } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Card } from "../../parts/Card.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { Page } from "../../parts/Page.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { useMe } from "../../portal/me.ts";
import { useAnswerDevice } from "../../portal/tokens.ts";
import classes from "./Device.module.css";

/** Lets a command line in, or not: the person compares the code that it shows. */
export function DevicePage() {
  const { t } = useTranslation();
  const { code = "" } = useSearch({ from: "/device" });
  const [typed, setTyped] = useState(code);
  const answer = useAnswerDevice();
  const account = useMe().data?.account ?? "";
  if (answer.isSuccess) return <Answered approved={answer.variables.approve} />;
  const userCode = typed.trim().toUpperCase();
  return (
    <Page title={t("device.title")} lead={t("device.lead", { account })} narrow>
      <Card>
        <div className={classes.stack}>
          {code === "" ? (
            <TextInput
              label={t("device.code")}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
          ) : (
            <p className={classes.code}>{userCode}</p>
          )}
          <p className={classes.what}>{t("device.compare")}</p>
          <p className={classes.what}>{t("device.means")}</p>
          {answer.isError && <ProblemNotice error={answer.error} />}
          <Group>
            <Button
              disabled={userCode === ""}
              loading={answer.isPending}
              onClick={() => answer.mutate({ userCode, approve: true })}
            >
              {t("device.approve")}
            </Button>
            <Button
              variant="default"
              disabled={userCode === "" || answer.isPending}
              onClick={() => answer.mutate({ userCode, approve: false })}
            >
              {t("device.refuse")}
            </Button>
          </Group>
        </div>
      </Card>
    </Page>
  );
}

function Answered({ approved }: { approved: boolean }) {
  const { t } = useTranslation();
  return (
    <Page title={approved ? t("device.approved") : t("device.refused")} narrow>
      <Notice role="status" tone={approved ? "good" : "quiet"} title={t("device.back")}>
        {approved ? t("device.approvedNext") : t("device.refusedNext")}
      </Notice>
    </Page>
  );
}
