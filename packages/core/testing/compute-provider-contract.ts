import { cancelCases } from "./compute-provider-contract/cancel-cases.ts";
import { isolationCases } from "./compute-provider-contract/isolation-cases.ts";
import { launchCases } from "./compute-provider-contract/launch-cases.ts";
import { limitCases } from "./compute-provider-contract/limit-cases.ts";
import { observeCases } from "./compute-provider-contract/observe-cases.ts";
import { reachCases } from "./compute-provider-contract/reach-cases.ts";
import type { ContractCase } from "./compute-provider-contract/subject.ts";
import { terminateCases } from "./compute-provider-contract/terminate-cases.ts";

export type { ComputeSubject, ContractCase, SpecChanges } from "./compute-provider-contract/subject.ts";

/** Every promise of `ComputeProvider`, one case each: run them against a provider of your own with a subject for it. */
export function computeProviderContract<Connection>(): readonly ContractCase<Connection>[] {
  return [
    ...launchCases<Connection>(),
    ...observeCases<Connection>(),
    ...terminateCases<Connection>(),
    ...reachCases<Connection>(),
    ...cancelCases<Connection>(),
    ...isolationCases<Connection>(),
    ...limitCases<Connection>(),
  ];
}
