import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Empty } from "../../parts/Empty.tsx";
import { Loaded } from "../../parts/Loaded.tsx";
import { Page } from "../../parts/Page.tsx";
import { useTokens } from "../../portal/tokens.ts";
import { MakeToken } from "./MakeToken.tsx";
import { TokenTable } from "./TokenTable.tsx";

/** Access tokens for scripts and the command line: made here, shown once, revoked here. */
export function TokensPage() {
  const { t } = useTranslation();
  const tokens = useTokens();
  const [making, setMaking] = useState(false);
  const button = (
    <Button leftSection={<IconPlus aria-hidden size={16} />} onClick={() => setMaking(true)}>
      {t("tokens.make")}
    </Button>
  );
  return (
    <Page title={t("tokens.title")} lead={t("tokens.lead")} actions={button}>
      <Loaded query={tokens}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t("tokens.none")}>{t("tokens.noneNext")}</Empty>
          ) : (
            <TokenTable tokens={items} />
          )
        }
      </Loaded>
      <MakeToken opened={making} close={() => setMaking(false)} />
    </Page>
  );
}
