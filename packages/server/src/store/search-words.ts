/**
 * The words of a text as the index keeps and looks for them: without accents and subscripts, in lower case, letters and
 * digits only. Both sides go through this, so that no text of a person is ever parsed as a query.
 */
export function searchWords(text: string, most: number): string[] {
  const plain = text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return (plain.match(/[\p{L}\p{N}]{1,60}/gu) ?? []).slice(0, most);
}
