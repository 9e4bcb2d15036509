// The rows behind the virtual list: pages of 100 by offset, fetched around what is on screen and kept;
// the counts and facets of the query. The latest question wins, older ones are called off.
import { batch, signal } from "@preact/signals";
import { api, ApiError, isAborted, type Schemas } from "../api/client";
import type { Row } from "./columns";

export type Facet = Schemas["Facet"];
export type ServerTerm = Schemas["Term"];

export interface Question {
  q: string;
  sort: string;
  scope: "all" | "mine";
  as_of?: string;
}
export interface Counts {
  matching: number;
  total: number;
  unknown: number;
  spentMinor: number;
}

export const pageSize = 100;
const pagesKept = 60;
const fetchesAtOnce = 3;

/** null until the first answer. */
export const counts = signal<Counts | null>(null);
export const facets = signal<ReadonlyMap<string, Facet>>(new Map());
/** A number alone was typed, and it belonged to a card that went into another one. */
export const mergedNumber = signal<Schemas["CustomerList"]["merged"]>(null);
export const serverTerms = signal<readonly ServerTerm[]>([]);
/** The query cannot be read: the old rows stay on screen beside what is wrong. */
export const queryProblem = signal<ApiError["problem"] | null>(null);
export const failure = signal<unknown>(null);
/** An answer takes long enough to say so. */
export const slow = signal(false);
/** Counts up when another question is answered: the list goes to its beginning. */
export const answered = signal(0);

let question: Question | null = null;
/* facets of ranges take longer than the others: those that are on screen are asked for */
const lookedAt = new Set<string>();
let ranging: AbortController | null = null;
/* whom the facets on screen count */
let counted: Pick<Question, "scope" | "as_of"> & { q?: string } | null = null;

const wantedFacets = () => ["all", ...lookedAt].join(",");

function showFacets(of: NonNullable<typeof counted>, list: readonly Facet[]): void {
  counted = of;
  facets.value = new Map(list.map((facet) => [facet.field, facet]));
}
const pages = signal<ReadonlyMap<number, readonly Row[]>>(new Map());
let asking: AbortController | null = null;
const fetching = new Map<number, AbortController>();
let wantedPages: number[] = [];

export function rowAt(index: number): Row | undefined {
  return pages.value.get(Math.floor(index / pageSize))?.[index % pageSize];
}

function isQueryProblem(error: unknown): error is ApiError {
  return error instanceof ApiError && error.code.startsWith("query_");
}

/** Asks anew unless nothing changed. `first` is the row that will be on top. */
export async function ask(next: Question, first: number, again = false): Promise<void> {
  const sameBase = question?.scope === next.scope && question.as_of === next.as_of;
  if (!again && sameBase && next.q === question?.q && next.sort === question.sort) return;
  const sameFacets = !again && sameBase && question?.q === next.q;
  question = next;
  asking?.abort();
  ranging?.abort();
  for (const one of fetching.values()) one.abort();
  fetching.clear();
  const mine = (asking = new AbortController());
  const waiting = setTimeout(() => (slow.value = true), 150);
  const page = Math.floor(first / pageSize);
  try {
    const answer = await api.get("/customers", {
      query: {
        ...next,
        offset: page * pageSize,
        limit: pageSize,
        facets: sameFacets ? undefined : wantedFacets(),
      },
      signal: mine.signal,
    });
    if (mine.signal.aborted) return;
    batch(() => {
      pages.value = new Map([[page, answer.items]]);
      counts.value = {
        matching: answer.matching,
        total: answer.total,
        unknown: answer.unknown,
        spentMinor: answer.spent_minor,
      };
      if (!sameFacets) showFacets({ q: next.q, scope: next.scope, as_of: next.as_of }, answer.facets);
      serverTerms.value = answer.terms;
      mergedNumber.value = answer.merged;
      queryProblem.value = null;
      failure.value = null;
      answered.value++;
    });
  } catch (error) {
    if (isAborted(error) || mine.signal.aborted) return;
    question = null;
    if (!isQueryProblem(error)) failure.value = error;
    else {
      queryProblem.value = error.problem;
      if (counts.peek() === null) await fillRail(next, mine);
    }
  } finally {
    clearTimeout(waiting);
    if (asking === mine) {
      asking = null;
      slow.value = false;
      void fillRanges();
    }
  }
}

/** Counts the field's ranges from now on, with every question, until the function returned is called. */
export function lookAt(field: string): () => void {
  lookedAt.add(field);
  void fillRanges();
  return () => lookedAt.delete(field);
}

