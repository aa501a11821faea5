import type { Session } from "@endstation/api";
import { useTranslation } from "react-i18next";
import { Card } from "../../parts/Card.tsx";
import { Facts } from "../../parts/Facts.tsx";

/** What a batch session runs, with which values, and how it ended. */
export function Job({ session }: { session: Session }) {
  const { t } = useTranslation();
  const { job, exitCode, parameters } = session;
  if (job === null) return null;
  const { retries, retried } = job;
  const values = Object.entries(parameters).map(([name, value]) => `${name} = ${String(value)}`);
  const attempt = t("job.attemptOf", { attempt: retried + 1, most: retries + 1 });
  return (
    <Card title={t("job.title")} id="job">
      <Facts
        items={[
          [t("job.what"), job.hasScript ? t("job.program") : job.notebook],
          [
            t("job.arguments"),
            job.arguments.length === 0 ? null : <code key="a">{job.arguments.join(" ")}</code>,
          ],
          [t("start.parameters"), values.length === 0 ? null : values.join(", ")],
          [t("job.attempt"), retries === 0 ? null : attempt],
          [t("job.exitCode"), exitCode === null ? null : <code key="e">{exitCode}</code>],
        ]}
      />
    </Card>
  );
}
