// Segments as the client knows them: where they lead, and what is done with them. Whoever shows them
// calls useAgain().
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api, type Schemas } from "../api/client";
import { t } from "../lib/i18n";
import type { Loaded } from "../lib/load";
import { readable } from "../lib/router";
import { toast, toastError } from "../ui";

export type Segment = Schemas["Segment"];
export type SegmentList = Schemas["SegmentList"];
export interface Draft {
  name: string;
  description: string;
  query: string;
  shared: boolean;
}

/** Counts up with each change made here. */
export const segmentsChanged = signal(0);
function changed(): void {
  segmentsChanged.value++;
}

/** What is on screen stays there until the changed segments are here. */
export function useAgain(list: Pick<Loaded<unknown>, "reload">): void {
  const moved = segmentsChanged.value;
  const seen = useRef(moved);
  useEffect(() => {
    if (seen.current !== moved) list.reload();
    seen.current = moved;
  }, [moved]);
}

/** The Customers page with the segment applied. */
export function segmentAddress(segment: Pick<Segment, "term">): string {
  return `/customers?${readable(new URLSearchParams({ q: segment.term }))}`;
}
/** The Customers page with the segment's own filters, to be changed there. */
export function filtersAddress(segment: Pick<Segment, "id" | "query">): string {
  return `/customers?${readable(new URLSearchParams({ q: segment.query, segment: segment.id }))}`;
}

function fieldsOf(segment: Draft): Draft {
  const { name, description, query, shared } = segment;
  return { name, description, query, shared };
}

export async function addSegment(draft: Draft): Promise<Segment> {
  const added = await api.post("/segments", { body: draft });
  changed();
  toast(t("segments.added", { name: added.name }), {
    undo: () => void removeQuietly(added).catch(toastError),
  });
  return added;
}

/** Only what differs is sent; the undo sends it back. */
export async function changeSegment(before: Segment, draft: Draft): Promise<Segment> {
  const now = await patch(before, draft);
  if (now.version !== before.version)
    toast(t("segments.saved", { name: now.name }), {
      undo: () => void patch(now, fieldsOf(before)).catch(toastError),
    });
  return now;
}

async function patch(before: Segment, draft: Draft): Promise<Segment> {
  const body: Partial<Draft> = {};
  if (draft.name !== before.name) body.name = draft.name;
  if (draft.description !== before.description) body.description = draft.description;
  if (draft.query !== before.query) body.query = draft.query;
  if (draft.shared !== before.shared) body.shared = draft.shared;
  const now = await api.patch("/segments/{id}", { path: { id: before.id }, version: before.version, body });
  changed();
  return now;
}

async function removeQuietly(segment: Segment): Promise<void> {
  await api.delete("/segments/{id}", { path: { id: segment.id } });
  changed();
}

async function restore(segment: Segment): Promise<void> {
  await api.post("/segments/{id}/restore", { path: { id: segment.id } });
  changed();
}

export async function removeSegment(segment: Segment): Promise<void> {
  await removeQuietly(segment);
  toast(t("segments.removed", { name: segment.name }), { undo: () => void restore(segment).catch(toastError) });
}

/** A name that nobody has: "VIP 2", "VIP 3"… */
export function freeName(name: string, taken: readonly string[]): string {
  const used = new Set(taken.map((one) => one.toLocaleLowerCase()));
  const stem = name.replace(/ \d+$/, "");
  let next = 2;
  while (used.has(`${stem} ${next}`.toLocaleLowerCase())) next++;
  return `${stem} ${next}`;
}
