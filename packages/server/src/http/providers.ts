import type { provider as providerSchema } from "@endstation/api";
import {
  drainProvider,
  listProviders,
  type ProvidersDeps,
  type ProviderView,
  resumeProvider,
} from "@endstation/core";
import type { z } from "zod";
import { type Handlers, wireInstant } from "./handlers.ts";

export function providerHandlers(
  deps: ProvidersDeps,
): Pick<Handlers, "listProviders" | "drainProvider" | "resumeProvider"> {
  return {
    listProviders: async ({ principal }) => ({
      items: (await listProviders(deps, principal)).map(wireProvider),
      next: null,
    }),
    drainProvider: async ({ principal, params }) =>
      wireProvider(await drainProvider(deps, principal, params.id)),
    resumeProvider: async ({ principal, params }) =>
      wireProvider(await resumeProvider(deps, principal, params.id)),
  };
}

function wireProvider({
  name,
  capabilities,
  drain,
  outageSince,
  liveSessions,
}: ProviderView): z.input<typeof providerSchema> {
  return {
    name,
    configured: capabilities !== null,
    kinds: [...(capabilities?.kinds ?? [])],
    isolation: capabilities?.isolation ?? null,
    drained: drain === null ? null : { by: drain.by, at: wireInstant(drain.at) },
    outageSince: wireInstant(outageSince),
    liveSessions,
  };
}
