// Points of a customer as the client knows them: what is asked, what is done, and the words for it.
import { signal } from "@preact/signals";
import { api, newKey, type Schemas } from "../api/client";
import { formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { toast, toastError } from "../ui";

export type Entry = Schemas["PointsEntry"];
export type Balance = Schemas["PointsBalance"];
export type EntryKind = Entry["kind"];

/** Counts up when points have moved: whoever shows some looks again. */
export const moved = signal(0);

/** A whole number above nothing, as it is typed; null: it is none. */
export function amountOf(text: string): number | null {
  const bare = text.trim().replace(/[\s'’]/g, "");
  return /^\d{1,10}$/.test(bare) && Number(bare) > 0 && Number(bare) <= 1_000_000_000 ? Number(bare) : null;
}
/** "+5" and "−3". */
export function signed(amount: number): string {
  return `${amount < 0 ? "−" : "+"}${formatNumber(Math.abs(amount))}`;
}
/** What may be tried; whether enough is left is the server's to say. */
export function reversible(entry: Entry): boolean {
  return !entry.reversed && entry.kind !== "expiry" && entry.kind !== "reversal" && entry.kind !== "erasure";
}

export interface Giving {
  amount: number;
  reason?: string;
  message?: string;
}

/** Credits or takes points, tells it, and offers to take it back; a credit above the limit waits. `key`: of this one act. */
export async function give(customer: string, giving: Giving, key: string): Promise<void> {
  const { entry, balance } = await api.post("/customers/{id}/points", { path: { id: customer }, body: giving, key });
  if (!entry) {
    toast(t("watch.asked"));
    return;
  }
  moved.value++;
  const points = tn("points.count", Math.abs(giving.amount));
  toast(t(giving.amount > 0 ? "points.credited" : "points.taken", { points, balance: formatNumber(balance.total) }), {
    undo: () => void takeBack(customer, entry.id, newKey()).catch(toastError),
  });
}
export async function takeBack(customer: string, entry: string, key: string): Promise<void> {
  const path = { id: customer, id2: entry };
  const { balance } = await api.post("/customers/{id}/points/{id2}/reverse", { path, body: {}, key });
  moved.value++;
  toast(t("points.taken_back", { balance: formatNumber(balance.total) }));
}
