import type { Environment } from "@endstation/api";
import { useTranslation } from "react-i18next";
import { Card } from "../../parts/Card.tsx";
import { Chip } from "../../parts/Chip.tsx";
import classes from "./Environments.module.css";
import { StartWithoutData } from "./StartWithoutData.tsx";

export function EnvironmentCard({ environment }: { environment: Environment }) {
  const { t } = useTranslation();
  return (
    <Card
      title={environment.title}
      id={`environment-${environment.name}`}
      aside={<StartWithoutData environment={environment} />}
    >
      <p className={classes.text}>{environment.description}</p>
      {environment.techniques.length > 0 && (
        <p className={classes.chips}>
          <span className={classes.label}>{t("environments.madeFor")}</span>
          {environment.techniques.map(({ id, label }) => (
            <Chip key={id} tone="accent">
              {label}
            </Chip>
          ))}
        </p>
      )}
      <Notebooks notebooks={environment.notebooks} />
      <Software software={environment.software} />
    </Card>
  );
}

function Notebooks({ notebooks }: Pick<Environment, "notebooks">) {
  const { t } = useTranslation();
  if (notebooks.length === 0) return null;
  return (
    <>
      <h3 className={classes.label}>{t("environments.notebooks")}</h3>
      <ul className={classes.notebooks}>
        {notebooks.map(({ file, title, description }) => (
          <li key={file}>
            <strong>{title}</strong> <span className={classes.quiet}>{description}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Software({ software }: Pick<Environment, "software">) {
  const { t } = useTranslation();
  return (
    <>
      <h3 className={classes.label}>{t("environments.software")}</h3>
      <ul className={classes.software}>
        {software.map(({ name, version }) => (
          <li key={name}>
            {name} <span className={classes.quiet}>{version}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
