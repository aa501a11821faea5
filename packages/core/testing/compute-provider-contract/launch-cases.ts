import { Rejected } from "../../src/errors.ts";
import { never } from "../cancel.ts";
import { always, type ContractCase, check, equal, listOf, seenAs, thrownBy, withSession } from "./subject.ts";

/** Offers and launches. */
export function launchCases<Connection>(): ContractCase<Connection>[] {
  return [
    {
      name: "capabilities are declared and the same for every provider made over one back-end",
      skip: always,
      async run(subject) {
        const [one, two] = [subject.provider, await subject.open()];
        equal(one.capabilities, two.capabilities, "capabilities");
        equal(one.capabilities, subject.provider.capabilities, "capabilities");
      },
    },
    {
      name: "R24 an offer says that a size fits, and a code why one never does",
      skip: always,
      async run(subject) {
        const { provider } = subject;
        const { kind, flavour, source } = await subject.spec();
        const fits = await provider.offers({ kind, flavour, source, folders: [] }, never);
        check(fits.fits && fits.waitSeconds >= 0, `a small one should fit: ${JSON.stringify(fits)}`);
        const huge = { ...flavour, memoryMiB: 1024 * 1024 * 1024 };
        const never_ = await provider.offers({ kind, flavour: huge, source, folders: [] }, never);
        check(
          !never_.fits && never_.code === "too-large" && never_.detail !== "",
          `got ${JSON.stringify(never_)}`,
        );
      },
    },
    {
      name: "R20 a launch answers with a handle, and the session is then seen running",
      skip: always,
      async run(subject) {
        await withSession(subject, async ({ provider, spec, target }) => {
          const seen = await seenAs(subject, provider, target.handle, "running");
          equal(seen?.sessionId, spec.sessionId, "the session's id");
          equal(seen?.attempt, spec.attempt, "the attempt");
        });
      },
    },
    {
      name: "a launch asked twice, one after the other, runs one session under one handle",
      skip: always,
      async run(subject) {
        await withSession(subject, async ({ provider, spec, target }) => {
          equal((await provider.launch(spec, never)).handle, target.handle, "the handle");
          equal(
            (await (await subject.open()).launch(spec, never)).handle,
            target.handle,
            "from another portal",
          );
          await onlyOne(provider, spec.sessionId);
        });
      },
    },
    {
      name: "a launch asked six times at once by two portals runs one session under one handle",
      skip: always,
      async run(subject) {
        const [one, two] = [subject.provider, await subject.open()];
        const spec = await subject.spec();
        try {
          const asked = [one, two, one, two, one, two].map((provider) => provider.launch(spec, never));
          const handles = new Set((await Promise.all(asked)).map(({ handle }) => handle));
          equal(handles.size, 1, "handles");
          await seenAs(subject, one, [...handles][0] as string, "running");
          await onlyOne(two, spec.sessionId);
        } finally {
          await one.terminate({ sessionId: spec.sessionId, handle: null }, never);
        }
      },
    },
    {
      name: "an attempt that has ended is not started again by a late launch",
      skip: always,
      async run(subject) {
        await withSession(subject, async ({ provider, spec, target }) => {
          await provider.terminate(target, never);
          await seenAs(subject, provider, target.handle, "gone");
          equal((await provider.launch(spec, never)).handle, target.handle, "the handle");
          await subject.sleep(300);
          const seen = (await listOf(provider)).find((one) => one.handle === target.handle);
          check(seen === undefined || seen.observation.state === "gone", "it was started again");
        });
      },
    },
    {
      name: "the next attempt of a session is another one",
      skip: always,
      async run(subject) {
        await withSession(subject, async ({ provider, spec, target }) => {
          await provider.terminate(target, never);
          await seenAs(subject, provider, target.handle, "gone");
          const next = await subject.spec({ sessionId: spec.sessionId, attempt: spec.attempt + 1 });
          const { handle } = await provider.launch(next, never);
          check(handle !== target.handle, "it has the handle of the first");
          const seen = await seenAs(subject, provider, handle, "running");
          equal(seen?.attempt, spec.attempt + 1, "the attempt");
        });
      },
    },
    {
      name: "what can never be started is rejected with a code, and nothing of it stays",
      skip: always,
      async run(subject) {
        const { provider } = subject;
        const spec = await subject.spec({ source: {} });
        const error = await thrownBy(provider.launch(spec, never));
        check(error instanceof Rejected, `not rejected but ${error}`);
        equal(error.refusal.code, "environment-unavailable", "the code");
        const listed = (await listOf(provider)).filter((seen) => seen.sessionId === spec.sessionId);
        equal(listed, [], "what is listed of it");
      },
    },
  ];
}

async function onlyOne<Connection>(
  provider: Parameters<typeof listOf<Connection>>[0],
  sessionId: string,
): Promise<void> {
  const ours = (await listOf(provider)).filter((seen) => seen.sessionId === sessionId);
  equal(ours.length, 1, "sessions listed");
}
