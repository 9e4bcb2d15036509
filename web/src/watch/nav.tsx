// How many alerts and requests wait, beside the page's name in the navigation.
import { useEffect } from "preact/hooks";
import { formatCompact } from "../lib/format";
import { tn } from "../lib/i18n";
import { address } from "../lib/router";
import { may } from "../shell/session";
import { loadWaiting, waiting } from "./model";

const everyMs = 60_000;
let asked = 0;

export function WatchCount() {
  const { path } = address.value;
  useEffect(() => {
    if (!may("loyalty") || Date.now() - asked < everyMs) return;
    asked = Date.now();
    void loadWaiting();
  }, [path]);
  if (waiting.value === 0) return null;
  return (
    <span class="nav-due" title={tn("watch.waiting", waiting.value)}>
      <span aria-hidden="true">{formatCompact(waiting.value)}</span>
      <span class="hidden-text">{tn("watch.waiting", waiting.value)}</span>
    </span>
  );
}
