import type { Scope } from "@endstation/api";
import { Button, Checkbox, NativeSelect, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { useMe } from "../../portal/me.ts";

interface TokenFormProps {
  readonly make: (wanted: { name: string; scopes: Scope[]; expiresInSeconds: number }) => void;
  readonly busy: boolean;
  readonly error: unknown;
}

const days = [1, 7, 30, 90, 366] as const;

export function TokenForm({ make, busy, error }: TokenFormProps) {
  const { t } = useTranslation();
  const isAdmin = useMe().data?.roles.includes("admin") === true;
  const offered: readonly Scope[] = isAdmin ? ["read", "sessions", "admin"] : ["read", "sessions"];
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>(["read", "sessions"]);
  const [life, setLife] = useState<number>(90);
  const chosen = offered.filter((scope) => scopes.includes(scope));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen.length > 0) make({ name: name.trim(), scopes: chosen, expiresInSeconds: life * 86_400 });
      }}
    >
      <Stack>
        <TextInput
          data-autofocus
          required
          maxLength={100}
          label={t("fact.name")}
          description={t("tokens.nameHint")}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Checkbox.Group
          label={t("tokens.scopes")}
          value={scopes}
          onChange={setScopes}
          error={chosen.length === 0 ? t("tokens.noScope") : null}
        >
          <Stack gap="xs" mt="xs">
            {offered.map((scope) => (
              <Checkbox
                key={scope}
                value={scope}
                label={t(`scope.${scope}`)}
                description={t(`scopeWhat.${scope}`)}
              />
            ))}
          </Stack>
        </Checkbox.Group>
        <NativeSelect
          label={t("tokens.life")}
          value={String(life)}
          onChange={(event) => setLife(Number(event.currentTarget.value))}
          data={days.map((count) => ({ value: String(count), label: t("tokens.days", { count }) }))}
        />
        {error !== null && error !== undefined && <ProblemNotice error={error} />}
        <Button type="submit" loading={busy}>
          {t("tokens.make")}
        </Button>
      </Stack>
    </form>
  );
}
