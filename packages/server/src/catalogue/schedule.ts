import { type HarvesterDeps, type HarvestReport, harvestOnce } from "./harvester.ts";

export interface ScheduleOptions {
  /** From the end of one harvest to the beginning of the next. */
  readonly everySeconds: number;
}

/** Harvests every catalogue at the start, at intervals, and when the catalogue says that it changed. */
export interface HarvestSchedule {
  /** The first harvest of every catalogue, whatever came of it. */
  readonly first: Promise<void>;
  /** Harvests now, or once more after the one that runs. */
  now(catalogue: string): Promise<HarvestReport | null>;
  /** The last report of each catalogue, for the status page. */
  reports(): readonly HarvestReport[];
  stop(): Promise<void>;
}

/** A file is often written in several steps: it is read when it has been quiet for so long. */
const quiet = 300;

export function startHarvesting(deps: HarvesterDeps, { everySeconds }: ScheduleOptions): HarvestSchedule {
  const ended = new AbortController();
  const reports = new Map<string, HarvestReport>();
  const lines = new Map<string, Promise<unknown>>();
  const timers = new Map<string, NodeJS.Timeout>();

  const run = async (name: string): Promise<HarvestReport | null> => {
    if (ended.signal.aborted) return null;
    clearTimeout(timers.get(name));
    try {
      const report = await harvestOnce(deps, name, ended.signal);
      if (report !== null) note(name, report);
      return report;
    } catch (error) {
      deps.log.error({ err: error, catalogue: name }, "the catalogue cannot be harvested");
      return null;
    } finally {
      plan(name, everySeconds * 1000);
    }
  };
  const now = (name: string) => {
    const next = (lines.get(name) ?? Promise.resolve()).then(() => run(name));
    lines.set(name, next);
    return next;
  };
  const plan = (name: string, after: number) => {
    clearTimeout(timers.get(name));
    if (ended.signal.aborted) return;
    timers.set(name, setTimeout(() => void now(name), after).unref());
  };
  const note = (name: string, report: HarvestReport) => {
    const before = reports.get(name);
    reports.set(name, report);
    if (report.failure !== null && before?.failure !== report.failure)
      deps.log.error(report, "the catalogue was not harvested");
    else if (report.changed + report.removed > 0 || before === undefined)
      deps.log.info(report, "the catalogue was harvested");
  };

  for (const [name, catalogue] of deps.catalogues)
    try {
      catalogue.watch?.(() => plan(name, quiet), ended.signal);
    } catch (error) {
      deps.log.warn({ err: error, catalogue: name }, "changes are only seen at intervals");
    }
  const first = Promise.all([...deps.catalogues.keys()].map(now)).then(() => {});
  return {
    first,
    now,
    reports: () => [...reports.values()],
    stop: async () => {
      ended.abort();
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.allSettled(lines.values());
    },
  };
}
