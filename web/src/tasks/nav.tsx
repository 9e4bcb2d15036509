// How many of one's tasks are due, beside their page in the navigation.
import { useEffect } from "preact/hooks";
import { formatCompact } from "../lib/format";
import { tn } from "../lib/i18n";
import { address } from "../lib/router";
import { may } from "../shell/session";
import { count, loadCount } from "./model";

export function TaskCount() {
  const { path } = address.value;
  useEffect(() => {
    if (may("customers_read")) void loadCount();
  }, [path]);
  useEffect(() => {
    const again = () => void loadCount();
    addEventListener("focus", again);
    return () => removeEventListener("focus", again);
  }, []);
  const due = count.value?.due ?? 0;
  if (due === 0) return null;
  return (
    <span class="nav-due" title={tn("tasks.due_count", due)}>
      <span aria-hidden="true">{formatCompact(due)}</span>
      <span class="hidden-text">{tn("tasks.due_count", due)}</span>
    </span>
  );
}
