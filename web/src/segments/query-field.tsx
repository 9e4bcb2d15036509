// The text of a segment while it is written: how many customers it would have now, or what is wrong
// with it, where, and what may have been meant.
import { useEffect, useId, useState } from "preact/hooks";
import { api, ApiError, isAborted, type Problem } from "../api/client";
import { MarkedText } from "../customers/marked-text";
import { unitsOfBytes } from "../customers/query";
import { formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { Button, Icon } from "../ui";

type Verdict =
  | { kind: "count"; of: string; matching: number; total: number }
  | { kind: "wrong"; of: string; problem: Problem };

const typingDelayMs = 200;

function useVerdict(text: string): Verdict | null {
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  useEffect(() => {
    if (!text) {
      setVerdict(null);
      return;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      api.get("/customers", { query: { q: text, limit: 0 }, signal: abort.signal }).then(
        (answer) => setVerdict({ kind: "count", of: text, matching: answer.matching, total: answer.total }),
        (error: unknown) => {
          if (isAborted(error) || abort.signal.aborted) return;
          setVerdict(error instanceof ApiError ? { kind: "wrong", of: text, problem: error.problem } : null);
        },
      );
    }, typingDelayMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text]);
  return verdict;
}

/** `refused`: what the server said when it was to be saved, of the text as it was then. */
export function QueryField(props: {
  value: string;
  onText: (text: string) => void;
  refused: { of: string; problem: Problem } | null;
}) {
  const id = useId();
  const text = props.value.trim();
  const verdict = useVerdict(text);
  const refused = props.refused?.of === text ? props.refused.problem : null;
  const problem = refused ?? (verdict?.kind === "wrong" && verdict.of === text ? verdict.problem : null);
  const lead = props.value.length - props.value.trimStart().length;
  const place = (bytes: number | undefined) => lead + unitsOfBytes(text, bytes ?? 0);
  const placed = problem && problem.to !== undefined && problem.to > 0;
  const mark = placed ? { from: place(problem.from), to: Math.max(place(problem.from) + 1, place(problem.to)) } : null;
  const near = problem?.args?.near;
  return (
    <div class="segment-query">
      <label class="field-label" for={id}>
        {t("segments.query")}
      </label>
      <MarkedText
        id={id}
        rows={3}
        value={props.value}
        mark={mark}
        label={t("segments.query")}
        placeholder={t("search.raw_placeholder")}
        describedBy={`${id}-verdict`}
        onText={props.onText}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.preventDefault();
        }}
      />
      <div class="segment-verdict small" id={`${id}-verdict`} role="status">
        {problem ? (
          <>
            <span class="segment-wrong">
              <Icon name="circle-alert" size={14} />
              {problem.detail}
            </span>
            {near && mark && (
              <Button
                size="s"
                onClick={() => props.onText(props.value.slice(0, mark.from) + near + props.value.slice(mark.to))}
              >
                {t("search.did_you_mean", { word: near })}
              </Button>
            )}
          </>
        ) : verdict?.kind === "count" ? (
          <span class="muted">
            <strong class="segment-count">{formatNumber(verdict.matching)}</strong>{" "}
            {tn("segments.of_customers", verdict.total, { total: formatNumber(verdict.total) })}
          </span>
        ) : (
          <span class="muted">{t("segments.query_help")}</span>
        )}
      </div>
    </div>
  );
}
