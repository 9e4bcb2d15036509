// Ticked rows, and what can be done with them.
import { signal } from "@preact/signals";
import { api } from "../api/client";
import { t, tn } from "../lib/i18n";
import { toast, toastError } from "../ui";
import type { Row } from "./columns";
import { changeRow } from "./rows";

export const ticked = signal<ReadonlyMap<string, Row>>(new Map());

export function toggleTick(row: Row): void {
  const next = new Map(ticked.peek());
  if (!next.delete(row.id)) next.set(row.id, row);
  ticked.value = next;
}
export function tickAll(rows: readonly Row[]): void {
  const next = new Map(ticked.peek());
  for (const row of rows) next.set(row.id, row);
  ticked.value = next;
}
export function untickAll(): void {
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
