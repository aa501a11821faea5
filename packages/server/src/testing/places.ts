import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** In how many containers a session has processes on this machine, whatever the engine knows of them. */
export function placesOf(sessionId: string): number {
  const places = new Set<string>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
      if (environment.includes(`ENDSTATION_SESSION=${sessionId}`))
        places.add(readlinkSync(`/proc/${pid}/ns/pid`));
    } catch {
      // It has ended meanwhile.
    }
  }
  return places.size;
}
