// How many likely pairs wait, beside the page's name in the navigation.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../api/client";
import { formatCompact } from "../lib/format";
import { tn } from "../lib/i18n";
import { address } from "../lib/router";
import { duplicatesChanged } from "./model";

const count = signal<number | null>(null);
const everyMs = 60_000;
let asked = 0;

/** What is there stays when it cannot be asked for anew: the page itself tells of errors. */
async function load(now: boolean): Promise<void> {
  if (!now && Date.now() - asked < everyMs) return;
  asked = Date.now();
  try {
    count.value = (await api.get("/duplicates", { query: { limit: 1 } })).count;
  } catch {
    /* see above */
  }
}

export function DuplicatesCount() {
  const { path } = address.value;
  const moved = duplicatesChanged.value;
  useEffect(() => void load(true), [moved]);
  useEffect(() => void load(false), [path]);
  if (!count.value) return null;
  return (
    <span class="nav-count nav-text" title={tn("duplicates.waiting", count.value)}>
      {formatCompact(count.value)}
    </span>
  );
}
