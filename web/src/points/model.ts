// Points as the client knows them.

/** A whole number above nothing, as it is typed; null: it is none. */
export function amountOf(text: string): number | null {
  const bare = text.trim().replace(/[\s'’]/g, "");
  return /^\d{1,10}$/.test(bare) && Number(bare) > 0 && Number(bare) <= 1_000_000_000 ? Number(bare) : null;
}
