import { Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "./ProblemNotice.tsx";

/** What of a query this needs to know. */
interface Query<Data> {
  readonly data: Data | undefined;
  readonly error: unknown;
  readonly isPending: boolean;
  refetch(): unknown;
}

interface LoadedProps<Data> {
  readonly query: Query<Data>;
  readonly children: (data: Data) => ReactNode;
  /** Its shape while it is loading. */
  readonly shape?: ReactNode;
}

/** Shows a query's answer, its shape while it loads, or why there is none. What was once loaded stays on the screen. */
export function Loaded<Data>({ query, children, shape }: LoadedProps<Data>) {
  const { t } = useTranslation();
  if (query.data !== undefined) return children(query.data);
  if (query.error !== null && query.error !== undefined)
    return <ProblemNotice error={query.error} retry={() => void query.refetch()} />;
  return (
    <div aria-busy="true">
      <span role="status" className="es-visually-hidden">
        {t("common.loading")}
      </span>
      <div aria-hidden>{shape ?? <Lines count={4} />}</div>
    </div>
  );
}

export function Lines({ count, height = 18 }: { count: number; height?: number }) {
  return Array.from({ length: count }, (_, index) => index).map((index) => (
    <Skeleton key={index} height={height} width={index % 3 === 2 ? "60%" : "100%"} mb={10} />
  ));
}
