import type { Access, DataPolicy, Principal, Release } from "../src/index.ts";

/** One row of the table that both the pure policy and the index's SQL must agree with. */
export interface MayReadCase {
  readonly name: string;
  readonly principal: Principal;
  readonly release: Release;
  readonly access: Access | null;
}

export const mayReadNow = Date.UTC(2026, 0, 15);

export const mayReadPolicy: DataPolicy = {
  instrumentsOf: { scientist: ["LRMECS", "LOQ"], former: ["LRMECS"], constructor: ["LOQ"] },
};

function person(account: string, roles: Principal["roles"] = []): Principal {
  return { account, name: account, email: null, roles, scopes: null };
}

const people: Readonly<Record<string, Principal>> = {
  pi: person("pi"),
  "a member": person("member"),
  "a stranger": person("stranger"),
  "an administrator": person("admin", ["admin"]),
  support: person("support", ["support"]),
  "the instrument's scientist": person("scientist", ["instrument-scientist"]),
  "a former scientist without the role": person("former"),
  "a scientist of no instrument": person("nobody", ["instrument-scientist"]),
  "an account named like a property": person("toString", ["instrument-scientist"]),
  "somebody with every role": person("all", ["admin", "support", "instrument-scientist"]),
  "an account that is a prefix of a member's": person("mem"),
  "a member's account in capitals": person("MEMBER"),
  "an account with quotes": person("' OR '1'='1"),
};

const times: Readonly<Record<string, number | null>> = {
  "released long ago": 0,
  "released this very moment": mayReadNow,
  "released in a moment": mayReadNow + 1,
  "never released": null,
};

/** Every person × release × listed or not × instrument: what each may do, worked out by hand here and nowhere else. */
export const mayReadCases: readonly MayReadCase[] = Object.entries(people).flatMap(([who, principal]) =>
  Object.entries(times).flatMap(([when, releaseAt]) =>
    [true, false].flatMap((listed) =>
      ["LRMECS", "SANS2D"].map((instrument) => ({
        name: `${who}: ${instrument}, ${when}, ${listed ? "listed" : "not listed"}`,
        principal,
        release: { releaseAt, listed, instrument, memberAccounts: ["pi", "member"] },
        access: expected(who, when, listed, instrument),
      })),
    ),
  ),
);

function expected(who: string, when: string, listed: boolean, instrument: string): Access | null {
  if (who === "pi" || who === "a member") return "member";
  if (who === "the instrument's scientist" && instrument === "LRMECS") return "member";
  if (when === "released long ago" || when === "released this very moment") return "open";
  return listed ? "embargoed" : null;
}
