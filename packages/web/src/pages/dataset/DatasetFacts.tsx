import type { DatasetDetail } from "@endstation/api";
import { useTranslation } from "react-i18next";
import { formatBytes } from "../../i18n/format.ts";
import { Card } from "../../parts/Card.tsx";
import { Facts } from "../../parts/Facts.tsx";
import { When } from "../../parts/When.tsx";

/** All that is known of a dataset beside its parameters. */
export function DatasetFacts({ dataset }: { dataset: DatasetDetail }) {
  const { t } = useTranslation();
  const { createdAt, releaseAt, sample } = dataset;
  return (
    <Card title={t("dataset.about")} id="about-dataset">
      <Facts
        items={[
          [t("fact.instrument"), dataset.instrument],
          [t("fact.facility"), dataset.facility],
          [t("fact.technique"), dataset.techniques.map(({ label }) => label).join(", ")],
          [t("fact.sample"), sample?.name],
          [t("fact.description"), sample?.description],
          [t("fact.measured"), createdAt === null ? null : <When key="at" at={createdAt} />],
          [
            t("fact.size"),
            `${formatBytes(dataset.sizeBytes)}, ${t("dataset.files", { count: dataset.fileCount })}`,
          ],
          [t("fact.definition"), dataset.definitions.join(", ")],
          [t("fact.stored"), t(`availability.${dataset.availability}`)],
          [
            t("fact.release"),
            releaseAt === null ? t("release.never") : <When key="release" at={releaseAt} as="day" />,
          ],
          [t("fact.licence"), dataset.licence],
          [t("fact.source"), <Source key="source" source={dataset.source} />],
          [t("fact.pid"), dataset.pid],
          [t("fact.dataset"), <code key="id">{dataset.id}</code>],
        ]}
      />
    </Card>
  );
}

/** Where it was taken from: an address becomes a link, if it is one of the web. */
function Source({ source }: { source: string | null }) {
  const { t } = useTranslation();
  if (source === null) return t("dataset.noSource");
  const address = /https?:\/\/\S+/.exec(source)?.[0];
  if (address === undefined) return source;
  const [before, after] = source.split(address);
  return (
    <>
      {before}
      <a href={address} rel="noreferrer">
        {address}
      </a>
      {after}
    </>
  );
}
