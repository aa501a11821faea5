import type { Page } from "playwright-core";
import { Refusal } from "../portal/calls.ts";
import type { FakePortal } from "../portal/fake-portal.ts";
import { idOf, type running } from "../portal/fixtures/sessions.ts";

/** A page in one of its states: how it comes about, where it is, and what shows that it is there. */
export interface Place {
  readonly name: string;
  readonly path: string;
  readonly arrange?: (portal: FakePortal) => void;
  readonly ready: (page: Page) => Promise<unknown>;
  readonly further?: (page: Page) => Promise<unknown>;
}

export const heading = (name: string | RegExp) => (page: Page) =>
  page.getByRole("heading", { level: 1, name }).waitFor();
export const text = (words: string | RegExp) => (page: Page) => page.getByText(words).first().waitFor();
export const click = (role: "button" | "menuitem", name: string | RegExp) => (page: Page) =>
  page.getByRole(role, { name }).click();
export const never = () => new Promise(() => {});
const broken = new Refusal(
  503,
  "part-down",
  "A part of the portal is down",
  "the database does not answer",
  "Try again in a moment.",
);
export const refuse = () => {
  throw broken;
};
export const atSession = (number: number, make: (number: number) => ReturnType<typeof running>) => ({
  path: `/sessions/${idOf(number)}`,
  arrange: ({ world }: FakePortal) => {
    world.sessions = [make(number)];
    world.log = "[I] Serving at /run/session/jupyter.sock\n[W] kernel started\n".repeat(4);
  },
});
