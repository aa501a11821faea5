export interface DemonstrationOptions {
  /** Where built software is kept; the fetched packages are kept below it, in `packages`. */
  softwareFolder: string;
  /** The archive to make: `facility.yaml` and a folder for each dataset. */
  archiveFolder: string;
  /** A Python of one's own choice; where left out, the first that fits is found. */
  python?: string;
  onProgress?: (progress: { name: string; step: string; done: boolean }) => void;
}

export interface DemonstrationArchive {
  /** The description of the facility, its proposals and its accounts. */
  facilityFile: string;
  /** The folders of the datasets, relative to the archive. */
  datasets: string[];
}

export function buildDemonstrationArchive(options: DemonstrationOptions): Promise<DemonstrationArchive>;
