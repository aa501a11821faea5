/** Parts of the kernel that no session needs and that its past holes were in, by processor: system call numbers. */
interface Machine {
  readonly audit: number;
  readonly socket: number;
  /** Numbers that are another number for each machine, in the order of `names`. */
  readonly numbers: readonly number[];
}

const names = [
  ...["add_key", "request_key", "keyctl", "bpf", "perf_event_open", "userfaultfd"],
  ...["kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module"],
  ...["open_by_handle_at", "acct", "swapon", "swapoff", "reboot", "quotactl"],
  ...["mount", "umount2", "pivot_root", "setns", "unshare"],
] as const;

/** The same number everywhere: io_uring, the new mount calls, quotactl_fd. */
const common = [425, 426, 427, 428, 429, 430, 431, 432, 433, 442, 443];

const machines: Readonly<Record<string, Machine>> = {
  x64: {
    audit: 0xc000003e,
    socket: 41,
    numbers: [
      ...[248, 249, 250, 321, 298, 323],
      ...[246, 320, 175, 313, 176],
      ...[304, 163, 167, 168, 169, 179],
      ...[165, 166, 155, 308, 272],
    ],
  },
  arm64: {
    audit: 0xc00000b7,
    socket: 198,
    numbers: [
      ...[217, 218, 219, 280, 241, 282],
      ...[104, 294, 105, 273, 106],
      ...[265, 89, 224, 225, 142, 60],
      ...[40, 39, 41, 268, 97],
    ],
  },
};

/** Sockets within the machine and of the Internet; a network namespace does not hold the others back. */
const families = [1, 2, 10, 16];
/** Where a call's first argument lies in what a filter sees; its lower half on machines of little end. */
const firstArgument = 16;

const load = 0x20;
const jumpIfEqual = 0x15;
const jumpIfNotLess = 0x35;
const answer = 0x06;
const allow = 0x7fff0000;
const refuse = (errno: number): number => 0x00050000 | errno;
const notPermitted = 1;
const notThere = 38;
/** On x86-64, calls by the x32 convention, which would slip past the numbers. */
const otherConvention = 0x40000000;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

/**
 * A filter, as the kernel takes it, under which those calls fail with "not permitted" and programs of other processors'
 * kinds do not run; null for a machine that we have no numbers for.
 */
export function seccompFilter(machine: string = process.arch): Buffer | null {
  const found = machines[machine];
  if (found === undefined) return null;
  const refused = [...found.numbers, ...common];
  const program: Instruction[] = [
    [load, 0, 0, 4],
    [jumpIfEqual, 1, 0, found.audit],
    [answer, 0, 0, refuse(notThere)],
    [load, 0, 0, 0],
    [jumpIfNotLess, refused.length + families.length + 3, 0, otherConvention],
    ...refused.map(
      (number, at): Instruction => [jumpIfEqual, refused.length - at + families.length + 2, 0, number],
    ),
    [jumpIfEqual, 0, families.length + 1, found.socket],
    [load, 0, 0, firstArgument],
    ...families.map((family, at): Instruction => {
      const isLast = at === families.length - 1;
      return [jumpIfEqual, families.length - 1 - at, isLast ? 1 : 0, family];
    }),
    [answer, 0, 0, allow],
    [answer, 0, 0, refuse(notPermitted)],
  ];
  return Buffer.concat(program.map(encode));
}

function encode([code, ifTrue, ifFalse, value]: Instruction): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(value >>> 0, 4);
  return bytes;
}

/** For tests: which calls are refused on this machine. */
export function refusedCalls(machine: string = process.arch): Readonly<Record<string, number>> {
  const numbers = machines[machine]?.numbers ?? [];
  return Object.fromEntries(names.map((name, at) => [name, numbers[at] ?? -1]));
}
