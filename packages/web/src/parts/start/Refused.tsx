import type { Plan } from "@endstation/api";
import { Notice } from "../Notice.tsx";
import { CodeLine } from "../ProblemNotice.tsx";

/** Why a plan cannot be had now, and what else can be done. */
export function Refused({ cause }: { cause: NonNullable<Plan["cause"]> }) {
  return (
    <Notice warning tone="busy" title={cause.title} role="status">
      <p>{cause.detail}</p>
      <p>{cause.next}</p>
      <CodeLine code={cause.code} />
    </Notice>
  );
}
