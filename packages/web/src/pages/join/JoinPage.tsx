import type { Joined } from "@endstation/api";
import { Button } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Empty } from "../../parts/Empty.tsx";
import { Page } from "../../parts/Page.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { forgetLinkSecret, linkSecret } from "../../portal/link-secret.ts";
import { useMe } from "../../portal/me.ts";
import { useJoinByLink } from "../../portal/sharing.ts";

/** Where a link leads: she says that she wants to join, and its secret is posted. Nothing is told of the session before. */
export function JoinPage() {
  const { t } = useTranslation();
  const [secret] = useState(linkSecret);
  return (
    <Page title={t("join.title")} narrow>
      {secret === null ? <NoSecret /> : <Join secret={secret} />}
    </Page>
  );
}

function NoSecret() {
  const { t } = useTranslation();
  const toSessions = (
    <Button component={Link} to="/sessions" variant="default">
      {t("nav.sessions")}
    </Button>
  );
  return (
    <Empty title={t("join.notWhole")} action={toSessions}>
      {t("join.notWholeNext")}
    </Empty>
  );
}

function Join({ secret }: { secret: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const me = useMe().data;
  const join = useJoinByLink();
  const toSession = ({ session: id }: Joined) => {
    forgetLinkSecret();
    void navigate({ to: "/sessions/$id", params: { id }, replace: true });
  };
  return (
    <>
      <p>{t("join.what", { name: me?.name ?? "", account: me?.account ?? "" })}</p>
      <p>{t("join.known")}</p>
      {join.isError && <ProblemNotice error={join.error} />}
      <p>
        <Button loading={join.isPending} onClick={() => join.mutate(secret, { onSuccess: toSession })}>
          {join.isError ? t("common.tryAgain") : t("join.act")}
        </Button>
      </p>
    </>
  );
}
