import { Unavailable } from "../../src/errors.ts";
import type { CancelSignal } from "../../src/ports/cancel-signal.ts";
import type { ComputeProvider, LaunchSpec } from "../../src/ports/compute-provider.ts";
import { cancelSource, never } from "../cancel.ts";
import { always, type ContractCase, check, equal, eventually, seenAs, thrownBy } from "./subject.ts";

/** Calling off. */
export function cancelCases<Connection>(): ContractCase<Connection>[] {
  return [
    {
      name: "a call whose signal is raised already does nothing and rejects",
      skip: always,
      async run(subject) {
        const { provider } = subject;
        const spec = await subject.spec();
        const { signal, cancel } = cancelSource();
        cancel();
        for (const call of calls(provider, spec, signal)) {
          const error = await thrownBy(call());
          check(error instanceof Unavailable, `not Unavailable but ${error}`);
        }
      },
    },
    {
      name: "a launch called off midway leaves nothing half done: asked again it runs, once",
      skip: always,
      async run(subject) {
        const { provider } = subject;
        const spec = await subject.spec();
        const { signal, cancel } = cancelSource();
        const called = provider.launch(spec, signal).catch((error: unknown) => error);
        cancel();
        await called;
        try {
          const { handle } = await provider.launch(spec, never);
          await seenAs(subject, provider, handle, "running");
        } finally {
          await provider.terminate({ sessionId: spec.sessionId, handle: null }, never);
        }
      },
    },
    {
      name: "observe ends when its signal is raised",
      skip: always,
      async run(subject) {
        const { provider } = subject;
        const { signal, cancel } = cancelSource();
        const state = { items: 0, ended: false };
        const watching = (async () => {
          for await (const _ of provider.observe(signal)) state.items += 1;
          state.ended = true;
        })();
        await eventually(subject, "the first list", async () => state.items > 0 || null);
        cancel();
        await watching;
        equal(state.ended, true, "ended");
      },
    },
  ];
}

function calls<Connection>(
  provider: ComputeProvider<Connection>,
  spec: LaunchSpec,
  signal: CancelSignal,
): (() => Promise<unknown>)[] {
  const target = { sessionId: spec.sessionId, handle: null };
  return [
    () =>
      provider.offers({ kind: spec.kind, flavour: spec.flavour, source: spec.source, folders: [] }, signal),
    () => provider.launch(spec, signal),
    () => provider.terminate(target, signal),
    () => provider.dial(target, spec.endpoints[0] ?? "jupyter", signal),
    ...(provider.logs === undefined ? [] : [() => provider.logs?.(target, 1, signal) ?? Promise.resolve()]),
  ];
}
