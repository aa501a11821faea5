import { NativeSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useEnvironments } from "../../../portal/environments.ts";

interface NotebookChoiceProps {
  readonly environment: string;
  /** null: the environment's first. */
  readonly chosen: string | null;
  readonly choose: (notebook: string | null) => void;
}

/** Which template is in front when the session opens (R32). */
export function NotebookChoice({ environment, chosen, choose }: NotebookChoiceProps) {
  const { t } = useTranslation();
  const found = useEnvironments().data?.items.find(({ name }) => name === environment);
  const notebooks = found?.notebooks ?? [];
  const notebook = notebooks.find(({ file }) => file === chosen) ?? notebooks[0];
  if (notebook === undefined) return null;
  return (
    <NativeSelect
      label={t("fact.notebook")}
      description={notebook.description}
      inputWrapperOrder={["label", "input", "description", "error"]}
      value={notebook.file}
      onChange={(event) => choose(event.currentTarget.value)}
      data={notebooks.map(({ file, title }) => ({ value: file, label: title }))}
    />
  );
}
