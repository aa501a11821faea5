import { NativeSelect } from "@mantine/core";
import { ParameterFields } from "./ParameterFields.tsx";
import type { Choice } from "./useChoice.ts";

interface NotebookChoiceProps {
  readonly choice: Choice;
  readonly label: string;
}

/** Which template it is about (R32), and its parameters. */
export function NotebookChoice({ choice, label }: NotebookChoiceProps) {
  const { notebooks, notebook } = choice;
  if (notebook === undefined) return null;
  return (
    <>
      <NativeSelect
        label={label}
        description={notebook.description}
        inputWrapperOrder={["label", "input", "description", "error"]}
        value={notebook.file}
        onChange={(event) => choice.chooseNotebook(event.currentTarget.value)}
        data={notebooks.map(({ file, title }) => ({ value: file, label: title }))}
      />
      <ParameterFields
        key={notebook.file}
        parameters={notebook.parameters}
        values={choice.values}
        change={choice.setValues}
      />
    </>
  );
}
