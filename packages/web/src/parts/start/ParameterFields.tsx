import type { NotebookParameter } from "@endstation/api";
import { Checkbox, NumberInput, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import classes from "./Start.module.css";

/** Values by the parameter's name; one that is not there is the notebook's own. */
export type Values = Readonly<Record<string, string | number | boolean>>;

interface ParameterFieldsProps {
  readonly parameters: readonly NotebookParameter[];
  readonly values: Values;
  readonly change: (values: Values) => void;
}

/** What may be set of a notebook before it runs; where data and results are the session knows itself. */
export function ParameterFields({ parameters, values, change }: ParameterFieldsProps) {
  const { t } = useTranslation();
  const shown = parameters.filter(({ kind }) => kind !== "data" && kind !== "results");
  if (shown.length === 0) return null;
  return (
    <fieldset className={classes.choice}>
      <legend>{t("start.parameters")}</legend>
      <div className={classes.parameters}>
        {shown.map((parameter) => (
          <Field
            key={parameter.name}
            parameter={parameter}
            value={values[parameter.name] ?? parameter.default}
            set={(value) => change(withValue(values, parameter, value))}
          />
        ))}
      </div>
    </fieldset>
  );
}

interface FieldProps {
  readonly parameter: NotebookParameter;
  readonly value: Values[string];
  /** Null: the notebook's own. */
  readonly set: (value: Values[string] | null) => void;
}

function Field({ parameter, value, set }: FieldProps) {
  const { kind, title, unit } = parameter;
  const label = unit === null ? title : `${title} (${unit})`;
  if (kind === "boolean")
    return (
      <Checkbox
        label={label}
        checked={value === true}
        onChange={(event) => set(event.currentTarget.checked)}
      />
    );
  if (kind === "number")
    return (
      <NumberInput
        label={label}
        defaultValue={Number(value)}
        placeholder={String(parameter.default)}
        onChange={(given) => set(given === "" ? null : Number(given))}
      />
    );
  return (
    <TextInput label={label} value={String(value)} onChange={(event) => set(event.currentTarget.value)} />
  );
}

function withValue(
  values: Values,
  { name, default: own }: NotebookParameter,
  value: Values[string] | null,
): Values {
  const { [name]: _, ...others } = values;
  return value === null || value === own ? others : { ...others, [name]: value };
}
