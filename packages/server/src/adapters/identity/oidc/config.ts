import { z } from "zod";

const isLoopback = (host: string) => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host);

const issuer = z.url().refine(
  (text) => {
    const { protocol = "", hostname = "", search, hash } = URL.parse(text) ?? {};
    return (
      (protocol === "https:" || (protocol === "http:" && isLoopback(hostname))) &&
      search === "" &&
      hash === ""
    );
  },
  { message: "an https address without query or fragment (http only on the loopback address)" },
);

const claimNames = z.array(z.string().min(1)).min(1);

/** `identity` of the configuration, when people log in at an OpenID Connect issuer. */
export const oidcConfig = z.strictObject({
  issuer: issuer.describe("The issuer's address, exactly as its discovery document has it"),
  clientId: z.string().min(1).describe("What the issuer knows the portal as"),
  clientSecretFile: z
    .string()
    .min(1)
    .optional()
    .describe(
      "A file with the client's secret; without it the portal is a public client and PKCE alone protects it",
    ),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/))
    .default(["openid", "profile", "email"])
    .describe("What is asked of the issuer; `openid` is always asked"),
  claims: z
    .strictObject({
      account: claimNames.default(["preferred_username"]).describe("Her account, the same for ever"),
      name: claimNames.default(["name"]).describe("What people call her"),
      email: claimNames.default(["email"]).describe("Her address"),
      groups: claimNames.default(["groups"]).describe("Her groups, as a list"),
    })
    .prefault({})
    .describe("Which claims say what of a person; the first that is there counts"),
  roles: z
    .strictObject({
      admin: z.array(z.string()).default([]).describe("Groups whose members have this role"),
      support: z.array(z.string()).default([]).describe("Groups whose members have this role"),
      "instrument-scientist": z.array(z.string()).default([]).describe("Groups whose members have this role"),
    })
    .prefault({})
    .describe("Which of the groups give a role in the whole facility"),
});

export type OidcConfig = z.output<typeof oidcConfig>;
