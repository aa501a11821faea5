import type { Link } from "@endstation/api";
import { Button, Checkbox, Group } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatMinute } from "../../../i18n/format.ts";
import { ProblemNotice } from "../../../parts/ProblemNotice.tsx";
import { useNow } from "../../../parts/useNow.ts";
import { When } from "../../../parts/When.tsx";
import { useRevokeLink } from "../../../portal/sharing.ts";
import classes from "../Session.module.css";

/** One link: as what it lets in, until when, who came by it; revoking it asks what is to become of them. */
export function LinkRow({ id, link }: { id: string; link: Link }) {
  const { t } = useTranslation();
  const [asks, setAsks] = useState(false);
  const now = useNow(30_000);
  const { uses, mostUses } = link;
  const isOver = Date.parse(link.until) <= now;
  return (
    <li>
      <span className={classes.person}>
        {t(`share.role.${link.as}`)}
        <span className={classes.quiet}>
          {", "}
          {isOver ? t("links.over") : t("links.until")} <When at={link.until} />
        </span>
      </span>
      <span className={classes.quiet}>
        {mostUses === null
          ? t("links.used", { count: uses.length })
          : t("links.usedOf", { count: uses.length, most: mostUses })}
      </span>
      <Button
        size="compact-sm"
        variant="default"
        aria-expanded={asks}
        aria-label={t("links.revokeName", { when: formatMinute(link.at) })}
        onClick={() => setAsks(!asks)}
      >
        {t("links.revoke")}
      </Button>
      {uses.length > 0 && (
        <ul className={`${classes.list} ${classes.uses}`}>
          {uses.map((use) => (
            <li key={use.account}>
              {use.name} ({use.account}), <When at={use.at} />
            </li>
          ))}
        </ul>
      )}
      {asks && <Revoke id={id} link={link} />}
    </li>
  );
}

function Revoke({ id, link }: { id: string; link: Link }) {
  const { t } = useTranslation();
  const revoke = useRevokeLink(id);
  const [shares, setShares] = useState(false);
  return (
    <div className={`${classes.stack} ${classes.uses}`}>
      <p className={classes.quiet}>{t("links.revokeWhat")}</p>
      {link.uses.length > 0 && (
        <Checkbox
          label={t("links.revokeShares", { count: link.uses.length })}
          checked={shares}
          onChange={(event) => setShares(event.currentTarget.checked)}
        />
      )}
      {revoke.isError && <ProblemNotice error={revoke.error} />}
      <Group>
        <Button
          size="xs"
          color="red.8"
          loading={revoke.isPending}
          onClick={() => revoke.mutate({ link: link.id, shares })}
        >
          {t("links.revokeAct")}
        </Button>
      </Group>
    </div>
  );
}
