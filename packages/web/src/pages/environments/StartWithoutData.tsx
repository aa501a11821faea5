import type { Environment } from "@endstation/api";
import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { useStartSession } from "../../portal/change-session.ts";

/** An environment alone, to look around in; results go to the personal folder. */
export function StartWithoutData({ environment }: { environment: Environment }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const start = useStartSession();
  const go = async () => {
    const session = await start.mutateAsync({ environment: environment.name });
    await navigate({ to: "/sessions/$id", params: { id: session.id } });
  };
  return (
    <>
      <Button
        size="xs"
        variant="default"
        loading={start.isPending}
        aria-label={t("environments.startName", { name: environment.title })}
        onClick={() => void go().catch(() => undefined)}
      >
        {t("environments.start")}
      </Button>
      {start.isError && <ProblemNotice error={start.error} />}
    </>
  );
}
