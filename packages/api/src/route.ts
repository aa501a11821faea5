import { z } from "zod";
import { empty, sessionId } from "./common.ts";
import type * as identity from "./identity.ts";

/** One call of the API. `answer` null: no body. */
export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below `/api/v1`, with `{name}` for parameters. */
  readonly path: string;
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body: z.ZodType | null;
  readonly status: 200 | 201 | 202 | 204;
  readonly answer: z.ZodType | null;
  /** What it takes: nobody logged in, or a token's scope. */
  readonly needs: "nothing" | identity.Scope;
}

/** What most calls have in common. */
export const byId = z.object({ id: sessionId });
export const bySlug = z.object({ id: z.string().min(1).max(200) });

export const get = {
  method: "GET",
  params: empty,
  query: empty,
  body: null,
  status: 200,
  needs: "read",
} as const;
export const post = {
  method: "POST",
  params: empty,
  query: empty,
  body: null,
  status: 200,
  needs: "sessions",
} as const;
