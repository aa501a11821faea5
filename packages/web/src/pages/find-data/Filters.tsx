import type { Dataset } from "@endstation/api";
import { Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type DatasetFilter, useDatasetSample } from "../../portal/datasets.ts";
import { choicesOf } from "./choices.ts";
import classes from "./Filters.module.css";

interface FiltersProps {
  readonly filter: DatasetFilter;
  readonly narrow: (change: Partial<DatasetFilter>) => void;
}

const nothing: readonly Dataset[] = [];
const kinds = ["open", "member", "embargoed"] as const;

export function Filters({ filter, narrow }: FiltersProps) {
  const { t } = useTranslation();
  const { techniques, instruments } = choicesOf(useDatasetSample().data?.items ?? nothing, filter);
  const access = kinds.map((value) => ({ value, label: t(`findData.access.${value}`) }));
  return (
    <search className={classes.filters}>
      <Words value={filter.q ?? ""} change={(q) => narrow({ q: q === "" ? undefined : q })} />
      <Select
        label={t("fact.technique")}
        placeholder={t("findData.any")}
        data={techniques}
        value={filter.technique ?? null}
        onChange={(technique) => narrow({ technique: technique ?? undefined })}
        searchable
        clearable
      />
      <Select
        label={t("fact.instrument")}
        placeholder={t("findData.any")}
        data={instruments}
        value={filter.instrument ?? null}
        onChange={(instrument) => narrow({ instrument: instrument ?? undefined })}
        searchable
        clearable
      />
      <Select
        label={t("fact.access")}
        placeholder={t("findData.any")}
        data={access}
        value={filter.access ?? null}
        onChange={(value) => narrow({ access: kinds.find((kind) => kind === value) })}
        clearable
      />
    </search>
  );
}

/** What is typed is asked for when the typing rests. */
function Words({ value, change }: { value: string; change: (words: string) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(value);
  const rest = useDebouncedCallback(change, 300);
  useEffect(() => setTyped(value), [value]);
  return (
    <TextInput
      type="search"
      label={t("findData.words")}
      placeholder={t("findData.wordsHint")}
      leftSection={<IconSearch aria-hidden size={16} />}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        rest(event.currentTarget.value.trim());
      }}
    />
  );
}
