import { Button } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { DatasetList } from "../../parts/dataset/DatasetList.tsx";
import { Page } from "../../parts/Page.tsx";
import type { DatasetFilter } from "../../portal/datasets.ts";
import { Filters } from "./Filters.tsx";

/** All datasets she may see, narrowed by what stands in the address, so that a search can be kept and sent on. */
export function FindDataPage() {
  const { t } = useTranslation();
  const filter = useSearch({ from: "/datasets" });
  const navigate = useNavigate({ from: "/datasets" });
  const narrow = (change: Partial<DatasetFilter>) =>
    void navigate({ to: ".", search: (before) => ({ ...before, ...change }), replace: true });
  const isNarrowed = Object.values(filter).some((value) => value !== undefined);
  const clear = (
    <Button variant="default" onClick={() => void navigate({ to: ".", search: {}, replace: true })}>
      {t("findData.clear")}
    </Button>
  );
  return (
    <Page title={t("findData.title")} lead={t("findData.lead")}>
      <Filters filter={filter} narrow={narrow} />
      <section aria-label={t("findData.results")}>
        <h2 className="es-visually-hidden">{t("findData.results")}</h2>
        <DatasetList
          filter={filter}
          empty={{
            title: isNarrowed ? t("findData.noMatch") : t("findData.none"),
            next: isNarrowed ? t("findData.noMatchNext") : t("findData.noneNext"),
            action: isNarrowed ? clear : null,
          }}
        />
      </section>
    </Page>
  );
}
