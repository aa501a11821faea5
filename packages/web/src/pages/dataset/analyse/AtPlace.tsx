import { useTranslation } from "react-i18next";
import { Notice } from "../../../parts/Notice.tsx";
import type { PlaceSearch } from "../../../shell/search.ts";

/** Which place of which file the notebook gets, when somebody comes from there. */
export function AtPlace({ place: { file, path } }: { place: PlaceSearch }) {
  const { t } = useTranslation();
  if (file === undefined) return null;
  return (
    <Notice tone="note" title={t("analyse.atPlace")}>
      <code>{path === undefined ? file : `${file} ${path}`}</code>
    </Notice>
  );
}
