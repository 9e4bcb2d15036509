// The customers before and after this one in the list that led here, with its filters and order. One
// small request for the part of the list around it, kept while one leafs through.
import { useEffect, useState } from "preact/hooks";
import { api, isAborted } from "../api/client";
import { cameFrom } from "../lib/router";

export interface Neighbours {
  previous: string | undefined;
  next: string | undefined;
  position: number;
  total: number;
}
interface Part {
  list: string;
  offset: number;
  total: number;
  ids: readonly string[];
}

export const listPath = "/customers";
const around = 50;
let kept: Part | null = null;

/** The list that led here; null when something else did. */
export function listBehind(): string | null {
  const from = cameFrom();
  return from === listPath || from?.startsWith(`${listPath}?`) ? from : null;
}

function inside(part: Part | null, list: string, id: string): Neighbours | null {
  if (part?.list !== list) return null;
  const at = part.ids.indexOf(id);
  const index = part.offset + at;
  if (at < 0) return null;
  const cutBefore = at === 0 && part.offset > 0;
  const cutAfter = at === part.ids.length - 1 && index + 1 < part.total;
  if (cutBefore || cutAfter) return null;
  return { previous: part.ids[at - 1], next: part.ids[at + 1], position: index + 1, total: part.total };
}

/** Where in the list to look: around where it was seen last, or where the list stood. */
function startOf(list: string, id: string): number {
  const at = kept?.list === list ? kept.ids.indexOf(id) : -1;
  if (kept && at >= 0) return kept.offset + at;
  const row = Number(new URLSearchParams(list.split("?")[1]).get("row"));
  return Number.isSafeInteger(row) && row > 0 ? row - 1 : 0;
}

async function load(list: string, id: string, signal: AbortSignal): Promise<Part> {
  const asked = new URLSearchParams(list.split("?")[1]);
  const offset = Math.max(0, startOf(list, id) - around);
  const answer = await api.get("/customers", {
    query: {
      q: asked.get("q") ?? undefined,
      sort: asked.get("sort") ?? undefined,
      scope: asked.get("scope") === "mine" ? "mine" : undefined,
      as_of: asked.get("as_of") ?? undefined,
      offset,
      limit: 2 * around,
    },
    signal,
  });
  return { list, offset, total: answer.matching, ids: answer.items.map((row) => row.id) };
}

/** null: not known, or no list led here. */
export function useNeighbours(id: string): Neighbours | null {
  const list = listBehind();
  const [found, setFound] = useState(list ? inside(kept, list, id) : null);
  useEffect(() => {
    if (!list || found) return;
    const abort = new AbortController();
    load(list, id, abort.signal).then(
      (part) => {
        if (abort.signal.aborted) return;
        kept = part;
        setFound(inside(part, list, id));
      },
      (error: unknown) => {
        /* leafing through is a convenience: without it the card is whole */
        if (!isAborted(error)) setFound(null);
      },
    );
    return () => abort.abort();
  }, [list, id]);
  return found;
}
