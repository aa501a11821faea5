import { Unavailable } from "@endstation/core";
import { unlessCalledOff } from "../../../transports/calling-off.ts";
import { Progress } from "./progress.ts";
import { credentialsFor, type Site } from "./site.ts";

interface Pull {
  readonly done: Promise<void>;
  readonly progress: Progress;
  readonly stop: AbortController;
  users: number;
}

/** Least time between two tellings of how far a pull is. */
const tellEvery = 1_000;

/** Images that the engine is getting for us, each once however many wait for it. */
export class Pulls {
  readonly #site: Site;
  readonly #advanced: () => void;
  readonly #running = new Map<string, Pull>();

  constructor(site: Site, advanced: () => void) {
    this.#site = site;
    this.#advanced = advanced;
  }

  /** In words. */
  progressOf(image: string): string {
    return String(this.#running.get(image)?.progress ?? "pulling image");
  }

  /**
   * Resolves when the engine has it. A pull that nobody waits for any more is called off.
   * @throws Rejected when it cannot be had · Unavailable when it cannot be had now, or the signal is raised.
   */
  async pull(image: string, signal: AbortSignal): Promise<void> {
    const pull = this.#running.get(image) ?? this.#begin(image);
    pull.users += 1;
    try {
      await unlessCalledOff(signal, () => pull.done);
    } finally {
      pull.users -= 1;
      if (pull.users === 0) pull.stop.abort();
    }
  }

  close(): void {
    for (const { stop } of this.#running.values()) stop.abort();
  }

  #begin(image: string): Pull {
    const progress = new Progress();
    const stop = new AbortController();
    const done = this.#carryOut(image, progress, stop.signal).finally(() => this.#running.delete(image));
    done.catch(() => {});
    const pull = { done, progress, stop, users: 0 };
    this.#running.set(image, pull);
    return pull;
  }

  async #carryOut(image: string, progress: Progress, signal: AbortSignal): Promise<void> {
    const { engine, config } = this.#site;
    let told = { words: "", at: 0 };
    for await (const line of engine.pull(image, await credentialsFor(config, image), signal)) {
      progress.add(line);
      const now = { words: String(progress), at: performance.now() };
      if (now.words === told.words || now.at < told.at + tellEvery) continue;
      told = now;
      this.#advanced();
    }
    if ((await engine.image(image)) === null) throw new Unavailable("the pull ended early");
  }
}
