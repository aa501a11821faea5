import type { Session } from "@endstation/api";
import { Button, NativeSelect, NumberInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CopyText } from "../../../parts/CopyText.tsx";
import { Lines, Loaded } from "../../../parts/Loaded.tsx";
import { Notice } from "../../../parts/Notice.tsx";
import { ProblemNotice } from "../../../parts/ProblemNotice.tsx";
import { useLinks, useMakeLink } from "../../../portal/sharing.ts";
import classes from "../Session.module.css";
import { LinkRow } from "./LinkRow.tsx";

/** Links that let others in: who came by them, new ones, and their end. */
export function ShareLinks({ session, opened }: { session: Session; opened: boolean }) {
  const { t } = useTranslation();
  const links = useLinks(session.id, opened);
  return (
    <section aria-labelledby="links" className={classes.stack}>
      <div>
        <h3 id="links" className={classes.subheading}>
          {t("links.title")}
        </h3>
        <p className={classes.quiet}>{t("links.lead")}</p>
      </div>
      <MakeLink id={session.id} />
      <Loaded query={links} shape={<Lines count={2} />}>
        {({ items }) =>
          items.length === 0 ? (
            <p className={classes.quiet}>{t("links.none")}</p>
          ) : (
            <ul className={classes.shares} aria-labelledby="links">
              {items.map((link) => (
                <LinkRow key={link.id} id={session.id} link={link} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}

const roles = ["viewer", "member"] as const;
const lengths = [1, 8, 24, 168, 720] as const;

function MakeLink({ id }: { id: string }) {
  const { t } = useTranslation();
  const make = useMakeLink(id);
  const [role, setRole] = useState<(typeof roles)[number]>("viewer");
  const [hours, setHours] = useState<number>(24);
  const [most, setMost] = useState<number | string>("");
  const span = (one: number) =>
    one < 48 ? t("links.hours", { count: one }) : t("links.days", { count: one / 24 });
  return (
    <form
      className={classes.stack}
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate({ as: role, hours, ...(typeof most === "number" ? { mostUses: most } : {}) });
      }}
    >
      <div className={classes.shareForm}>
        <NativeSelect
          label={t("links.as")}
          value={role}
          onChange={({ currentTarget }) => setRole(roles.find((one) => one === currentTarget.value) ?? role)}
          data={roles.map((value) => ({ value, label: t(`share.role.${value}`) }))}
        />
        <NativeSelect
          label={t("links.for")}
          value={String(hours)}
          onChange={({ currentTarget }) => setHours(Number(currentTarget.value))}
          data={lengths.map((one) => ({ value: String(one), label: span(one) }))}
        />
        <NumberInput
          label={t("links.most")}
          description={t("links.mostHint")}
          min={1}
          max={1000}
          allowDecimal={false}
          hideControls
          value={most}
          onChange={setMost}
        />
      </div>
      <p className={classes.quiet}>{t(`share.roleWhat.${role}`)}</p>
      {make.isError && <ProblemNotice error={make.error} />}
      <Button type="submit" variant="default" loading={make.isPending}>
        {t("links.make")}
      </Button>
      {make.data !== undefined && (
        <Notice role="status" tone="good" title={t("links.once")}>
          <p>{t("links.onceNext")}</p>
          <CopyText label={t("links.url")} value={make.data.url} />
        </Notice>
      )}
    </form>
  );
}
