#!/usr/bin/env node
// The command. An installed package has JavaScript in dist/; a checkout has TypeScript, for which the Node that
// Endstation brings along is taken when the running one is too old.
import { existsSync } from "node:fs";

const packed = new URL("../dist/main.js", import.meta.url);
const source = new URL("../src/main.ts", import.meta.url);
const bootstrap = new URL("../../../bootstrap/lib/main.mjs", import.meta.url);
const canRunTypeScript = Number(process.versions.node.split(".")[0]) >= 24;

if (!existsSync(source) && existsSync(packed)) await import(packed.href);
else if (canRunTypeScript || !existsSync(bootstrap)) await import(source.href);
else {
  const { main } = await import(bootstrap.href);
  await main(["packages/cli/src/main.ts", ...process.argv.slice(2)]);
}
