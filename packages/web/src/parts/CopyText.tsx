import { Button, CopyButton, TextInput } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import classes from "./CopyText.module.css";

/** Something to be copied, whole. */
export function CopyText({ value, label }: { value: string; label: string }) {
  const { t } = useTranslation();
  return (
    <div className={classes.row}>
      <TextInput
        readOnly
        label={label}
        value={value}
        className={classes.value}
        onFocus={(event) => event.currentTarget.select()}
      />
      <CopyButton value={value} timeout={3000}>
        {({ copied, copy }) => (
          <Button
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
