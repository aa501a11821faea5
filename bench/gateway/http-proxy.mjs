// http-proxy as its documentation has it for production, with connections that are kept: port, its module, two targets.

import { Agent, createServer } from "node:http";
import { createRequire } from "node:module";

const [port, module, first, second] = process.argv.slice(2);
const { createProxyServer } = createRequire(import.meta.url)(module);
const proxy = createProxyServer({ agent: new Agent({ keepAlive: true }) });
proxy.on("error", () => {});
const target = ({ url }) => `http://127.0.0.1:${url.startsWith("/sockets") ? second : first}`;
const server = createServer((request, response) => proxy.web(request, response, { target: target(request) }));
server.on("upgrade", (request, socket, head) => proxy.ws(request, socket, head, { target: target(request) }));
server.listen(Number(port), "127.0.0.1");
