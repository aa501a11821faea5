import { useTranslation } from "react-i18next";
import { Card } from "../../parts/Card.tsx";
import { Chip } from "../../parts/Chip.tsx";
import { Facts } from "../../parts/Facts.tsx";
import { Lines, Loaded } from "../../parts/Loaded.tsx";
import { Page } from "../../parts/Page.tsx";
import { usePortalStatus } from "../../portal/status.ts";

/** What this is, how its parts are, and where its interfaces are described. */
export function AboutPage() {
  const { t } = useTranslation();
  const status = usePortalStatus();
  return (
    <Page title={t("about.title")} lead={t("about.lead")} narrow>
      <Card title={t("about.status")} id="status">
        <Loaded query={status} shape={<Lines count={3} />}>
          {({ parts }) => (
            <Facts
              items={parts.map(({ name, up, detail }) => [
                name,
                <span key={name}>
                  <Chip tone={up ? "good" : "bad"}>{up ? t("about.up") : t("about.down")}</Chip> {detail}
                </span>,
              ])}
            />
          )}
        </Loaded>
      </Card>
      <Card title={t("about.interfaces")} id="interfaces">
        <Facts
          items={[
            [
              t("about.api"),
              <a key="docs" href="/docs">
                {t("about.apiWhat")}
              </a>,
            ],
            [
              t("about.openapi"),
              <a key="openapi" href="/openapi.json">
                {t("about.openapiWhat")}
              </a>,
            ],
            [t("about.licence"), t("about.licenceWhat")],
          ]}
        />
      </Card>
    </Page>
  );
}
