import { SegmentedControl, Switch, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Page } from "../../parts/Page.tsx";
import { useMe } from "../../portal/me.ts";
import { SessionList } from "./SessionList.tsx";
import classes from "./Sessions.module.css";
import { UsageLine } from "./UsageLine.tsx";

/** Live and ended sessions; for administrators and support everybody's. */
export function SessionsPage() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/sessions" });
  const navigate = useNavigate({ from: "/sessions" });
  const [words, setWords] = useState("");
  const phase = search.phase ?? "live";
  const roles = useMe().data?.roles ?? [];
  const seesAll = roles.includes("admin") || roles.includes("support");
  const change = (next: typeof search) => void navigate({ to: ".", search: next, replace: true });
  return (
    <Page title={t("sessions.title")} lead={<UsageLine />}>
      <div className={classes.bar}>
        <SegmentedControl
          aria-label={t("sessions.which")}
          value={phase}
          onChange={(value) => change({ ...search, phase: value === "ended" ? "ended" : "live" })}
          data={[
            { value: "live", label: t("sessions.live") },
            { value: "ended", label: t("sessions.ended") },
          ]}
        />
        {seesAll && (
          <Switch
            label={t("sessions.everybody")}
            checked={search.of === "everybody"}
            onChange={(event) =>
              change({ ...search, of: event.currentTarget.checked ? "everybody" : undefined })
            }
          />
        )}
        <TextInput
          type="search"
          aria-label={t("sessions.filter")}
          placeholder={t("sessions.filter")}
          leftSection={<IconSearch aria-hidden size={16} />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          className={classes.search}
        />
      </div>
      <SessionList phase={phase} all={seesAll && search.of === "everybody"} words={words} />
    </Page>
  );
}
