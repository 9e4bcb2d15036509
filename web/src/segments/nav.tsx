// The first segments under their page in the navigation, each with how many customers it has now.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../api/client";
import { formatCompact, formatNumber } from "../lib/format";
import { t } from "../lib/i18n";
import { address } from "../lib/router";
import { may } from "../shell/session";
import { segmentAddress, type SegmentList, segmentsChanged } from "./model";

const shown = 7;
const list = signal<SegmentList | null>(null);
let asking: AbortController | null = null;

/** What is there stays when it cannot be asked for anew: the page itself tells of errors. */
async function load(): Promise<void> {
  asking?.abort();
  const mine = (asking = new AbortController());
  try {
    const answer = await api.get("/segments", { query: { limit: shown }, signal: mine.signal });
    if (!mine.signal.aborted) list.value = answer;
  } catch {
    /* see above */
  }
}

export function SegmentLinks() {
  const { path, query } = address.value;
  const moved = segmentsChanged.value;
  useEffect(() => {
    if (may("customers_read")) void load();
  }, [path, moved]);
  useEffect(() => {
    const again = () => void load();
    addEventListener("focus", again);
    return () => removeEventListener("focus", again);
  }, []);
  const now = list.value;
  if (!now?.items.length) return null;
  const here = path === "/customers" ? query : null;
  return (
    <div class="nav-segments nav-text" role="group" aria-label={t("nav.segments")}>
      {now.items.map((one) => {
        const current = here?.get("q") === one.term || here?.get("segment") === one.id;
        return (
          <a
            key={one.id}
            class="nav-segment"
            href={segmentAddress(one)}
            aria-current={current ? "true" : undefined}
            title={[one.name, one.description].filter(Boolean).join("\n")}
          >
            <span class="cut">{one.name}</span>
            <span class="nav-segment-count" title={one.customers === null ? undefined : formatNumber(one.customers)}>
              {one.customers === null ? "!" : formatCompact(one.customers)}
            </span>
          </a>
        );
      })}
      {now.count > now.items.length && (
        <a class="nav-segment nav-segment-all" href="/segments">
          {t("segments.all", { count: formatNumber(now.count) })}
        </a>
      )}
    </div>
  );
}
