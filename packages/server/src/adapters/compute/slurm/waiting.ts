import type { Waiting } from "@endstation/core";
import type { Job } from "./slurm.ts";

/** Slurm's words for why a job waits, for people. */
const reasons: Readonly<Record<string, string>> = {
  Resources: "it waits for processors and memory to become free",
  Priority: "other jobs are before it",
  Dependency: "it waits for another job",
  BeginTime: "Slurm starts it a little later",
  Cleaning: "what ran before is being cleared up",
  JobHeldUser: "it is held by its owner",
  JobHeldAdmin: "it is held by an operator of the cluster",
  PartitionDown: "its partition starts no jobs at the moment",
  PartitionInactive: "its partition takes no jobs at the moment",
  Licenses: "it waits for a licence",
  Reservation: "it waits for its reservation to begin",
  Prolog: "its node is being prepared",
  NodeDown: "its node is down",
  ReqNodeNotAvail: "the nodes that it could have are down or reserved",
  FrontEndDown: "the cluster's front end is down",
};

/** Longer ones, which carry more behind. */
const beginnings: readonly (readonly [RegExp, string])[] = [
  [/^ReqNodeNotAvail|^Nodes?_?required/i, reasons["ReqNodeNotAvail"] as string],
  [/^Resv|^Reserv/, "it waits for its reservation"],
  [/^(Assoc|QOS|Account).*(Limit|Grp|Max)/, "a limit of its account on the cluster is used up"],
  [/^launch failed/i, "it could not be started, and is held"],
];

/** As the portal shows it, with Slurm's own word behind. */
export function waitingFor({ states, reason, startsAt }: Job, now: number): Waiting {
  const word = states.includes("CONFIGURING") ? "CONFIGURING" : reason || states.join(", ");
  const told =
    word === "CONFIGURING"
      ? "its node is being switched on"
      : (reasons[word] ??
        beginnings.find(([pattern]) => pattern.test(word))?.[1] ??
        "it waits in Slurm's queue");
  const estimateSeconds = startsAt !== null && startsAt > now ? Math.round((startsAt - now) / 1000) : null;
  return { reason: `${told} (${word})`, estimateSeconds };
}

/** Reasons that no waiting mends: the job asks for what it can never have. */
const hopeless =
  /^(PartitionConfig|MaxMemPerLimit|PartitionTimeLimit|PartitionNodeLimit|BadConstraints|AccountNotAllowed|QOSNotAllowed|InvalidAccount|InvalidQOS|ReservationDeleted|JobHoldMaxRequeue|DependencyNeverSatisfied|(Assoc|QOS)(Max|Min)\w*(PerJob|PerNode)\w*)/;

/** Why a queued job will never start, in words; null: it may. */
export function whyNever({ states, reason }: Job): string | null {
  return states.includes("PENDING") && hopeless.test(reason)
    ? `Slurm would never start it (${reason}): its size, time limit, account or partition do not fit`
    : null;
}
