// What the page shows is what the address says: query, order, columns, scope and ticks live in the URL.
import { computed, signal } from "@preact/signals";
import { address, setQuery } from "../lib/router";
import { stored } from "../lib/stored";
import { session } from "../shell/session";
import { type ColumnId, defaultSort, readColumns, readSort, storedColumns, writeColumns } from "./columns";
import { joinTerms, parseTerms, type Term } from "./query";

export const queryText = computed(() => address.value.query.get("q") ?? "");
export const terms = computed<readonly Term[]>(() => parseTerms(queryText.value));
export const sortText = computed(() => address.value.query.get("sort") || defaultSort);
export const sort = computed(() => readSort(sortText.value));
export const columns = computed(() => readColumns(address.value.query.get("columns")));
export const scope = computed<"all" | "mine">(() =>
  address.value.query.get("scope") === "mine" && hasScopes.value ? "mine" : "all",
);
/** The two lists, my store and all stores, are for those who have both. */
export const hasScopes = computed(() => {
  const staff = session.value?.staff;
  return !!staff && staff.stores.length > 0 && staff.sees_chain;
});
/** The earlier day whose state is shown, null: the present. The server judges the day. */
export const asOf = computed(() => address.value.query.get("as_of") || null);
export function setAsOf(day: string | null): void {
  setQuery({ as_of: day, row: null });
}
/** The segment whose filters are being changed here. */
export const editedSegment = computed(() => address.value.query.get("segment"));
export function setEditedSegment(id: string | null): void {
  setQuery({ segment: id }, { replace: true });
}
/** Is the text of the query itself open? */
export const rawOpen = computed(() => address.value.query.get("raw") === "1");
/** The first row on screen: back and share come to the same place. */
export const startRow = (): number => {
  const row = Number(address.peek().query.get("row"));
  return Number.isSafeInteger(row) && row > 0 ? row - 1 : 0;
};

/** `typing`: each key of a word is not a step of its own in the history. */
export function setQueryText(text: string, how: { typing?: boolean } = {}): void {
  setQuery({ q: text, row: null }, { replace: how.typing });
}
export function setTerms(next: readonly Term[]): void {
  setQueryText(joinTerms(next));
}
/** Changes the filters and keeps the search words. */
export function setFilters(change: (filters: readonly Term[]) => readonly Term[]): void {
  setTerms(change(terms.peek()));
}
/** `filters` are those that stood when the typing began: what is typed may hold terms of its own. */
export function setSearch(search: string, filters: readonly Term[]): void {
  setQueryText([joinTerms(filters), search.trim()].filter(Boolean).join(" "), { typing: true });
}
export function clearAll(): void {
  setQuery({ q: null, segment: null, row: null });
}
export function setSort(text: string): void {
  setQuery({ sort: text === defaultSort ? null : text, row: null });
}
export function setColumns(next: readonly ColumnId[]): void {
  const text = writeColumns(next);
  storedColumns.value = text === null ? [] : [...next];
  setQuery({ columns: text }, { replace: true });
}
export function setScope(next: "all" | "mine"): void {
  setQuery({ scope: next === "mine" ? "mine" : null, row: null });
}
export function setRaw(open: boolean): void {
  setQuery({ raw: open ? "1" : null }, { replace: true });
}
export function rememberRow(row: number): void {
  setQuery({ row: row > 0 ? String(row + 1) : null }, { replace: true });
}

/** Is the filter rail shown beside the list? */
export const railOpen = stored("customers.rail", true, (v): v is boolean => typeof v === "boolean");
/** On a phone the rail is a sheet. */
export const sheetOpen = signal(false);

/** Counts up when the keyboard asks for the filters. */
export const railFocus = signal(0);

const narrowQuery = matchMedia("(max-width: 760px)");
export const narrow = signal(narrowQuery.matches);
narrowQuery.addEventListener("change", () => (narrow.value = narrowQuery.matches));
