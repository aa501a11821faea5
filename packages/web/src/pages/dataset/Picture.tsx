import { Anchor, Skeleton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Card } from "../../parts/Card.tsx";
import { Loaded } from "../../parts/Loaded.tsx";
import { Plot } from "../../plot/Plot.tsx";
import { isHdf5, useDatafiles, usePreview, viewerAddress } from "../../portal/datasets.ts";
import classes from "./Dataset.module.css";

/** A first look at the data, drawn by us from numbers. */
export function Picture({ id }: { id: string }) {
  const { t } = useTranslation();
  const preview = usePreview(id, true);
  const files = useDatafiles(id, true).data?.items ?? [];
  return (
    <Card title={t("dataset.look")} id="look">
      <Loaded query={preview} shape={<Skeleton height={300} />}>
        {(found) => (
          <figure className={classes.frame}>
            <Plot preview={found} small={false} />
            {found.shape !== "none" && <figcaption>{found.title}</figcaption>}
          </figure>
        )}
      </Loaded>
      {files.some(({ path }) => isHdf5(path)) && (
        <p>
          <Anchor href={viewerAddress(id) ?? undefined}>{t("dataset.view")}</Anchor>
        </p>
      )}
    </Card>
  );
}
