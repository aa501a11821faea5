/** Bounds of what a reader process may use and say; all sizes in bytes, all spans in milliseconds. */
export const limits = {
  /** From one sign of life to the next: a file that takes longer is given up. */
  perFile: 20_000,
  /** CPU seconds of a whole process, enforced by the kernel. */
  cpuSeconds: { worker: 120, serving: 1_200 },
  /** Private writable memory, enforced by the kernel. */
  memoryKiB: 1_400_000,
  /** JavaScript heap, in MiB. */
  heapMiB: { worker: 256, serving: 512 },
  line: 2 * 1024 * 1024,
  output: 64 * 1024 * 1024,
  /** Files of one dataset that may fail before the rest is left alone. */
  failures: 8,
  /** Jobs that wait at once. */
  waiting: 200,
  serving: {
    /** A question that takes longer is given up, and its process with it. */
    perQuestion: 20_000,
    /** After so long without a question a process is ended. */
    idle: 120_000,
    /** Processes in all, and for one dataset. */
    processes: 8,
    perDataset: 2,
    /** Bytes of an answer, and of all answers that are being sent at once. */
    answer: 65 * 1024 * 1024,
    sending: 512 * 1024 * 1024,
  },
} as const;
