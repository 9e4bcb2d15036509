// The columns of the list: which there are, how wide, what they sort by.
import type { Schemas } from "../api/client";
import { isTexts, stored } from "../lib/stored";

export type Row = Schemas["CustomerRow"];

export const columnIds = [
  "name", "number", "phone", "email", "type", "gender", "age", "birthday", "consent", "registered",
  "last_visit", "last_purchase", "visits", "visits_per_month", "operations", "spent", "average",
  "interval", "tier", "points", "stamps", "referrals", "shares", "comments", "pushes", "store", "source", "city",
  "country", "language", "device", "groups",
] as const;
export type ColumnId = (typeof columnIds)[number];

export interface ColumnSpec {
  width: number;
  align?: "right";
  /** The first click sorts downwards: the largest and the latest first. */
  descendingFirst?: boolean;
  /** Several values: there is no order by them. */
  unsorted?: boolean;
}

export const columnSpecs: Readonly<Record<ColumnId, ColumnSpec>> = {
  name: { width: 180 },
  number: { width: 88, align: "right" },
  phone: { width: 146 },
  email: { width: 112 },
  type: { width: 96 },
  gender: { width: 88 },
  age: { width: 72, align: "right" },
  birthday: { width: 136 },
  consent: { width: 112 },
  registered: { width: 128, descendingFirst: true },
  last_visit: { width: 94, descendingFirst: true },
  last_purchase: { width: 136, descendingFirst: true },
  visits: { width: 56, align: "right", descendingFirst: true },
  visits_per_month: { width: 120, align: "right", descendingFirst: true },
  operations: { width: 112, align: "right", descendingFirst: true },
  spent: { width: 96, align: "right", descendingFirst: true },
  average: { width: 112, align: "right", descendingFirst: true },
  interval: { width: 128, align: "right" },
  tier: { width: 76, descendingFirst: true },
  points: { width: 72, align: "right", descendingFirst: true },
  stamps: { width: 96, align: "right", descendingFirst: true },
  referrals: { width: 120, align: "right", descendingFirst: true },
  shares: { width: 96, align: "right", descendingFirst: true },
  comments: { width: 120, align: "right", descendingFirst: true },
  pushes: { width: 120, align: "right", descendingFirst: true },
  store: { width: 152 },
  source: { width: 120 },
  city: { width: 128 },
  country: { width: 128 },
  language: { width: 112 },
  device: { width: 96 },
  groups: { width: 176, unsorted: true },
};

export const defaultColumns: readonly ColumnId[] = [
  "name", "phone", "email", "type", "tier", "points", "visits", "last_visit", "spent",
];

function isColumn(id: string): id is ColumnId {
  return (columnIds as readonly string[]).includes(id);
}

/** What this browser used last. */
export const storedColumns = stored<string[]>("customers.columns", [], isTexts);

/** The name always stands first; unknown and repeated ids of an old link are left out. */
export function readColumns(text: string | null): ColumnId[] {
  const ids = text === null ? storedColumns.value : text.split(",");
  const known = [...new Set(ids.filter(isColumn))].filter((id) => id !== "name");
  return known.length ? ["name", ...known] : [...defaultColumns];
}

export function writeColumns(columns: readonly ColumnId[]): string | null {
  const text = columns.filter((id) => id !== "name").join(",");
  return text === defaultColumns.filter((id) => id !== "name").join(",") ? null : text;
}

export interface Sort {
  column: string;
  descending: boolean;
}
export const defaultSort = "name";
export function readSort(text: string | null): Sort {
  const sort = text || defaultSort;
  return sort.startsWith("-") ? { column: sort.slice(1), descending: true } : { column: sort, descending: false };
}
/** What a click on a heading asks for. */
export function nextSort(now: Sort, column: ColumnId): string {
  const first = columnSpecs[column].descendingFirst ?? false;
  const descending = now.column === column ? !now.descending : first;
  return descending ? `-${column}` : column;
}
