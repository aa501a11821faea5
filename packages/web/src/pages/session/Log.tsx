import type { Session } from "@endstation/api";
import { Button } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Card } from "../../parts/Card.tsx";
import { Lines, Loaded } from "../../parts/Loaded.tsx";
import { isEnded, mayDo } from "../../portal/phases.ts";
import { useSessionLog } from "../../portal/sessions.ts";
import classes from "./Session.module.css";

/** The last lines a session wrote, asked for when somebody wants them; a failure and a batch session show them at once. */
export function Log({ session }: { session: Session }) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState<boolean | null>(null);
  if (!mayDo("log", session)) return null;
  const shown = wanted ?? (session.phase === "failed" || session.job !== null);
  const button = (
    <Button size="xs" variant="default" aria-expanded={shown} onClick={() => setWanted(!shown)}>
      {shown ? t("session.hideLog") : t("session.showLog")}
    </Button>
  );
  return (
    <Card title={t("session.log")} id="log" aside={button}>
      {shown ? <Lately session={session} /> : <p className={classes.quiet}>{t("session.logWhat")}</p>}
    </Card>
  );
}

function Lately({ session }: { session: Session }) {
  const { t } = useTranslation();
  const log = useSessionLog(session.id, { enabled: true, live: !isEnded(session) });
  return (
    <Loaded query={log} shape={<Lines count={6} height={12} />}>
      {({ text }) =>
        text === "" ? <p className={classes.quiet}>{t("session.logEmpty")}</p> : <Text text={text} />
      }
    </Loaded>
  );
}

/** Stays at its end while it grows, unless somebody scrolled up. */
function Text({ text }: { text: string }) {
  const { t } = useTranslation();
  const box = useRef<HTMLPreElement>(null);
  const follows = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new text moves the end
  useEffect(() => {
    if (box.current !== null && follows.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  return (
    <pre
      ref={box}
      role="log"
      aria-live="off"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must get into it
      tabIndex={0}
      aria-label={t("session.log")}
      className={classes.log}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        follows.current = scrollTop + clientHeight > scrollHeight - 24;
      }}
    >
      {text}
    </pre>
  );
}
