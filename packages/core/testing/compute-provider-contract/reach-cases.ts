import { Rejected, Unavailable } from "../../src/errors.ts";
import { never } from "../cancel.ts";
import {
  type ComputeSubject,
  type ContractCase,
  check,
  eventually,
  seenAs,
  thrownBy,
  withSession,
} from "./subject.ts";

/** The way to a session, and its log. */
export function reachCases<Connection>(): ContractCase<Connection>[] {
  return [
    {
      name: "R21 dial reaches a session's endpoint, several times at once",
      skip: hasEndpoint,
      async run(subject) {
        await withSession(subject, async ({ provider, spec, target }) => {
          const endpoint = spec.endpoints[0] ?? "jupyter";
          const connections = await Promise.all([1, 2, 3].map(() => provider.dial(target, endpoint, never)));
          const answers = await Promise.all(connections.map((connection) => subject.greet(connection)));
          for (const answer of answers) check(answer !== "", "it said nothing");
          const byId = await provider.dial({ sessionId: spec.sessionId, handle: null }, endpoint, never);
          check((await subject.greet(byId)) !== "", "dialled by its id it said nothing");
        });
      },
    },
    {
      name: "dial rejects an endpoint that the session does not have",
      skip: hasEndpoint,
      async run(subject) {
        await withSession(subject, async ({ provider, spec, target }) => {
          const missing = (["desktop", "terminal", "jupyter"] as const).find(
            (one) => !spec.endpoints.includes(one),
          );
          check(missing !== undefined, "the session has every endpoint there is");
          const error = await thrownBy(provider.dial(target, missing, never));
          check(error instanceof Rejected, `not Rejected but ${error}`);
        });
      },
    },
    {
      name: "dial to an ended session, or to none, is Unavailable",
      skip: hasEndpoint,
      async run(subject) {
        await withSession(subject, async ({ provider, spec, target }) => {
          const endpoint = spec.endpoints[0] ?? "jupyter";
          await provider.terminate(target, never);
          await seenAs(subject, provider, target.handle, "gone");
          const none = { sessionId: "s-00000000000000000000", handle: null };
          for (const gone of [target, none]) {
            const error = await thrownBy(provider.dial(gone, endpoint, never));
            check(error instanceof Unavailable, `not Unavailable but ${error}`);
          }
        });
      },
    },
    {
      name: "R32 logs have what the session wrote, no more than asked for, also after its end",
      skip: (subject) => (subject.provider.capabilities.logs ? null : "it keeps no logs"),
      async run(subject) {
        await withSession(subject, async ({ provider, target }) => {
          const all = await eventually(subject, "a log", async () => {
            const text = (await provider.logs?.(target, 1_000_000, never)) ?? "";
            return text.length > 10 ? text : null;
          });
          const some = (await provider.logs?.(target, 10, never)) ?? "";
          check(some.length <= 10, `asked for 10 bytes, got ${some.length}`);
          await provider.terminate(target, never);
          await seenAs(subject, provider, target.handle, "gone");
          const after = (await provider.logs?.(target, 1_000_000, never)) ?? "";
          check(after.startsWith(all.slice(0, 10)), "after its end the log is another");
        });
      },
    },
  ];
}

function hasEndpoint<Connection>(subject: ComputeSubject<Connection>): string | null {
  return subject.provider.capabilities.endpoints.length > 0 ? null : "it has no endpoints";
}
