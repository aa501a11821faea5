import type { Present } from "@endstation/api";
import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { useHandOver } from "../../portal/sharing.ts";

interface HandOverProps {
  readonly id: string;
  readonly person: Pick<Present, "account" | "name" | "role">;
}

/** One click gives a viewer the keyboard, or takes it back from a member. */
export function HandOver({ id, person: { account, name, role } }: HandOverProps) {
  const { t } = useTranslation();
  const handOver = useHandOver(id);
  if (role !== "member" && role !== "viewer") return null;
  const way = role === "viewer" ? "give" : "take";
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        loading={handOver.isPending}
        aria-label={t(`share.${way}Name`, { name })}
        onClick={() => handOver.mutate({ account, as: role === "viewer" ? "member" : "viewer" })}
      >
        {t(`share.${way}`)}
      </Button>
      <span role="status" className="es-visually-hidden">
        {handOver.data?.as === role && t(`share.handed.${role}`, { name })}
      </span>
      {handOver.isError && <ProblemNotice error={handOver.error} />}
    </>
  );
}
