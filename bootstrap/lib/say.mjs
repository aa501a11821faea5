/** One line of progress. On stderr: stdout belongs to the program that is started. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Says what is being done, does it, and says how long it took. */
export async function step(name, work) {
  const start = performance.now();
  say(`… ${name}`);
  const result = await work();
  say(`✔ ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  return result;
}
