import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { test } from "node:test";
import { enter } from "./testing/entering.ts";
import { withHouse } from "./testing/house.ts";

const atOnce = 16;
const requests = 800;

/** Requests a second, over connections that are kept. */
async function rateOf(
  options: { socketPath: string } | { host: string; port: number },
  headers: Record<string, string>,
) {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  let left = requests;
  const began = performance.now();
  const one = () =>
    new Promise<void>((resolve, reject) => {
      request({ ...options, path: "/api/status", headers, agent }, (answer) => {
        assert.equal(answer.statusCode, 200);
        answer.resume().on("end", resolve);
      })
        .on("error", reject)
        .end();
    });
  const worker = async () => {
    while (left-- > 0) await one();
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  agent.destroy();
  return (requests / (performance.now() - began)) * 1_000;
}

test("what passing through the gateway costs against asking the session directly (printed, not judged)", () =>
  withHouse(async (house) => {
    const cookie = await enter(house, house.first);
    const direct = { socketPath: house.inside.socket };
    const through = { host: "127.0.0.1", port: house.port };
    const rates: { direct: number[]; through: number[] } = { direct: [], through: [] };
    for (let round = 0; round < 3; round += 1) {
      rates.direct.push(await rateOf(direct, {}));
      rates.through.push(await rateOf(through, { host: house.first.host, cookie }));
    }
    const [one, other] = [median(rates.direct.slice(1)), median(rates.through.slice(1))];
    console.log(
      `figure: ${Math.round(other)} requests/s through the gateway, ${Math.round(one)} direct: ratio ${(other / one).toFixed(2)} (client, gateway and session in one process)`,
    );
    assert.ok(other > 0);
  }));

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
