import { classes, type Metadata } from "./library.ts";

/** A type in the words of h5grove: HDF5's facts and NumPy's name for it. */
export type TypeAnswer = Readonly<Record<string, unknown>>;

export function typeAnswer(type: Metadata): TypeAnswer {
  const answer = { class: type.type, dtype: dtypeOf(type), size: sizeOf(type) };
  const order = type.littleEndian ? 0 : 1;
  switch (type.type) {
    case classes.integer:
      return { ...answer, order, sign: type.signed ? 1 : 0 };
    case classes.float:
    case classes.bitfield:
      return { ...answer, order };
    case classes.string:
      return { ...answer, cset: type.cset, strpad: type.strpad, vlen: type.vlen };
    case classes.opaque:
      return { ...answer, tag: "" };
    case classes.compound:
      return {
        ...answer,
        members: membersOf(type).map((member) => ({ name: member.name, ...typeAnswer(member) })),
      };
    case classes.enumeration:
      return { ...answer, members: type.enum_type?.members ?? {}, base: typeAnswer(baseOf(type)) };
    case classes.vlen:
      return { ...answer, base: typeAnswer(type.vlen_type as Metadata) };
    case classes.array:
      return { ...answer, dims: type.array_type?.shape ?? [], base: typeAnswer(type.array_type as Metadata) };
    default:
      return answer;
  }
}

export function membersOf(type: Metadata) {
  return type.compound_type?.members ?? [];
}

/** The numbers that the names of an enumeration stand for. */
export function baseOf(type: Metadata): Metadata {
  const { enum_type: _, ...rest } = type;
  return { ...rest, type: classes.integer };
}

/** An enumeration of FALSE and TRUE, which h5py writes for booleans. */
export function isBoolean(type: Metadata): boolean {
  const members = type.type === classes.enumeration ? (type.enum_type?.members ?? {}) : {};
  return Object.keys(members).length === 2 && members["FALSE"] === 0 && members["TRUE"] === 1;
}

/** A compound of two equal floats `r` and `i`, which h5py writes for complex numbers. */
export function isComplex(type: Metadata): boolean {
  const [r, i, ...others] = membersOf(type);
  if (r === undefined || i === undefined || others.length > 0 || r.name !== "r" || i.name !== "i")
    return false;
  const isFloat = (size: number) => r.size === size && i.size === size && r.type === classes.float;
  return i.type === classes.float && (isFloat(4) || isFloat(8));
}

export function isReal(type: Metadata): boolean {
  return type.type === classes.integer || type.type === classes.float || type.type === classes.enumeration;
}

export function isNumeric(type: Metadata): boolean {
  return isReal(type) || isComplex(type) || type.type === classes.bitfield;
}

/** Whether values of it are pointers, which mean nothing outside the process. */
export function hasPointers(type: Metadata): boolean {
  if (type.type === classes.vlen || (type.type === classes.string && type.vlen)) return true;
  if (type.type === classes.array) return hasPointers(type.array_type as Metadata);
  return membersOf(type).some(hasPointers);
}

type Order = "<" | ">" | "mixed" | null;

/** The order of bytes in the file; null where there is none. */
export function orderOf(type: Metadata): Order {
  if (type.type === classes.array) return orderOf(type.array_type as Metadata);
  if (type.type === classes.vlen) return orderOf(type.vlen_type as Metadata);
  if (type.type === classes.compound) {
    const orders = new Set(
      membersOf(type)
        .map(orderOf)
        .filter((order) => order !== null),
    );
    return orders.size > 1 ? "mixed" : ([...orders][0] ?? null);
  }
  const hasOrder =
    isReal(type) || type.type === classes.bitfield || (type.type === classes.string && type.vlen);
  return hasOrder ? (type.littleEndian ? "<" : ">") : null;
}

/** The type as its values stand in memory: what is big-endian throughout is turned around by the library, but no enumeration. */
export function inMemory(type: Metadata): Metadata {
  return orderOf(type) === ">" && type.type !== classes.enumeration ? turned(type) : type;
}

function turned(type: Metadata): Metadata {
  return {
    ...type,
    littleEndian: true,
    ...(type.array_type === undefined ? {} : { array_type: turned(type.array_type) }),
    ...(type.vlen_type === undefined ? {} : { vlen_type: turned(type.vlen_type) }),
    ...(type.compound_type === undefined
      ? {}
      : {
          compound_type: {
            ...type.compound_type,
            members: membersOf(type).map((member) => ({
              ...turned(member),
              name: member.name,
              offset: member.offset,
            })),
          },
        }),
  };
}

/** NumPy's name for a type. */
export function dtypeOf(type: Metadata): unknown {
  const order = type.size === 1 ? "|" : type.littleEndian ? "<" : ">";
  switch (type.type) {
    case classes.integer:
      return `${order}${type.signed ? "i" : "u"}${type.size}`;
    case classes.float:
      return `${order}f${type.size}`;
    case classes.bitfield:
      return `${order}u${type.size}`;
    case classes.enumeration:
      return isBoolean(type) ? "|b1" : dtypeOf(baseOf(type));
    case classes.string:
      return type.vlen ? "|O" : `|S${type.size}`;
    case classes.compound:
      return isComplex(type)
        ? `${membersOf(type)[0]?.littleEndian ? "<" : ">"}c${type.size}`
        : Object.fromEntries(membersOf(type).map((member) => [member.name, dtypeOf(member)]));
    case classes.reference:
    case classes.vlen:
      return "|O";
    default:
      return `|V${type.size}`;
  }
}

/** The size where pointers have eight bytes, as they do for everybody but this library. */
function sizeOf(type: Metadata): number {
  if (type.type === classes.vlen) return 16;
  if (type.type === classes.string && type.vlen) return 8;
  if (type.type === classes.array) {
    const base = type.array_type as Metadata;
    return (type.size / base.size) * sizeOf(base);
  }
  return type.size + membersOf(type).reduce((more, member) => more + sizeOf(member) - member.size, 0);
}
