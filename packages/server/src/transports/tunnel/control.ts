import type { Socket } from "node:net";
import type { Limits } from "./limits.ts";

const ping = "\n";
const newline = 10;
/** A launcher that reads its lines leaves none of them with us. */
const mostUnread = 64 * 1024;

/** Pings, and cuts the connection after silence, after anything that is no ping, or when nobody reads our lines. */
export function watchControl(control: Socket, limits: Limits): void {
  let heard = performance.now();
  const listen = (chunk: Buffer) => {
    heard = performance.now();
    if (chunk.some((byte) => byte !== newline)) control.destroy();
  };
  const beat = () => {
    const lost = performance.now() - heard > limits.silence || control.writableLength > mostUnread;
    if (lost) control.destroy();
    else control.write(ping);
  };
  const timer = setInterval(beat, limits.ping);
  control.once("close", () => clearInterval(timer));
  control.once("end", () => control.destroy());
  control.on("data", listen);
}
