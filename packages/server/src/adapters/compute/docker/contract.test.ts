import type { Duplex } from "node:stream";
import { after, describe, test } from "node:test";
import { computeProviderContract } from "@endstation/core/testing";
import { engine } from "../../../testing/engines.ts";
import { createDockerSubject, type SubjectOptions } from "./subject.testing.ts";

/** Accounts whose numbers the second engine gives to containers. */
const remapped = {
  people: {
    one: { uid: 561_001, gid: 562_001, groups: [563_001] },
    two: { uid: 561_002, gid: 562_002, groups: [] },
  },
};

/** The whole contract with real JupyterLabs in real containers, also on an engine that numbers accounts anew. */
const engines: readonly (readonly ["docker" | "docker-remapped", SubjectOptions])[] = [
  ["docker", {}],
  ["docker-remapped", remapped],
];
for (const [name, options] of engines) {
  const found = engine(name);
  describe(name, { skip: "reason" in found ? found.reason : false }, async () => {
    if ("reason" in found) return;
    const subject = await createDockerSubject(found.settings, options);
    after(() => subject.close());
    for (const { name, skip, run } of computeProviderContract<Duplex>(subject)) {
      const why = skip(subject);
      test(name, why === null ? {} : { skip: why }, () => run(subject));
    }
  });
}