/** Asks for the ranges that came into sight after the question. */
async function fillRanges(): Promise<void> {
  const missing = [...lookedAt].filter((field) => !facets.peek().has(field));
  if (!counted || asking || missing.length === 0) return;
  ranging?.abort();
  const mine = (ranging = new AbortController());
  try {
    const answer = await api.get("/customers", {
      query: { ...counted, limit: 0, facets: missing.join(",") },
      signal: mine.signal,
    });
    if (mine.signal.aborted || asking) return;
    facets.value = new Map([...facets.peek(), ...answer.facets.map((facet) => [facet.field, facet] as const)]);
  } catch (error) {
    if (!isAborted(error) && !mine.signal.aborted) failure.value = error;
  }
}

/** A link with a mistake in its query: the filters are offered all the same, nobody is listed. */
async function fillRail({ scope, as_of }: Question, mine: AbortController): Promise<void> {
  try {
    const query = { scope, as_of, limit: 0, facets: wantedFacets() };
    const answer = await api.get("/customers", { query, signal: mine.signal });
    if (mine.signal.aborted) return;
    batch(() => {
      counts.value = { matching: 0, total: answer.total, unknown: 0, spentMinor: 0 };
      showFacets({ scope, as_of }, answer.facets);
    });
  } catch (error) {
    if (!isAborted(error) && !mine.signal.aborted) failure.value = error;
  }
}

/** What others, or a bulk action, changed meanwhile. */
export function refresh(): void {
  if (question) void ask(question, 0, true);
}
/** What is asked for now. */
export function questionNow(): Question | null {
  return question;
}

/** The rows on screen, and a page on each side: asks for what is missing, calls off what is passed. */
export function want(firstRow: number, lastRow: number): void {
  const matching = counts.peek()?.matching ?? 0;
  if (matching === 0) return;
  const lastPage = Math.floor((matching - 1) / pageSize);
  const from = Math.max(0, Math.floor(firstRow / pageSize));
  const to = Math.min(lastPage, Math.floor(lastRow / pageSize));
  const near: number[] = [];
  for (let page = from; page <= to; page++) near.push(page);
  if (to < lastPage) near.push(to + 1);
  if (from > 0) near.push(from - 1);
  wantedPages = near;
  for (const [page, one] of fetching)
    if (!near.includes(page)) {
      one.abort();
      fetching.delete(page);
    }
  fetchNext();
}

function fetchNext(): void {
  for (const page of wantedPages) {
    if (fetching.size >= fetchesAtOnce) return;
    if (!pages.peek().has(page) && !fetching.has(page)) void fetchPage(page);
  }
}

async function fetchPage(page: number): Promise<void> {
  if (!question) return;
  const mine = new AbortController();
  fetching.set(page, mine);
  try {
    const answer = await api.get("/customers", {
      query: { ...question, offset: page * pageSize, limit: pageSize },
      signal: mine.signal,
    });
    if (mine.signal.aborted) return;
    pages.value = nearest(new Map(pages.peek()).set(page, answer.items), page);
    failure.value = null;
  } catch (error) {
    if (isAborted(error) || mine.signal.aborted) return;
    failure.value = error;
  } finally {
    if (fetching.get(page) === mine) fetching.delete(page);
  }
  if (!failure.peek()) fetchNext();
}

/** The pages nearest to the one given, as many as are kept. */
function nearest(all: Map<number, readonly Row[]>, page: number): Map<number, readonly Row[]> {
  if (all.size > pagesKept) {
    const far = [...all.keys()].sort((a, b) => Math.abs(b - page) - Math.abs(a - page));
    for (const one of far.slice(0, all.size - pagesKept)) all.delete(one);
  }
  return all;
}

/** Changes a row that is loaded, wherever it stands. */
export function changeRow(id: string, change: Partial<Row>): void {
  for (const [page, rows] of pages.peek()) {
    const i = rows.findIndex((row) => row.id === id);
    if (i < 0) continue;
    pages.value = new Map(pages.peek()).set(page, rows.with(i, { ...rows[i]!, ...change }));
    return;
  }
}

/** Another visit to the page starts afresh. */
export function forget(): void {
  asking?.abort();
  ranging?.abort();
  question = null;
  counted = null;
  pages.value = new Map();
  counts.value = null;
  failure.value = null;
  queryProblem.value = null;
}
