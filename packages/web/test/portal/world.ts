import type {
  AuditEntry,
  Datafile,
  Dataset,
  DatasetDetail,
  Environment,
  Flavour,
  JoinRequest,
  Link,
  Me,
  Notice,
  Plan,
  Present,
  Preview,
  Proposal,
  Provider,
  Session,
  Share,
  Token,
} from "@endstation/api";
import { datasets, details, files, previews, proposals } from "./fixtures/data.ts";
import { environments, flavours, plans } from "./fixtures/environments.ts";
import { pi } from "./fixtures/people.ts";
import { sessions } from "./fixtures/sessions.ts";

/** What the fake portal has; a test changes it as it likes. */
export interface World {
  me: Me | null;
  proposals: Proposal[];
  datasets: Dataset[];
  details: DatasetDetail[];
  files: Map<string, Datafile[]>;
  previews: Map<string, Preview>;
  environments: Environment[];
  flavours: Flavour[];
  plans: Plan[];
  sessions: Session[];
  shares: Map<string, Share[]>;
  links: Link[];
  requests: JoinRequest[];
  present: Present[];
  audit: AuditEntry[];
  tokens: Token[];
  providers: Provider[];
  notices: Notice[];
  log: string;
}

export function newWorld(): World {
  return {
    me: pi,
    proposals: structuredClone(proposals),
    datasets: structuredClone(datasets),
    details: structuredClone(details),
    files: structuredClone(files),
    previews: structuredClone(previews),
    environments: structuredClone(environments),
    flavours: structuredClone(flavours),
    plans: structuredClone(plans),
    sessions: sessions(),
    shares: new Map(),
    links: [],
    requests: [],
    present: [],
    audit: [],
    tokens: [],
    providers: [],
    notices: [],
    log: "",
  };
}
