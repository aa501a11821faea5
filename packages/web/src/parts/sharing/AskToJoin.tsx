import type { JoinRequest, Share } from "@endstation/api";
import { Button, NativeSelect, Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "../../portal/me.ts";
import { useAsk, useRequests, useWithdraw } from "../../portal/sharing.ts";
import { Lines, Loaded } from "../Loaded.tsx";
import { Notice } from "../Notice.tsx";
import { ProblemNotice } from "../ProblemNotice.tsx";
import { When } from "../When.tsx";
import classes from "./Sharing.module.css";

/** Asks a session's owner to be let in, and shows what becomes of it. `roles`: what can be asked for. */
export function AskToJoin({ id, roles }: { id: string; roles: readonly Share["as"][] }) {
  const account = useMe().data?.account;
  const requests = useRequests();
  return (
    <Loaded query={requests} shape={<Lines count={3} />}>
      {({ items }) => {
        const mine = items.find((one) => one.session.id === id && one.account === account);
        return mine?.state === "open" ? <Asked request={mine} /> : <Ask id={id} roles={roles} last={mine} />;
      }}
    </Loaded>
  );
}

function Asked({ request }: { request: JoinRequest }) {
  const { t } = useTranslation();
  const withdraw = useWithdraw();
  return (
    <>
      <Notice
        role="status"
        tone="busy"
        title={t("ask.waits")}
        actions={
          <Button
            size="xs"
            variant="default"
            loading={withdraw.isPending}
            onClick={() => withdraw.mutate(request.id)}
          >
            {t("ask.withdraw")}
          </Button>
        }
      >
        {t("ask.waitsUntil")} <When at={request.until} />
      </Notice>
      {withdraw.isError && <ProblemNotice error={withdraw.error} />}
    </>
  );
}

interface AskProps {
  readonly id: string;
  readonly roles: readonly Share["as"][];
  readonly last: JoinRequest | undefined;
}

function Ask({ id, roles, last }: AskProps) {
  const { t } = useTranslation();
  const ask = useAsk(id);
  const [role, setRole] = useState<Share["as"]>(roles[0] ?? "viewer");
  const [reason, setReason] = useState("");
  const words = reason.trim();
  const needsReason = role === "support";
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        ask.mutate({ as: role, ...(words === "" ? {} : { reason: words }) });
      }}
    >
      {(last?.state === "declined" || last?.state === "expired") && (
        <Notice role="status" tone="quiet" title={t(`ask.was.${last.state}`)} />
      )}
      <NativeSelect
        label={t("share.as")}
        value={role}
        onChange={({ currentTarget }) => setRole(roles.find((one) => one === currentTarget.value) ?? role)}
        data={roles.map((value) => ({ value, label: t(`share.role.${value}`) }))}
      />
      <Textarea
        label={needsReason ? t("ask.reason") : t("ask.reasonFree")}
        required={needsReason}
        maxLength={500}
        autosize
        minRows={2}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {needsReason && <p className={classes.quiet}>{t("ask.supportWhat")}</p>}
      {ask.isError && <ProblemNotice error={ask.error} />}
      <div>
        <Button type="submit" loading={ask.isPending}>
          {t("ask.act")}
        </Button>
      </div>
    </form>
  );
}
