import { build } from "vite";
const r = await build({ configFile: "./vite.config.ts", logLevel: "error", build: { write: false } });
const by = {};
for (const c of r.output) if (c.type === "chunk") for (const [id, m] of Object.entries(c.modules)) { const k = (id.match(/node_modules\/((@[^/]+\/)?[^/]+)/)?.[1]) ?? "src"; by[k] = (by[k] ?? 0) + (m.renderedLength ?? m.code?.length ?? 0); }
console.log(Object.entries(by).sort((a, b) => b[1] - a[1]).slice(0, 25));
const core={};
for (const c of r.output) if (c.type === "chunk") for (const [id, m] of Object.entries(c.modules)) { const k = (id.match(/@mantine\/core\/esm\/(components\/[^/]+|[^/]+)/)?.[1]); if(k) core[k] = (core[k] ?? 0) + (m.renderedLength ?? m.code?.length ?? 0); }
console.log(Object.entries(core).sort((a, b) => b[1] - a[1]).slice(0, 25));
