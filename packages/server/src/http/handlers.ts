import type { RouteName, routes } from "@endstation/api";
import type { CancelSignal, Principal } from "@endstation/core";
import type { z } from "zod";

type RouteOf<Name extends RouteName> = (typeof routes)[Name];
type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
type Sent<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined;

/** One call, parsed and authenticated. `principal` is null only where the route needs nothing. */
export interface Call<Name extends RouteName> {
  readonly principal: RouteOf<Name>["needs"] extends "nothing" ? Principal | null : Principal;
  readonly params: Parsed<RouteOf<Name>["params"]>;
  readonly query: Parsed<RouteOf<Name>["query"]>;
  readonly body: Parsed<RouteOf<Name>["body"]>;
  readonly idempotencyKey: string | null;
  /** The network address it came from, as far as proxies are trusted. */
  readonly address: string;
  /** Raised when the client has gone. */
  readonly signal: CancelSignal & AbortSignal;
}

export type Handler<Name extends RouteName> = (call: Call<Name>) => Promise<Sent<RouteOf<Name>["answer"]>>;

/** A file per resource gives its part; compose.ts joins them, and the compiler sees that none is missing. */
export type Handlers = { readonly [Name in RouteName]: Handler<Name> };

/** The wire's form of a moment. */
export function wireInstant(at: number): string;
export function wireInstant(at: number | null): string | null;
export function wireInstant(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
