import { TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../../parts/Dialog.tsx";
import { useRenameSession } from "../../../portal/change-session.ts";
import type { SessionDialogProps } from "./props.ts";

export function RenameDialog({ session, opened, close }: SessionDialogProps) {
  const { t } = useTranslation();
  const rename = useRenameSession(session.id);
  const [name, setName] = useState(session.name);
  const isEmpty = name.trim() === "";
  const run = () => {
    if (!isEmpty) rename.mutate(name.trim(), { onSuccess: close });
  };
  return (
    <Dialog
      title={t("rename.title")}
      opened={opened}
      close={close}
      act={{ label: t("session.rename"), run }}
      busy={rename.isPending}
      error={rename.error}
    >
      <TextInput
        data-autofocus
        label={t("fact.name")}
        value={name}
        maxLength={200}
        error={isEmpty ? t("rename.empty") : null}
        onChange={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") run();
        }}
      />
    </Dialog>
  );
}
