import type { Provider } from "@endstation/api";
import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Card } from "../../parts/Card.tsx";
import { Chip } from "../../parts/Chip.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { When } from "../../parts/When.tsx";
import { useDrainOrResume } from "../../portal/providers.ts";
import classes from "./Providers.module.css";

export function ProviderList({ providers }: { providers: readonly Provider[] }) {
  const [draining, setDraining] = useState<Provider | null>(null);
  const resume = useDrainOrResume();
  return (
    <Card>
      {resume.error !== null && <ProblemNotice error={resume.error} />}
      <ul className={classes.list}>
        {providers.map((provider) => (
          <ProviderRow
            key={provider.name}
            provider={provider}
            drain={() => setDraining(provider)}
            resume={() => resume.mutate({ id: provider.name, drain: false })}
          />
        ))}
      </ul>
      <DrainDialog provider={draining} close={() => setDraining(null)} />
    </Card>
  );
}

interface RowProps {
  readonly provider: Provider;
  readonly drain: () => void;
  readonly resume: () => void;
}

function ProviderRow({ provider, drain, resume }: RowProps) {
  const { t } = useTranslation();
  const { name, configured, drained, outageSince, liveSessions, isolation } = provider;
  return (
    <li className={classes.row}>
      <span className={classes.name}>{name}</span>
      <State provider={provider} />
      <span className={classes.quiet}>
        {t("providers.live", { count: liveSessions })}
        {isolation !== null && ` · ${t("providers.isolation", { isolation })}`}
        {outageSince !== null && (
          <>
            {" · "}
            {t("providers.outSince")} <When at={outageSince} as="relative" />
          </>
        )}
        {drained !== null && (
          <>
            {" · "}
            {t("providers.drainedBy", { account: drained.by })} <When at={drained.at} as="relative" />
          </>
        )}
      </span>
      {configured && (
        <Button
          size="xs"
          variant="default"
          aria-label={
            drained === null ? t("providers.drainName", { name }) : t("providers.resumeName", { name })
          }
          onClick={drained === null ? drain : resume}
        >
          {drained === null ? t("providers.drain") : t("providers.resume")}
        </Button>
      )}
    </li>
  );
}

function State({ provider: { configured, drained, outageSince } }: { provider: Provider }) {
  const { t } = useTranslation();
  if (outageSince !== null) return <Chip tone="bad">{t("providers.out")}</Chip>;
  if (!configured) return <Chip tone="busy">{t("providers.gone")}</Chip>;
  if (drained !== null) return <Chip tone="busy">{t("providers.drained")}</Chip>;
  return <Chip tone="quiet">{t("providers.takes")}</Chip>;
}

function DrainDialog({ provider, close }: { provider: Provider | null; close: () => void }) {
  const { t } = useTranslation();
  const drain = useDrainOrResume();
  const run = () => {
    if (provider !== null) drain.mutate({ id: provider.name, drain: true }, { onSuccess: close });
  };
  return (
    <Dialog
      title={t("providers.drainName", { name: provider?.name ?? "" })}
      opened={provider !== null}
      close={close}
      act={{ label: t("providers.drain"), run, danger: true }}
      busy={drain.isPending}
      error={drain.error}
    >
      <p>{t("providers.drainWhat", { count: provider?.liveSessions ?? 0 })}</p>
    </Dialog>
  );
}
