import { Rejected, Unavailable } from "../../src/errors.ts";
import type { ComputeProvider, Sighting } from "../../src/ports/compute-provider.ts";
import { cancelSource, never } from "../cancel.ts";
import {
  type ComputeSubject,
  type ContractCase,
  check,
  type EngineUnderTest,
  equal,
  eventually,
  listOf,
  seenAs,
  thrownBy,
  withSession,
} from "./subject.ts";

/** What happens to an engine, and what it does by itself. */
export function engineCases<Connection>({ engine }: ComputeSubject<Connection>): ContractCase<Connection>[] {
  if (engine === undefined) return [];
  return [
    {
      name: "R22 an engine that cannot be asked: Unavailable everywhere, nothing is declared gone, and all is there when it is back",
      skip: needs("cut"),
      async run(subject) {
        await withSession(subject, async ({ provider, target, spec }) => {
          const engine = subject.engine as EngineUnderTest;
          await engine.cut();
          try {
            const { signal, cancel } = cancelSource();
            const seen = await whileCut(provider, signal, subject.sleep(3_000).then(cancel));
            for (const one of seen.filter((one) => one.sessionId === spec.sessionId))
              check(one.observation.state !== "gone", "it was declared gone while nobody could be asked");
            const other = await subject.spec();
            const error = await thrownBy(
              withinSeconds(subject, 30, (until) => provider.launch(other, until)),
            );
            check(error instanceof Unavailable, `a launch was answered ${error}`);
          } finally {
            await engine.mend();
          }
          await seenAs(subject, provider, target.handle, "running");
          await seenAs(subject, await subject.open(), target.handle, "running");
          await greeted(subject, provider, target);
        });
      },
    },
    {
      name: "R22 an engine that comes back while nobody listens tells the next provider the truth",
      skip: needs("cut"),
      async run(subject) {
        await withSession(subject, async ({ target }) => {
          await subject.engine?.cut();
          await subject.engine?.mend();
          const anew = await subject.open();
          await seenAs(subject, anew, target.handle, "running");
          await anew.terminate(target, never);
          await seenAs(subject, anew, target.handle, "gone");
        });
      },
    },
    {
      name: "a launch cut off by the engine's end leaves at most one, and asked again there is one",
      skip: needs("cut"),
      async run(subject) {
        const { provider } = subject;
        const spec = await subject.spec();
        try {
          const { signal, cancel } = cancelSource();
          const launched = provider.launch(spec, signal).catch((error: unknown) => error);
          await subject.engine?.cut();
          await Promise.race([launched, subject.sleep(5_000).then(cancel)]);
          await subject.engine?.mend();
          await launched;
          const { handle } = await eventually(subject, "a launch", () =>
            provider.launch(spec, never).catch((error: unknown) => {
              if (error instanceof Unavailable) return null;
              throw error;
            }),
          );
          await seenAs(subject, provider, handle, "running");
          const ours = (await listOf(provider)).filter((one) => one.sessionId === spec.sessionId);
          equal(ours.filter((one) => one.observation.state !== "gone").length, 1, "sessions of that id");
        } finally {
          await provider.terminate({ sessionId: spec.sessionId, handle: null }, never);
        }
      },
    },
    ...(engine.ends ?? []).map(
      ({ what, code, changes, bring }): ContractCase<Connection> => ({
        name: `a session that the engine ends is gone with its cause: ${what}`,
        skip: () => null,
        async run(subject) {
          await withSession(
            subject,
            async ({ provider, target }) => {
              await bring(target.handle);
              const gone = (await seenAs(subject, provider, target.handle, "gone"))?.observation;
              check(gone?.state === "gone" && gone.cause?.code === code, `got ${JSON.stringify(gone)}`);
              check(gone.cause.detail.length > 3, "the engine's own words are missing");
            },
            changes ?? {},
          );
        },
      }),
    ),
    ...(engine.impossible ?? []).map(
      ({ what, code, changes }): ContractCase<Connection> => ({
        name: `what can never be placed is refused, not queued for ever: ${what}`,
        skip: () => null,
        async run(subject) {
          const { provider } = subject;
          const spec = await subject.spec(changes);
          const { kind, flavour, source } = spec;
          const offer = await provider.offers({ kind, flavour, source, folders: [] }, never);
          const answered = offer.fits ? await refusalOfLaunch(subject, spec.sessionId, changes) : offer.code;
          equal(answered, code, "the code");
        },
      }),
    ),
    {
      name: "R24 what waits in the engine's queue says why, and can be called off there",
      skip: needs("fill"),
      async run(subject) {
        const { provider } = subject;
        const spec = await subject.spec();
        const giveBack = await subject.engine?.fill?.(spec.flavour);
        try {
          const { handle } = await provider.launch(spec, never);
          const queued = (await seenAs(subject, provider, handle, "queued"))?.observation;
          check(
            queued?.state === "queued" && (queued.waiting?.reason ?? "").length > 3,
            JSON.stringify(queued),
          );
          await provider.terminate({ sessionId: spec.sessionId, handle }, never);
          await seenAs(subject, provider, handle, "gone");
        } finally {
          await giveBack?.();
          await provider.terminate({ sessionId: spec.sessionId, handle: null }, never);
        }
      },
    },
    {
      name: "among a thousand that are not ours, exactly ours are listed",
      skip: needs("crowd"),
      async run(subject) {
        await withSession(subject, async ({ target }) => {
          const takeAway = await subject.engine?.crowd?.(1_000);
          try {
            const before = await listOf(await subject.open());
            check(
              before.some((one) => one.handle === target.handle),
              "ours is not listed",
            );
            check(before.length < 500, `${before.length} are listed`);
          } finally {
            await takeAway?.();
          }
        });
      },
    },
    {
      name: "R43 nobody who may look at the engine finds a session's secret there",
      skip: needs("readableOf"),
      async run(subject) {
        await withSession(subject, async ({ target, spec }) => {
          const secrets = (await subject.engine?.secretsOf?.(spec)) ?? [];
          check(secrets.length > 0, "the subject names no secret to look for");
          const readable = (await subject.engine?.readableOf?.(target.handle)) ?? "";
          check(readable.includes(spec.sessionId), "what was read is not of that session");
          for (const secret of secrets) check(!readable.includes(secret), "a secret can be read");
        });
      },
    },
    {
      name: "watching costs the engine no more for three sessions than for none",
      skip: needs("calls"),
      async run(subject) {
        const { signal, cancel } = cancelSource();
        const calls = async () => (await subject.engine?.calls?.()) ?? 0;
        await withSession(subject, async (one) =>
          withSession(subject, async (two) =>
            withSession(subject, async (three) => {
              const watching = whileCut(subject.provider, signal, Promise.resolve());
              await subject.sleep(3_000);
              const before = await calls();
              await subject.sleep(21_000);
              const made = (await calls()) - before;
              cancel();
              await watching;
              const ids = [one, two, three].map(({ spec }) => spec.sessionId);
              check(made <= 4, `${made} calls within 21 s for ${ids.length} sessions that only run`);
            }),
          ),
        );
      },
    },
  ];
}

