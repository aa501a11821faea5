#!/usr/bin/env node
// Runs a TypeScript program of this checkout on any Node from 20 on: fetches the Node and the packages it needs first.
// This file itself is readable for older ones, so that they can say what is missing.
const major = Number(process.versions.node.split(".")[0]);
if (major < 20) {
  process.stderr.write(
    `✖ node-too-old: Endstation needs Node.js 20 or newer to begin with; this is ${process.versions.node} (${process.execPath})\n` +
      "  Install a newer Node.js and start again.\n",
  );
  process.exitCode = 1;
} else {
  import("./lib/main.mjs").then((module) => module.main(process.argv.slice(2)));
}
