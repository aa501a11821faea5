const longest = 400;

/** What it means for people, with the cluster's own words in brackets. */
export function withWords(meaning: string, ...words: readonly (string | null)[]): string {
  const said = words.filter((one) => one !== null && one !== "").join(": ");
  return said === "" ? meaning : `${meaning} (${short(said)})`;
}

export function short(words: string): string {
  const line = words.replaceAll(/\s+/g, " ").trim();
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}
