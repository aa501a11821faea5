import { never } from "../cancel.ts";
import { always, type ContractCase, equal, listOf, seenAs, withSession } from "./subject.ts";

/** Endings. */
export function terminateCases<Connection>(): ContractCase<Connection>[] {
  return [
    {
      name: "R20 terminate ends it, and again, and of something gone, and of what never was",
      skip: always,
      async run(subject) {
        await withSession(subject, async ({ provider, target }) => {
          await provider.terminate(target, never);
          await provider.terminate(target, never);
          await seenAs(subject, provider, target.handle, "gone");
          await provider.terminate(target, never);
          await provider.terminate({ sessionId: "s-00000000000000000000", handle: null }, never);
          await provider.terminate({ sessionId: "s-00000000000000000000", handle: "never-there" }, never);
        });
      },
    },
    {
      name: "an end that was asked for has no cause",
      skip: always,
      async run(subject) {
        await withSession(subject, async ({ provider, target }) => {
          await provider.terminate(target, never);
          const seen = await seenAs(subject, provider, target.handle, "gone");
          if (seen?.observation.state === "gone") equal(seen.observation.cause, null, "the cause");
        });
      },
    },
    {
      name: "a session whose launch's answer was lost is ended by its id alone",
      skip: always,
      async run(subject) {
        await withSession(subject, async ({ provider, spec, target }) => {
          await provider.terminate({ sessionId: spec.sessionId, handle: null }, never);
          await seenAs(subject, provider, target.handle, "gone");
        });
      },
    },
    {
      name: "ending one session leaves the others",
      skip: always,
      async run(subject) {
        await withSession(subject, async (stays) => {
          await withSession(subject, async ({ provider, target }) => {
            await provider.terminate(target, never);
            await seenAs(subject, provider, target.handle, "gone");
          });
          const seen = (await listOf(stays.provider)).find((one) => one.handle === stays.target.handle);
          equal(seen?.observation.state, "running", "the other one");
        });
      },
    },
  ];
}
