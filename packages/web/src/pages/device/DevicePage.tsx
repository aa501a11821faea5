import { Button, Group, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Card } from "../../parts/Card.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { Page } from "../../parts/Page.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { useMe } from "../../portal/me.ts";
import { useAnswerDevice } from "../../portal/tokens.ts";
import classes from "./Device.module.css";

/** Lets a command line in, or not. The code is typed: a link that somebody sends must not be enough. */
export function DevicePage() {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const answer = useAnswerDevice();
  const account = useMe().data?.account ?? "";
  if (answer.isSuccess) return <Answered approved={answer.variables.approve} />;
  const userCode = typed.trim().toUpperCase();
  return (
    <Page title={t("device.title")} lead={t("device.lead", { account })} narrow>
      <Card>
        <div className={classes.stack}>
          <TextInput
            label={t("device.code")}
            value={typed}
            autoComplete="off"
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
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
