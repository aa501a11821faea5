import { Radio, Stack } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatSoon, formatSpan } from "../../../i18n/format.ts";
import { Dialog } from "../../../parts/Dialog.tsx";
import { useNow } from "../../../parts/useNow.ts";
import { useExtendSession } from "../../../portal/change-session.ts";
import type { SessionDialogProps } from "./props.ts";

const choices = [4, 12, 24, 72, 168] as const;
const hourMs = 3_600_000;

/** Lets a session run longer, counted from now; the facility has the last word on how long. */
export function ExtendDialog({ session, opened, close }: SessionDialogProps) {
  const { t } = useTranslation();
  const now = useNow(opened ? 30_000 : null);
  const extend = useExtendSession(session.id);
  const longer = choices.filter((hours) => now + hours * hourMs > Date.parse(session.expiresAt));
  const [hours, setHours] = useState<number | null>(null);
  const chosen = longer.find((one) => one === hours) ?? longer[0] ?? choices[choices.length - 1] ?? 24;
  return (
    <Dialog
      title={t("extend.title", { name: session.name })}
      opened={opened}
      close={close}
      act={{ label: t("session.extend"), run: () => extend.mutate(chosen, { onSuccess: close }) }}
      busy={extend.isPending}
      error={extend.error}
    >
      <p>{t("extend.now", { at: formatSoon(session.expiresAt, now) })}</p>
      <Radio.Group
        label={t("extend.label")}
        value={String(chosen)}
        onChange={(value) => setHours(Number(value))}
      >
        <Stack gap="xs" mt="xs">
          {longer.map((one) => (
            <Radio
              key={one}
              value={String(one)}
              label={t("extend.choice", {
                span: formatSpan(one * 3600, "long"),
                at: formatSoon(new Date(now + one * hourMs).toISOString(), now),
              })}
            />
          ))}
        </Stack>
      </Radio.Group>
    </Dialog>
  );
}
