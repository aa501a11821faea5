import type { JoinRequest, Share } from "@endstation/api";
import { Button, NativeSelect } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAnswer } from "../../portal/sharing.ts";
import { Notice } from "../Notice.tsx";
import { ProblemNotice } from "../ProblemNotice.tsx";
import classes from "./Sharing.module.css";
import { type Span, spanOf, spans, untilOf } from "./spans.ts";

const rolesFor: Readonly<Record<Share["as"], readonly Share["as"][]>> = {
  viewer: ["viewer", "member"],
  member: ["member", "viewer"],
  support: ["support", "viewer"],
};

/** Somebody asks to join a session of hers: who, which, as what and why; she answers here. */
export function RequestNotice({ request }: { request: JoinRequest }) {
  const { t } = useTranslation();
  const { name, account, session, reason } = request;
  return (
    <section aria-label={t("ask.byName", { name })}>
      <Notice
        role="alert"
        tone="note"
        title={t(`ask.wants.${request.as}`, { name, account, session: session.name })}
        actions={
          <Link to="/sessions/$id" params={{ id: session.id }}>
            {t("session.toIt")}
          </Link>
        }
      >
        {reason !== null && <p className={classes.reason}>{reason}</p>}
        <Answers request={request} />
      </Notice>
    </section>
  );
}

function Answers({ request: { id, as: asked } }: { request: JoinRequest }) {
  const { t } = useTranslation();
  const answer = useAnswer();
  const [role, setRole] = useState<Share["as"]>(asked);
  const [span, setSpan] = useState<Span>("end");
  const roles = rolesFor[asked];
  return (
    <>
      <div className={classes.answers}>
        <NativeSelect
          size="xs"
          label={t("share.as")}
          value={role}
          onChange={({ currentTarget }) => setRole(roles.find((one) => one === currentTarget.value) ?? asked)}
          data={roles.map((value) => ({ value, label: t(`share.role.${value}`) }))}
        />
        <NativeSelect
          size="xs"
          label={t("share.until")}
          value={span}
          onChange={({ currentTarget }) => setSpan(spanOf(currentTarget.value))}
          data={spans.map((value) => ({ value, label: t(`share.span.${value}`) }))}
        />
        <Button
          size="xs"
          loading={answer.isPending && answer.variables.answer === "yes"}
          onClick={() => answer.mutate({ request: id, answer: "yes", as: role, ...untilOf(span) })}
        >
          {t("share.act")}
        </Button>
        <Button
          size="xs"
          variant="default"
          loading={answer.isPending && answer.variables.answer === "no"}
          onClick={() => answer.mutate({ request: id, answer: "no" })}
        >
          {t("ask.no")}
        </Button>
      </div>
      <p className={classes.quiet}>{t(`share.roleWhat.${role}`)}</p>
      {answer.isError && <ProblemNotice error={answer.error} />}
    </>
  );
}
