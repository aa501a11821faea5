import type { Observation, SessionEvent } from "../../src/session/event.ts";
import type { Situation, Step, World } from "./situation.ts";

export function stepsFrom({ session, world, now }: Situation): Step[] {
  const { attempt } = session;
  const tell = (name: string, event: SessionEvent, change: Partial<World> = {}, after = 1): Step => ({
    name,
    event,
    world: { ...world, ...change },
    after,
  });
  const see = (name: string, observation: Observation, asOf: number, after = 1): Step =>
    tell(name, { type: "observed", attempt, asOf, observation }, {}, after);
  const fresh = now + 1;
  const steps: Step[] = [
    tell("stop", { type: "stop-requested", reason: "user", by: "pi" }),
    tell("tick", { type: "tick" }),
    tell("tick late", { type: "tick" }, {}, 2_000),
    tell("tick at the end", { type: "tick" }, {}, Math.max(1, session.expiresAt - now)),
    tell("contact lost", { type: "contact-lost" }),
    tell("contact restored", { type: "contact-restored" }),
    see("stale: nothing", { state: "nothing" }, 0),
    see("stale: running", { state: "running" }, 0),
  ];
  if (session.expiresAt < 150_000) steps.push(tell("extended", { type: "extended", until: now + 150_000 }));
  if (world.asked) {
    steps.push({
      name: "compute begins",
      event: null,
      world: { ...world, alive: true, everAlive: true },
      after: 1,
    });
    if (world.alive)
      steps.push(
        tell("launch accepted", { type: "launch-accepted", attempt, handle: "h" }, { asked: false }),
      );
    else
      steps.push(
        tell(
          "launch refused",
          { type: "launch-refused", attempt, cause: { code: "too-large", detail: "" } },
          { asked: false },
        ),
      );
    if (session.phase !== "pending")
      steps.push(tell("launch abandoned", { type: "launch-abandoned", attempt }, { asked: false }));
  }
  if (session.handle !== null)
    steps.push(tell("launch accepted again", { type: "launch-accepted", attempt, handle: "h" }));
  if (world.terminateAsked && !world.asked)
    steps.push({
      name: "terminated",
      event: null,
      world: { ...world, alive: false, terminateAsked: false },
      after: 1,
    });
  if (!world.alive && !world.asked) {
    steps.push(see("nothing", { state: "nothing" }, fresh));
    if (world.everAlive) {
      steps.push(see("gone well", { state: "gone", exitCode: 0, cause: null }, fresh));
      steps.push(see("gone badly", { state: "gone", exitCode: 1, cause: null }, fresh));
      steps.push(
        see(
          "gone, killed",
          { state: "gone", exitCode: null, cause: { code: "out-of-memory", detail: "" } },
          fresh,
        ),
      );
    }
  }
  if (world.alive) {
    steps.push({ name: "compute ends", event: null, world: { ...world, alive: false }, after: 1 });
    steps.push(
      see("queued", { state: "queued", waiting: { reason: "resources", estimateSeconds: null } }, fresh),
    );
    steps.push(see("running", { state: "running" }, fresh));
    steps.push(see("running, later", { state: "running" }, fresh + 1_000, 1_001));
    steps.push(see("suspended", { state: "suspended" }, fresh));
    if (session.endpoints.length > 0)
      steps.push(tell("endpoint ready", { type: "endpoint-ready", attempt, endpoint: "jupyter" }));
    if (attempt < 2) steps.push(tell("requeued", { type: "requeued", attempt: attempt + 1 }));
  }
  if (attempt > 1)
    steps.push(tell("late attempt", { type: "endpoint-ready", attempt: attempt - 1, endpoint: "jupyter" }));
  if (attempt > 1)
    steps.push(
      tell("late attempt gone", {
        type: "observed",
        attempt: attempt - 1,
        asOf: fresh,
        observation: { state: "gone", exitCode: 1, cause: null },
      }),
    );
  return steps;
}
