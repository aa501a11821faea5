import type { Session, SessionRequest } from "@endstation/api";
import { Button } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { useStartSession } from "../../portal/change-session.ts";

/** The same once more: environment, flavour, data and notebook as they were. A program's text is not kept for that. */
export function StartAgain({ session }: { session: Session }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const start = useStartSession();
  if (session.myAccess !== "owner" || session.job?.hasScript === true) return null;
  const again = async () => {
    const next = await start.mutateAsync(requestOf(session));
    await navigate({ to: "/sessions/$id", params: { id: next.id } });
  };
  return (
    <>
      {start.isError && <ProblemNotice error={start.error} />}
      <Button
        loading={start.isPending}
        leftSection={<IconRefresh aria-hidden size={16} />}
        onClick={() => void again().catch(() => undefined)}
      >
        {t("session.startAgain")}
      </Button>
    </>
  );
}

function requestOf(session: Session): SessionRequest {
  const { environment, flavour, name, proposal, datasets, job } = session;
  const parameters = session.parameters as SessionRequest["parameters"];
  const notebook = session.notebook === null ? {} : { notebook: session.notebook };
  return {
    environment,
    flavour,
    name,
    datasets,
    parameters,
    ...(proposal === null ? {} : { proposal }),
    ...(job === null ? notebook : { job: { ...notebook, arguments: job.arguments, retries: job.retries } }),
  };
}
