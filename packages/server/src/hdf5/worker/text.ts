/** Control characters and what turns text around or hides it: nothing a title has a use for. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unwanted = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]+/g;

/** A short, clean text for people; null when nothing is left. */
export function cleanText(text: string, most = 300): string | null {
  const clean = text.toWellFormed().replaceAll(unwanted, " ").replaceAll(/\s+/g, " ").trim();
  // Templates that were never filled in, as in `{Entry Name}`.
  if (clean === "" || /^\{[^}]*\}$/.test(clean)) return null;
  return clean.length <= most ? clean : `${clean.slice(0, most - 1)}…`;
}
