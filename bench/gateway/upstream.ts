import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A session's server for uploads, which it swallows, and for WebSockets, whose bytes it sends back. Says its port. */
const server = createServer((request, response) => {
  request.on("end", () => response.end("{}"));
  request.resume();
});
server.requestTimeout = 0;
server.on("upgrade", (_request, socket) => {
  socket.on("error", () => socket.destroy());
  socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  socket.on("data", (chunk) => {
    if (socket.write(chunk)) return;
    socket.pause();
    socket.once("drain", () => socket.resume());
  });
  socket.on("end", () => socket.end());
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
process.stdin.resume().once("end", () => process.exit(0));