/** Everything that is told until the signal is raised; that it cannot be asked is no news here. */
async function whileCut<Connection>(
  provider: ComputeProvider<Connection>,
  signal: Parameters<ComputeProvider<Connection>["observe"]>[0],
  over: Promise<void>,
) {
  const told: Extract<Sighting, { type: "all" }>["seen"][number][] = [];
  const watching = (async () => {
    for await (const sighting of provider.observe(signal))
      told.push(...(sighting.type === "all" ? sighting.seen : [sighting.seen]));
  })().catch((error: unknown) => check(error instanceof Unavailable, `observe threw ${error}`));
  await over;
  if (signal.aborted) await watching;
  return told;
}

async function withinSeconds<Connection, T>(
  subject: ComputeSubject<Connection>,
  seconds: number,
  call: (signal: ReturnType<typeof cancelSource>["signal"]) => Promise<T>,
): Promise<T> {
  const { signal, cancel } = cancelSource();
  void subject.sleep(seconds * 1_000).then(cancel);
  return call(signal);
}

async function greeted<Connection>(
  subject: ComputeSubject<Connection>,
  provider: ComputeProvider<Connection>,
  target: { readonly sessionId: string; readonly handle: string },
): Promise<void> {
  const said = await eventually(subject, "an answer", () =>
    provider.dial(target, "jupyter", never).then(
      (connection) => subject.greet(connection),
      () => null,
    ),
  );
  check(said !== "", "it said nothing");
}

async function refusalOfLaunch<Connection>(
  subject: ComputeSubject<Connection>,
  sessionId: string,
  changes: object,
): Promise<string> {
  const { provider } = subject;
  try {
    const { handle } = await provider.launch(await subject.spec({ ...changes, sessionId }), never);
    const gone = (await seenAs(subject, provider, handle, "gone"))?.observation;
    return gone?.state === "gone" ? (gone.cause?.code ?? "no cause") : "not gone";
  } catch (error) {
    if (error instanceof Rejected) return error.refusal.code;
    throw error;
  } finally {
    await provider.terminate({ sessionId, handle: null }, never);
  }
}

function needs<Connection>(member: keyof EngineUnderTest) {
  return (subject: ComputeSubject<Connection>): string | null => {
    return subject.engine?.[member] === undefined ? `the subject's engine has no "${member}"` : null;
  };
}
