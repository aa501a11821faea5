import type { Duplex } from "node:stream";
import { after, describe, test } from "node:test";
import { computeProviderContract } from "@endstation/core/testing";
import { builtEnvironment } from "../../../testing/built-environment.ts";
import { createLocalSubject } from "./subject.testing.ts";

/**
 * The whole contract with real JupyterLabs in real sandboxes. Sessions are forked from a prepared process where there
 * is one; what a session can see and do is looked at for those that are started anew, too.
 */
const environment = builtEnvironment("nexus");
const skip =
  environment === null ? "the environment nexus is not built on this machine (npm start builds it)" : false;

for (const prepared of [1, 0])
  describe(prepared > 0 ? "local, forked from a prepared process" : "local, started anew", {
    skip,
  }, async () => {
    const subject = await createLocalSubject(environment ?? "", prepared > 0 ? { prepared } : {});
    after(() => subject.close());
    for (const { name, inside, skip: skipFor, run } of computeProviderContract<Duplex>(subject)) {
      if (prepared === 0 && inside !== true) continue;
      const reason = skipFor(subject);
      test(name, reason === null ? {} : { skip: reason }, () => run(subject));
    }
  });
