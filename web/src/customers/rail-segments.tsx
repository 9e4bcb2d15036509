// Segments in the rail: how many of each are among those whom the other filters leave.
import { useRef } from "preact/hooks";
import { api } from "../api/client";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { useAgain } from "../segments/model";
import { SkeletonLines } from "../ui";
import { joinTerms } from "./query";
import { type Value, ValueRow } from "./rail-value";
import { counts, queryProblem } from "./rows";
import { asOf, scope, terms } from "./state";

export function SegmentValues() {
  const others = joinTerms(terms.value.filter((term) => term.field !== "segment"));
  /* what cannot be read counts nothing: everybody is counted instead */
  const q = queryProblem.value ? "" : others;
  const list = useLoad(JSON.stringify([q, scope.value, asOf.value]), (signal) =>
    api.get("/segments", { query: { q: q || undefined, scope: scope.value, as_of: asOf.value || undefined }, signal }),
  );
  useAgain(list);
  /* the last counts stay until the next are here */
  const last = useRef(list.value);
  last.current = list.value ?? last.current;
  if (list.error) return <p class="muted small">{t("segments.not_loaded")}</p>;
  if (!last.current) return <SkeletonLines lines={3} />;
  const values: Value[] = last.current.items.map((one) => ({
    field: "segment",
    value: one.name,
    text: one.name,
    count: q ? one.matching : one.customers,
  }));
  const base = Math.max(counts.value?.matching ?? 0, ...values.map((one) => one.count ?? 0));
  if (values.length === 0) return <p class="muted small">{t("segments.none")}</p>;
  return (
    <ul class={`values ${values.length > 12 ? "values-long" : ""}`}>
      {values.map((one) => (
        <ValueRow key={one.value} one={one} base={base} />
      ))}
    </ul>
  );
}
