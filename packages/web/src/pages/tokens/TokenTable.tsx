import type { Token } from "@endstation/api";
import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Card } from "../../parts/Card.tsx";
import { Chip } from "../../parts/Chip.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { When } from "../../parts/When.tsx";
import { useRevokeToken } from "../../portal/tokens.ts";
import classes from "./Tokens.module.css";

export function TokenTable({ tokens }: { tokens: readonly Token[] }) {
  const { t } = useTranslation();
  const [revoking, setRevoking] = useState<Token | null>(null);
  return (
    <Card>
      <ul className={classes.list}>
        {tokens.map((token) => (
          <TokenRow key={token.id} token={token} revoke={() => setRevoking(token)} />
        ))}
      </ul>
      <Revoke token={revoking} close={() => setRevoking(null)} />
      <p className={classes.quiet}>{t("tokens.onlyHash")}</p>
    </Card>
  );
}

function TokenRow({ token, revoke }: { token: Token; revoke: () => void }) {
  const { t } = useTranslation();
  const isOver = Date.parse(token.expiresAt) <= Date.now();
  return (
    <li className={classes.row}>
      <span className={classes.name}>{token.name}</span>
      <span className={classes.chips}>
        {token.scopes.map((scope) => (
          <Chip key={scope} tone="quiet">
            {t(`scope.${scope}`)}
          </Chip>
        ))}
        {isOver && <Chip tone="busy">{t("tokens.over")}</Chip>}
      </span>
      <span className={classes.quiet}>
        {t("tokens.expires")} <When at={token.expiresAt} as="day" />
        {" · "}
        {token.lastUsedAt === null ? (
          t("tokens.neverUsed")
        ) : (
          <>
            {t("tokens.lastUsed")} <When at={token.lastUsedAt} as="relative" />
          </>
        )}
      </span>
      <Button
        size="xs"
        variant="default"
        aria-label={t("tokens.revokeName", { name: token.name })}
        onClick={revoke}
      >
        {t("tokens.revoke")}
      </Button>
    </li>
  );
}

function Revoke({ token, close }: { token: Token | null; close: () => void }) {
  const { t } = useTranslation();
  const revoke = useRevokeToken();
  const run = () => {
    if (token !== null) revoke.mutate(token.id, { onSuccess: close });
  };
  return (
    <Dialog
      title={t("tokens.revokeName", { name: token?.name ?? "" })}
      opened={token !== null}
      close={close}
      act={{ label: t("tokens.revoke"), run, danger: true }}
      busy={revoke.isPending}
      error={revoke.error}
    >
      <p>{t("tokens.revokeWhat")}</p>
    </Dialog>
  );
}
