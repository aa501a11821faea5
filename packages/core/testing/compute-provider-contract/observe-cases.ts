import type { ComputeProvider, Sighting } from "../../src/ports/compute-provider.ts";
import { cancelSource, never } from "../cancel.ts";
import { always, type ContractCase, check, eventually, listOf, seenAs, withSession } from "./subject.ts";

/** What is observed, also across restarts. */
export function observeCases<Connection>(): ContractCase<Connection>[] {
  return [
    {
      name: "observe begins with the full list, taken after it was asked",
      skip: always,
      async run(subject) {
        await withSession(subject, async ({ provider, target }) => {
          const asked = subject.now();
          const first = (await firstOf(provider, 1))[0];
          check(first?.type === "all", "the first item is not the full list");
          check(first.asOf >= asked, `it was taken at ${first.asOf}, before it was asked at ${asked}`);
          check(
            first.seen.some((seen) => seen.handle === target.handle),
            "the running session is not in it",
          );
        });
      },
    },
    {
      name: "observe tells of a start and of an end without being asked again",
      skip: always,
      async run(subject) {
        const { provider } = subject;
        const { signal, cancel } = cancelSource();
        const told: string[] = [];
        const watching = collect(provider.observe(signal), told);
        const spec = await subject.spec();
        const { handle } = await provider.launch(spec, never);
        await eventually(
          subject,
          "told of the start",
          async () => told.includes(`${handle} running`) || null,
        );
        await provider.terminate({ sessionId: spec.sessionId, handle }, never);
        const over = () => told.includes(`${handle} gone`) || told.at(-1)?.includes(handle) === false;
        await eventually(subject, "told of the end", async () => over() || null);
        cancel();
        await watching;
      },
    },
    {
      name: "R22 a provider made anew finds what an earlier one launched, and can end it",
      skip: always,
      async run(subject) {
        await withSession(subject, async ({ target }) => {
          const anew = await subject.open();
          await seenAs(subject, anew, target.handle, "running");
          await anew.terminate(target, never);
          await seenAs(subject, anew, target.handle, "gone");
        });
      },
    },
    {
      name: "what is killed from outside is observed as gone, with its cause, and not as an error",
      skip: (subject) =>
        subject.killFromOutside === undefined ? "the subject cannot kill from outside" : null,
      async run(subject) {
        await withSession(subject, async ({ provider, target }) => {
          await subject.killFromOutside?.(target.handle);
          const seen = await seenAs(subject, provider, target.handle, "gone");
          const gone = seen?.observation;
          check(gone?.state === "gone" && gone.cause?.code === "killed", `got ${JSON.stringify(gone)}`);
          const anew = (await listOf(await subject.open())).find((one) => one.handle === target.handle);
          check(
            anew === undefined || anew.observation.state === "gone",
            "a provider made anew sees it running",
          );
        });
      },
    },
  ];
}

async function firstOf<Connection>(
  provider: ComputeProvider<Connection>,
  count: number,
): Promise<Sighting[]> {
  const { signal, cancel } = cancelSource();
  const found: Sighting[] = [];
  for await (const sighting of provider.observe(signal)) {
    found.push(sighting);
    if (found.length === count) break;
  }
  cancel();
  return found;
}

async function collect(sightings: AsyncIterable<Sighting>, told: string[]): Promise<void> {
  for await (const sighting of sightings) {
    if (sighting.type === "all")
      told.push(sighting.seen.map((one) => `${one.handle} ${one.observation.state}`).join(", "));
    for (const { handle, observation } of sighting.type === "all" ? sighting.seen : [sighting.seen])
      told.push(`${handle} ${observation.state}`);
  }
}
