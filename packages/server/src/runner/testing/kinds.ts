/** Every third session of the fault test is a batch session that may be begun anew once. */
export function isBatch(id: string): boolean {
  return Number(id.slice(2)) % 3 === 0;
}
