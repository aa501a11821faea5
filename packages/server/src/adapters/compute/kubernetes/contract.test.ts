import type { Duplex } from "node:stream";
import { after, describe, test } from "node:test";
import { computeProviderContract } from "@endstation/core/testing";
import { engine } from "../../../testing/engines.ts";
import { createKubernetesSubject } from "./subject.testing.ts";

/** The whole contract with real JupyterLabs in real pods, by exactly the rights that the chart gives. */
const kubernetes = engine("kubernetes");

describe("kubernetes", { skip: "reason" in kubernetes ? kubernetes.reason : false }, async () => {
  if ("reason" in kubernetes) return;
  const subject = await createKubernetesSubject(kubernetes.settings);
  after(() => subject.close());
  for (const { name, skip, run } of computeProviderContract<Duplex>(subject)) {
    const why = skip(subject);
    test(name, why === null ? {} : { skip: why }, () => run(subject));
  }
});
