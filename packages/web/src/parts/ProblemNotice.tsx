import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { problemOf } from "../portal/client.ts";
import { Notice } from "./Notice.tsx";

/** What went wrong in the portal's own words, with its stable code, and a way to try again. */
export function ProblemNotice({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  const problem = problemOf(error);
  const actions =
    retry === undefined ? undefined : (
      <Button size="xs" variant="default" onClick={retry}>
        {t("common.tryAgain")}
      </Button>
    );
  if (problem === null) {
    return (
      <Notice role="alert" tone="bad" title={t("problem.noAnswer")} actions={actions}>
        {t("problem.noAnswerNext")}
      </Notice>
    );
  }
  return (
    <Notice role="alert" tone="bad" title={problem.title} actions={actions}>
      <p>{problem.detail}</p>
      <p>{problem.next}</p>
      <CodeLine code={problem.code} {...(problem.instance === undefined ? {} : { id: problem.instance })} />
    </Notice>
  );
}

/** The stable code of a problem, to be looked up or told to support. */
export function CodeLine({ code, id }: { code: string; id?: string }) {
  const { t } = useTranslation();
  return (
    <p>
      <small>
        {t("problem.code")} <code>{code}</code> {id}
      </small>
    </p>
  );
}
