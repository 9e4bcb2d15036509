// Ticked rows, and what can be done with them.
import { computed, signal } from "@preact/signals";
import { api } from "../api/client";
import type { Selection } from "../bulk/model";
import { t, tn } from "../lib/i18n";
import { toast, toastError } from "../ui";
import type { Row } from "./columns";
import { changeRow, counts, questionNow } from "./rows";

export const ticked = signal<ReadonlyMap<string, Row>>(new Map());

/** All who match, also those on no screen yet, but for some taken out; null: those ticked one by one. */
export const everything = signal<{ selection: Selection; matching: number; except: ReadonlySet<string> } | null>(null);
export const chosenCount = computed(() => {
  const all = everything.value;
  return all ? all.matching - all.except.size : ticked.value.size;
});
export function isTicked(id: string): boolean {
  const all = everything.value;
  return all ? !all.except.has(id) : ticked.value.has(id);
}
export function chooseEverything(): void {
  const asked = questionNow();
  const matching = counts.peek()?.matching ?? 0;
  if (!asked || matching === 0) return;
  ticked.value = new Map();
  const { q, scope, as_of } = asked;
  everything.value = { selection: { q, scope, as_of }, matching, except: new Set() };
}
/** As the server is told. */
export function selectionNow(): Selection {
  const all = everything.peek();
  if (!all) return { ids: [...ticked.peek().keys()] };
  return all.except.size ? { ...all.selection, except: [...all.except] } : all.selection;
}

export function toggleTick(row: Row): void {
  const all = everything.peek();
  if (all) {
    const except = new Set(all.except);
    if (!except.delete(row.id)) except.add(row.id);
    everything.value = except.size === all.matching ? null : { ...all, except };
    return;
  }
  const next = new Map(ticked.peek());
  if (!next.delete(row.id)) next.set(row.id, row);
  ticked.value = next;
}
export function tickAll(rows: readonly Row[]): void {
  everything.value = null;
  const next = new Map(ticked.peek());
  for (const row of rows) next.set(row.id, row);
  ticked.value = next;
}
export function untickAll(): void {
  everything.value = null;
  if (ticked.peek().size) ticked.value = new Map();
}

function show(row: Row, favourite: boolean): void {
  changeRow(row.id, { favourite });
  const held = ticked.peek().get(row.id);
  if (!held) return;
  const next = new Map(ticked.peek());
  next.set(row.id, { ...held, favourite });
  ticked.value = next;
}

async function save(row: Row, favourite: boolean): Promise<void> {
  show(row, favourite);
  try {
    const path = { id: row.id };
    if (favourite) await api.put("/customers/{id}/favourite", { path });
    else await api.delete("/customers/{id}/favourite", { path });
  } catch (error) {
    show(row, !favourite);
    toastError(error);
  }
}

/** The heart: shown at once, saved behind, with a way back. */
export function setFavourite(rows: readonly Row[], favourite: boolean): void {
  const changed = rows.filter((row) => row.favourite !== favourite);
  if (changed.length === 0) return;
  for (const row of changed) void save(row, favourite);
  const key = favourite ? "customers.favourite_added" : "customers.favourite_removed";
  toast(tn(key, changed.length, { name: nameOf(changed[0]!) }), {
    undo: () => {
      for (const row of changed) void save(row, !favourite);
    },
  });
}

/** The name, else the nickname, else the number. */
export function nameOf(row: Row): string {
  return row.name || row.nickname || t("customers.numbered", { number: String(row.number) });
}
