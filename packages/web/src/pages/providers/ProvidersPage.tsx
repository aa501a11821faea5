import { useTranslation } from "react-i18next";
import { Loaded } from "../../parts/Loaded.tsx";
import { Page } from "../../parts/Page.tsx";
import { useProviders } from "../../portal/providers.ts";
import { ProviderList } from "./ProviderList.tsx";

/** For administrators: where sessions run, and the switch that lets a provider take no new ones. */
export function ProvidersPage() {
  const { t } = useTranslation();
  const providers = useProviders();
  return (
    <Page title={t("providers.title")} lead={t("providers.lead")}>
      <Loaded query={providers}>{({ items }) => <ProviderList providers={items} />}</Loaded>
    </Page>
  );
}
