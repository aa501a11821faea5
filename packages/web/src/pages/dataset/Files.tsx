import type { Datafile, DatasetDetail } from "@endstation/api";
import { ActionIcon } from "@mantine/core";
import { IconChartDots3, IconDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatBytes } from "../../i18n/format.ts";
import { Card } from "../../parts/Card.tsx";
import { Loaded } from "../../parts/Loaded.tsx";
import { When } from "../../parts/When.tsx";
import { fileAddress, useDatafiles, viewerAddress } from "../../portal/datasets.ts";
import classes from "./Dataset.module.css";

export function Files({ dataset }: { dataset: DatasetDetail }) {
  const { t } = useTranslation();
  const files = useDatafiles(dataset.id, true);
  const total = `${t("dataset.files", { count: dataset.fileCount })} · ${formatBytes(dataset.sizeBytes)}`;
  return (
    <Card title={t("dataset.fileList")} id="files" aside={<span className={classes.quiet}>{total}</span>}>
      <Loaded query={files}>
        {({ items }) => (
          <table className={classes.table} aria-labelledby="files">
            <thead>
              <tr>
                <th scope="col">{t("fact.name")}</th>
                <th scope="col" className={classes.wideOnly}>
                  {t("fact.format")}
                </th>
                <th scope="col" className={classes.wideOnly}>
                  {t("fact.modified")}
                </th>
                <th scope="col" className={classes.number}>
                  {t("fact.size")}
                </th>
                <th scope="col">
                  <span className="es-visually-hidden">{t("dataset.download")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((file) => (
                <FileRow key={file.path} dataset={dataset.id} file={file} />
              ))}
            </tbody>
          </table>
        )}
      </Loaded>
    </Card>
  );
}

function FileRow({ dataset, file }: { dataset: string; file: Datafile }) {
  const { t } = useTranslation();
  const viewer = viewerAddress(dataset, file.path);
  return (
    <tr>
      <td className={classes.long}>
        {file.path}
        {file.problem !== null && <p className={classes.fault}>{file.problem}</p>}
      </td>
      <td className={classes.wideOnly}>{file.format}</td>
      <td className={classes.wideOnly}>
        <When at={file.modifiedAt} as="day" />
      </td>
      <td className={classes.number}>{formatBytes(file.sizeBytes)}</td>
      <td className={classes.number}>
        {viewer !== null && (
          <ActionIcon
            component="a"
            href={viewer}
            variant="subtle"
            aria-label={t("dataset.viewFile", { path: file.path })}
          >
            <IconChartDots3 aria-hidden size={18} />
          </ActionIcon>
        )}
        <ActionIcon
          component="a"
          href={fileAddress(dataset, file.path)}
          download
          variant="subtle"
          aria-label={t("dataset.downloadFile", { path: file.path })}
        >
          <IconDownload aria-hidden size={18} />
        </ActionIcon>
      </td>
    </tr>
  );
}
