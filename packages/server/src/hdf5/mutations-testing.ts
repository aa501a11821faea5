/** A number from 0 to below `below`; the same seed gives the same row of them. */
export type Random = (below: number) => number;

export function randomFrom(seed: string): Random {
  let state = 2_166_136_261;
  for (const letter of seed) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 16_777_619);
  return (below) => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Words that HDF5 puts in front of its structures: damage there is what a reader trips over. */
const structures = [
  "OHDR",
  "TREE",
  "SNOD",
  "HEAP",
  "FRHP",
  "FHDB",
  "BTHD",
  "BTLF",
  "GCOL",
  "OCHK",
  "FAHD",
  "EAHD",
  "FSHD",
];

/** A copy with one to four faults of the kinds that broken disks, cut transfers and ill will make. */
export function spoilt(content: Buffer, random: Random): Buffer {
  let copy: Buffer = Buffer.from(content);
  const places = placesOf(content);
  for (let fault = 1 + random(4); fault > 0; fault -= 1)
    copy = withFault(copy, placeIn(copy, places, random), random);
  return copy;
}

function withFault(copy: Buffer, at: number, random: Random): Buffer {
  const length = Math.min(1 + random(random(2) === 0 ? 8 : 512), copy.length - at);
  switch (random(7)) {
    case 0:
      copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
      return copy;
    case 1:
      for (let offset = 0; offset < length; offset += 1) copy[at + offset] = random(256);
      return copy;
    case 2:
      return copy.fill(0, at, at + length);
    case 3:
      return copy.fill(0xff, at, at + length);
    case 4:
      copy.copyWithin(at, random(Math.max(1, copy.length - length)), random(copy.length));
      return copy;
    case 5:
      return random(4) === 0
        ? copy.subarray(0, Math.max(1, at))
        : Buffer.concat([copy.subarray(0, at), copy.subarray(at + length)]);
    default:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at, at + length), copy.subarray(at)]);
  }
}

/** Four in five faults hit a structure or the head of the file, the others anything. */
function placeIn(copy: Buffer, places: readonly number[], random: Random): number {
  const kind = random(5);
  const place = places[random(places.length)];
  const at =
    kind === 0 || place === undefined ? random(copy.length) : kind === 1 ? random(2048) : place + random(96);
  return Math.min(at, Math.max(0, copy.length - 1));
}

function placesOf(content: Buffer): readonly number[] {
  const places: number[] = [];
  for (const word of structures)
    for (
      let at = content.indexOf(word);
      at >= 0 && places.length < 20_000;
      at = content.indexOf(word, at + 4)
    )
      places.push(at);
  return places;
}
