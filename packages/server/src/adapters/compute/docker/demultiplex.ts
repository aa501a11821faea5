const headerBytes = 8;

/** What a container without a terminal wrote: frames of its two outputs, in order, become one text's bytes. */
export function demultiplex(frames: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + headerBytes <= frames.length; ) {
    const end = at + headerBytes + frames.readUInt32BE(at + 4);
    parts.push(frames.subarray(at + headerBytes, end));
    at = end;
  }
  return Buffer.concat(parts);
}

/** The last `maxBytes`, from whole lines where it is cut. */
export function lastLines(text: Buffer, maxBytes: number): string {
  if (text.length <= maxBytes) return text.toString("utf8");
  const cut = text.subarray(text.length - maxBytes);
  const line = cut.indexOf("\n");
  return cut.subarray(line + 1).toString("utf8");
}
