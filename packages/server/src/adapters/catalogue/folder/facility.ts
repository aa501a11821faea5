import { Rejected } from "@endstation/core";
import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";

/** `facility.yaml`: what the archive declares. Every key is explained in README.md; an unknown one is an error. */
const slug = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?$/, "a slug: lower-case letters, digits and dashes");
const line = z.string().trim().min(1).max(300);
const text = z.string().trim().min(1).max(4000);
const moment = z.iso
  .datetime({ offset: true, error: "a moment with its time zone, such as 2001-02-07T08:54:21-06:00" })
  .transform((at) => Date.parse(at));
const accountName = z.string().regex(/^[a-z0-9][a-z0-9._@+-]{0,99}$/, "an account name");
const technique = z.strictObject({
  id: z.string().regex(/^PaNET\d{5,7}$/, "a PaNET id such as PaNET01188"),
  label: line,
});

const folder = z
  .string()
  .min(1)
  .max(500)
  .refine(
    (path) => path.split("/").every((part) => /^[^\p{C}*\\]+$/u.test(part) && part !== "." && part !== ".."),
    "a path below the archive, with / between its parts, without .. and *",
  );

const account = z.strictObject({
  account: accountName,
  name: line,
  email: z.email().nullable().default(null),
  roles: z.array(z.enum(["admin", "support", "instrument-scientist"])).default([]),
  sees: text.optional(),
});

const dataset = z.strictObject({
  id: slug,
  title: line,
  folder,
  kind: z.enum(["raw", "processed", "simulated"]),
  createdAt: moment.nullable().default(null),
  techniques: z.array(technique).max(20).optional(),
  definitions: z.array(line).max(20).default([]),
  sample: z
    .union([line, z.strictObject({ name: line, description: text.nullable().default(null) })])
    .nullable()
    .default(null),
  pid: line.nullable().default(null),
  parameters: z
    .array(
      z.strictObject({
        name: line,
        value: z.union([z.number(), line, z.array(z.number()).max(16)]),
        unit: line.nullable().default(null),
      }),
    )
    .max(60)
    .default([]),
  licence: line.nullable().default(null),
  source: z.strictObject({ package: line, version: line, homepage: z.url() }).nullable().default(null),
});

const proposal = z.strictObject({
  id: slug,
  title: line,
  abstract: text.default(""),
  facility: slug,
  instrument: slug,
  startsAt: moment.nullable().default(null),
  endsAt: moment.nullable().default(null),
  releaseAt: moment.nullable(),
  listed: z.boolean().default(false),
  licence: line.nullable().default(null),
  members: z
    .array(
      z.strictObject({
        account: accountName,
        name: line.optional(),
        role: z.enum(["principal-investigator", "member", "local-contact"]),
      }),
    )
    .default([]),
  datasets: z.array(dataset).default([]),
});

const instrument = z.strictObject({
  id: slug,
  name: line,
  facility: slug,
  description: text.optional(),
  techniques: z.array(technique).max(20).default([]),
});

const facilityFile = z.strictObject({
  version: z.literal(1),
  accounts: z.array(account).default([]),
  facilities: z.array(z.strictObject({ id: slug, name: line, short: line.optional() })),
  instruments: z.array(instrument),
  proposals: z.array(proposal),
});

export type Facility = z.output<typeof facilityFile>;
export type FacilityProposal = Facility["proposals"][number];
export type FacilityDataset = FacilityProposal["datasets"][number];

const mostTold = 8;

/** Reads `facility.yaml`. @throws Rejected `config-invalid` with every fault, its line and its path. */
export function parseFacility(file: string, yaml: string): Facility {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines, uniqueKeys: true });
  const [syntax] = document.errors;
  if (syntax !== undefined) throw invalid(file, [syntax.message.split("\n", 1)[0] ?? "it is not YAML"]);
  const parsed = facilityFile.safeParse(document.toJS({ maxAliasCount: 1000 }));
  if (parsed.success) {
    const faults = faultsOf(parsed.data);
    if (faults.length > 0) throw invalid(file, faults);
    return parsed.data;
  }
  throw invalid(
    file,
    parsed.error.issues.map(({ path, message }) => {
      const node = document.getIn(path, true) as { range?: readonly number[] } | undefined;
      const at = node?.range?.[0];
      const where = at === undefined ? "" : `line ${lines.linePos(at).line}, `;
      return `${where}${path.map(String).join(".")}: ${message}`;
    }),
  );
}

/** What no single value shows: names that do not exist, and ids that are there twice. */
function faultsOf(facility: Facility): string[] {
  const facilities = new Set(facility.facilities.map((one) => one.id));
  const instruments = new Set(facility.instruments.map((one) => one.id));
  const accounts = new Set(facility.accounts.map((one) => one.account));
  const unknown = (known: ReadonlySet<string>, id: string, where: string) =>
    known.has(id) ? [] : [`${where}: there is no "${id}"`];
  return [
    ...twice(
      facility.accounts.map((one) => one.account),
      "accounts",
    ),
    ...twice(
      facility.facilities.map((one) => one.id),
      "facilities",
    ),
    ...twice(
      facility.instruments.map((one) => one.id),
      "instruments",
    ),
    ...twice(
      facility.proposals.map((one) => one.id),
      "proposals",
    ),
    ...twice(
      facility.proposals.flatMap((one) => one.datasets.map((each) => each.id)),
      "datasets",
    ),
    ...facility.instruments.flatMap((one) =>
      unknown(facilities, one.facility, `instruments.${one.id}.facility`),
    ),
    ...facility.proposals.flatMap((one) => [
      ...unknown(facilities, one.facility, `proposals.${one.id}.facility`),
      ...unknown(instruments, one.instrument, `proposals.${one.id}.instrument`),
      ...twice(
        one.members.map((member) => member.account),
        `proposals.${one.id}.members`,
      ),
      ...one.members.flatMap(({ account: name, name: shown }) =>
        shown === undefined ? unknown(accounts, name, `proposals.${one.id}.members`) : [],
      ),
    ]),
  ];
}

function twice(ids: readonly string[], where: string): string[] {
  const again = ids.filter((id, index) => ids.indexOf(id) !== index);
  return [...new Set(again)].map((id) => `${where}: "${id}" is there twice`);
}

function invalid(file: string, faults: readonly string[]): Rejected {
  const told = faults.slice(0, mostTold).join("; ");
  const more = faults.length > mostTold ? `; and ${faults.length - mostTold} more` : "";
  return new Rejected("config-invalid", `${file}: ${told}${more}`);
}
