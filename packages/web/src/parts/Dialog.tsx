import { Button, Group, Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./Dialog.module.css";
import { ProblemNotice } from "./ProblemNotice.tsx";

interface DialogProps {
  readonly title: string;
  readonly opened: boolean;
  readonly close: () => void;
  readonly children: ReactNode;
  /** The button that does it; none when the dialogue only shows. */
  readonly act?: { readonly label: string; readonly run: () => void; readonly danger?: boolean };
  readonly busy?: boolean;
  readonly error?: unknown;
  readonly size?: "md" | "lg" | "xl";
}

/** A dialogue: what it is about, what can be done, and what the portal said to it. */
export function Dialog({
  title,
  opened,
  close,
  children,
  act,
  busy = false,
  error,
  size = "md",
}: DialogProps) {
  const { t } = useTranslation();
  return (
    <Modal.Root opened={opened} onClose={close} size={size} classNames={{ content: classes.content ?? "" }}>
      <Modal.Overlay />
      <Modal.Content>
        <div className={classes.head}>
          <Modal.Title>{title}</Modal.Title>
          <Modal.CloseButton aria-label={t("common.close")} />
        </div>
        <Modal.Body>
          {children}
          {error !== null && error !== undefined && <ProblemNotice error={error} />}
          {act !== undefined && (
            <Group justify="flex-end" mt="lg">
              <Button variant="default" onClick={close}>
                {t("common.cancel")}
              </Button>
              <Button loading={busy} onClick={act.run} {...(act.danger === true ? { color: "red.8" } : {})}>
                {act.label}
              </Button>
            </Group>
          )}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
