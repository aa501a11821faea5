import type { proposal as proposalSchema } from "@endstation/api";
import { type FindDeps, getProposal, listProposals, type SeenProposal } from "@endstation/core";
import type { z } from "zod";
import { type Handlers, wireInstant } from "./handlers.ts";

type Wire = z.input<typeof proposalSchema>;

export interface ProposalsDeps {
  readonly find: FindDeps;
  /** How many sessions of each proposal are live; absent means none. */
  liveSessions(proposals: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

export function proposalHandlers(deps: ProposalsDeps): Pick<Handlers, "listProposals" | "getProposal"> {
  return {
    listProposals: async ({ principal, query }) => {
      const page = { limit: query.limit, cursor: query.cursor ?? null };
      const found = await listProposals(deps.find, principal, { mine: query.mine, page });
      return { items: await wireProposals(deps, found.items), next: found.next };
    },
    getProposal: async ({ principal, params }) => {
      const seen = await getProposal(deps.find, principal, params.id);
      return (await wireProposals(deps, [seen]))[0] as Wire;
    },
  };
}

/** How many sessions run is for the team: to others the number is always 0. */
async function wireProposals(deps: ProposalsDeps, seen: readonly SeenProposal[]): Promise<Wire[]> {
  const own = seen.filter((one) => one.myRole !== null).map((one) => one.proposal.id);
  const live = own.length === 0 ? new Map<string, number>() : await deps.liveSessions(own);
  return seen.map((one) => wireProposal(one, live.get(one.proposal.id) ?? 0));
}

function wireProposal({ proposal, myRole, datasetCount }: SeenProposal, liveSessionCount: number): Wire {
  const { id, title, summary, instrument, facility } = proposal;
  return {
    id,
    title,
    summary,
    instrument,
    facility,
    startsAt: wireInstant(proposal.startsAt),
    endsAt: wireInstant(proposal.endsAt),
    releaseAt: wireInstant(proposal.releaseAt),
    members: proposal.members.map(({ name, role }) => ({ name, role })),
    myRole,
    datasetCount,
    liveSessionCount,
  };
}
