import { useTranslation } from "react-i18next";
import { Empty } from "../../parts/Empty.tsx";
import { Lines, Loaded } from "../../parts/Loaded.tsx";
import { Page } from "../../parts/Page.tsx";
import { useEnvironments } from "../../portal/environments.ts";
import { EnvironmentCard } from "./EnvironmentCard.tsx";
import classes from "./Environments.module.css";

/** What software there is, with its versions, what it is made for, and its template notebooks. */
export function EnvironmentsPage() {
  const { t } = useTranslation();
  const environments = useEnvironments();
  return (
    <Page title={t("environments.title")} lead={t("environments.lead")}>
      <Loaded query={environments} shape={<Lines count={4} height={90} />}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t("environments.none")}>{t("environments.noneNext")}</Empty>
          ) : (
            <div className={classes.list}>
              {items.map((environment) => (
                <EnvironmentCard key={environment.name} environment={environment} />
              ))}
            </div>
          )
        }
      </Loaded>
    </Page>
  );
}
