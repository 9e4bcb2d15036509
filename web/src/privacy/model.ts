// What an erasure takes away and what stays, in words.
import type { Schemas } from "../api/client";
import { hasText, t } from "../lib/i18n";

export type Tables = Schemas["ErasurePreview"]["tables"];
export type Retention = Schemas["Retention"];
export type Candidate = Retention["items"][number];

export function tableName(table: string): string {
  const key = `privacy.table_${table}`;
  return hasText(key) ? t(key) : table.replaceAll("_", " ");
}

/** Only the person goes: figures and invoices stay in the accounts. */
export function goes(tables: Tables): Tables {
  return tables.filter((one) => one.fate === "gone" || one.table === "customer");
}
export function stays(tables: Tables): Tables {
  return tables.filter((one) => one.fate === "detached" || (one.fate === "emptied" && one.table === "audit"));
}
