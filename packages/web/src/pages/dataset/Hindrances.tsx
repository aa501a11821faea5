import { useTranslation } from "react-i18next";
import { Notice } from "../../parts/Notice.tsx";

/** What hinders reading the dataset, said before somebody starts something on it. */
export function Hindrances({ problems }: { problems: readonly string[] }) {
  const { t } = useTranslation();
  if (problems.length === 0) return null;
  return (
    <Notice warning tone="busy" title={t("dataset.hindrances", { count: problems.length })}>
      {problems.map((problem) => (
        <p key={problem}>{problem}</p>
      ))}
    </Notice>
  );
}
