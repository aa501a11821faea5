import { Button, CopyButton } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import classes from "./CopyText.module.css";

/** Something to be copied, whole. */
export function CopyText({ value, label }: { value: string; label: string }) {
  const { t } = useTranslation();
  return (
    <div className={classes.row}>
      <code aria-label={label} role="textbox" aria-readonly tabIndex={0} className={classes.value}>
        {value}
      </code>
      <CopyButton value={value} timeout={3000}>
        {({ copied, copy }) => (
          <Button
            size="xs"
            variant="default"
            onClick={copy}
            leftSection={copied ? <IconCheck aria-hidden size={16} /> : <IconCopy aria-hidden size={16} />}
          >
            <span aria-live="polite">{copied ? t("common.copied") : t("common.copy")}</span>
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
