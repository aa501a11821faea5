/** Bounds of what a reader process may use and say; all sizes in bytes, all spans in milliseconds. */
export const limits = {
  /** From one sign of life to the next: a file that takes longer is given up. */
  perFile: 20_000,
  /** CPU seconds of a whole process, enforced by the kernel. */
  cpuSeconds: 120,
  /** Private writable memory, enforced by the kernel. */
  memoryKiB: 1_400_000,
  /** JavaScript heap, in MiB. */
  heapMiB: 256,
  line: 2 * 1024 * 1024,
  output: 64 * 1024 * 1024,
  /** Files of one dataset that may fail before the rest is left alone. */
  failures: 8,
  /** Jobs that wait at once. */
  waiting: 200,
} as const;
