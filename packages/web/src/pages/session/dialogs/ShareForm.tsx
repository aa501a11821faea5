import type { Session } from "@endstation/api";
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "../../../parts/ProblemNotice.tsx";
import { type Span, spanOf, spans, untilOf } from "../../../parts/sharing/spans.ts";
import { type ShareChange, useShare } from "../../../portal/sharing.ts";
import classes from "../Session.module.css";

const roles = ["member", "support", "viewer"] as const;

/** Lets one more person in: by account, as what, for how long. */
export function ShareForm({ session }: { session: Session }) {
  const { t } = useTranslation();
  const share = useShare(session.id);
  const [account, setAccount] = useState("");
  const [role, setRole] = useState<(typeof roles)[number]>("member");
  const [span, setSpan] = useState<Span>("end");
  const give = () => {
    const change: ShareChange = { account: account.trim(), as: role, ...untilOf(span) };
    if (change.account !== "") share.mutate(change, { onSuccess: () => setAccount("") });
  };
  return (
    <form
      className={classes.stack}
      onSubmit={(event) => {
        event.preventDefault();
        give();
      }}
    >
      <div className={classes.shareForm}>
        <TextInput
          data-autofocus
          required
          className={classes.wide}
          label={t("fact.account")}
          description={t("share.accountHint")}
          value={account}
          onChange={(event) => setAccount(event.currentTarget.value)}
        />
        <NativeSelect
          label={t("share.as")}
          value={role}
          onChange={(event) => setRole(roles.find((one) => one === event.currentTarget.value) ?? "member")}
          data={roles.map((value) => ({ value, label: t(`share.role.${value}`) }))}
        />
        <NativeSelect
          label={t("share.until")}
          value={span}
          onChange={(event) => setSpan(spanOf(event.currentTarget.value))}
          data={spans.map((value) => ({ value, label: t(`share.span.${value}`) }))}
        />
      </div>
      <p className={classes.quiet}>{t(`share.roleWhat.${role}`)}</p>
      {share.isError && <ProblemNotice error={share.error} />}
      <Button type="submit" loading={share.isPending} variant="default">
        {t("share.act")}
      </Button>
    </form>
  );
}
