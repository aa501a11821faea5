import { batchCases } from "./compute-provider-contract/batch-cases.ts";
import { cancelCases } from "./compute-provider-contract/cancel-cases.ts";
import { engineCases } from "./compute-provider-contract/engine-cases.ts";
import { isolationCases } from "./compute-provider-contract/isolation-cases.ts";
import { launchCases } from "./compute-provider-contract/launch-cases.ts";
import { limitCases } from "./compute-provider-contract/limit-cases.ts";
import { observeCases } from "./compute-provider-contract/observe-cases.ts";
import { reachCases } from "./compute-provider-contract/reach-cases.ts";
import type { ComputeSubject, ContractCase } from "./compute-provider-contract/subject.ts";
import { terminalCases } from "./compute-provider-contract/terminal-cases.ts";
import { terminateCases } from "./compute-provider-contract/terminate-cases.ts";

export type {
  ComputeSubject,
  ContractCase,
  EngineUnderTest,
  SpecChanges,
} from "./compute-provider-contract/subject.ts";

/**
 * Every promise of `ComputeProvider`, one case each, and one for each thing that its engine says it can do: run them
 * against a provider of your own with a subject for it.
 */
export function computeProviderContract<Connection>(
  subject: ComputeSubject<Connection>,
): readonly ContractCase<Connection>[] {
  return [
    ...launchCases<Connection>(),
    ...observeCases<Connection>(),
    ...terminateCases<Connection>(),
    ...reachCases<Connection>(),
    ...cancelCases<Connection>(),
    ...isolationCases<Connection>(),
    ...limitCases<Connection>(),
    ...batchCases<Connection>(),
    ...terminalCases<Connection>(),
    ...engineCases<Connection>(subject),
  ];
}
