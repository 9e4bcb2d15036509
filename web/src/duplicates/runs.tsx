// Many pairs merged at once: how far, what came of each pair, and taking all of it back.
import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api/client";
import { hasEnded } from "../import/job";
import { formatNumber, formatPercent } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { useLoad, usePages } from "../lib/load";
import {
  Badge,
  Button,
  Dialog,
  EmptyState,
  ErrorState,
  InstantText,
  Progress,
  Select,
  SkeletonLines,
  Table,
  toast,
  toastError,
} from "../ui";
import { duplicatesChanged, nameIn, noteChange, type Run, type RunPair } from "./model";

const againMs = 1000;
const outcomes = ["merged", "since", "gone", "changed", "refused"] as const;
const backs: Readonly<Partial<Record<NonNullable<RunPair["back"]>, string>>> = {
  merged: "duplicates.back_merged",
  gone: "duplicates.back_gone",
  refused: "duplicates.back_refused",
};

const jobOf = (run: Run) => run.undo_job ?? run.job;
const going = (run: Run) => !hasEnded(jobOf(run));
const countOf = (counts: Run["counts"], outcome: RunPair["outcome"]) =>
  counts.find((one) => one.outcome === outcome)?.pairs ?? 0;

function State({ run }: { run: Run }) {
  const job = jobOf(run);
  if (going(run))
    return (
      <>
        <Progress
          value={job.done}
          max={job.total}
          label={t(run.undo_job ? "duplicates.run_undoing" : "duplicates.run_going")}
        />
        <Button size="s" onClick={() => void api.delete("/jobs/{id}", { path: { id: job.id } }).catch(toastError)}>
          {t("bulk.stop")}
        </Button>
      </>
    );
  if (job.state === "failed") return <Badge tone="red">{t("duplicates.run_failed")}</Badge>;
  if (job.state === "canceled") return <Badge tone="amber">{t("duplicates.run_stopped")}</Badge>;
  if (run.undo_job) return <Badge icon="undo-2">{t("duplicates.run_undone")}</Badge>;
  return <Badge tone="green">{t("duplicates.run_done")}</Badge>;
}

function Counts({ run }: { run: Run }) {
  const merged = countOf(run.counts, "merged");
  const left = run.counts.reduce((sum, one) => sum + one.pairs, 0) - merged;
  const back = countOf(run.back, "merged");
  const words = [
    tn("duplicates.count_merged", merged, { count: formatNumber(merged) }),
    left > 0 && tn("duplicates.count_left", left, { count: formatNumber(left) }),
    back > 0 && tn("duplicates.count_back", back, { count: formatNumber(back) }),
  ];
  return <span class="small muted">{words.filter(Boolean).join(" · ")}</span>;
}

/** What came of a pair, with why where it was refused. */
function resultOf(pair: RunPair): string {
  const what = pair.back ? t(backs[pair.back] ?? "") : t(`duplicates.outcome_${pair.outcome ?? "waiting"}`);
  return pair.reason ? `${what}: ${t(`duplicates.refused_${pair.reason}`)}` : what;
}

function Results({ run, onClose }: { run: Run; onClose: () => void }) {
  const [outcome, setOutcome] = useState("");
  const list = usePages(`run ${run.id} ${outcome}`, (cursor, signal) =>
    api.get("/merge-runs/{id}/pairs", {
      path: { id: run.id },
      query: { cursor, outcome: outcomes.find((one) => one === outcome) },
      signal,
    }),
  );
  return (
    <Dialog wide title={t("duplicates.run_pairs")} onClose={onClose}>
      <div class="merge-run-results">
        <Select
          aria-label={t("duplicates.run_outcome")}
          value={outcome}
          onValue={setOutcome}
          options={[
            { value: "", label: t("duplicates.run_any") },
            ...outcomes.map((one) => ({ value: one, label: t(`duplicates.outcome_${one}`) })),
          ]}
        />
        {list.error ? (
          <ErrorState error={list.error} retry={list.retry} />
        ) : (
          <Table
            label={t("duplicates.run_pairs")}
            rows={list.items}
            rowKey={(pair) => `${pair.survivor.id} ${pair.loser.id}`}
            columns={[
              {
                key: "pair",
                head: t("duplicates.run_pair"),
                cell: (pair) => (
                  <span class="merge-run-pair">
                    <a href={`/customers/${pair.survivor.id}`}>
                      {t("duplicates.all_into", { loser: nameIn(pair.loser), survivor: nameIn(pair.survivor) })}
                    </a>
                    <span class="small muted">{formatPercent(pair.percent / 100)}</span>
                  </span>
                ),
              },
              { key: "outcome", head: t("duplicates.run_outcome"), cell: resultOf },
            ]}
            empty={
              list.loading ? <SkeletonLines lines={4} /> : <EmptyState icon="search-x" title={t("bulk.no_results")} />
            }
          />
        )}
        {list.hasMore && (
          <Button busy={list.loading} onClick={list.more}>
            {t("duplicates.more")}
          </Button>
        )}
      </div>
    </Dialog>
  );
}

/** Asks again while something moves, and says once what came of it. */
function useRuns() {
  const list = useLoad(`runs ${duplicatesChanged.value}`, (signal) => api.get("/merge-runs", { query: { limit: 20 }, signal }));
  const kept = useRef<readonly Run[]>([]);
  const [round, setRound] = useState(0);
  const moved = useRef(false);
  if (list.value) kept.current = list.value.items;
  const items = kept.current;
  const moving = items.some(going);
  useEffect(() => {
    if (!list.value) return;
    if (moved.current && !moving) {
      const latest = items[0];
      const merged = countOf(latest?.counts ?? [], "merged");
      if (latest && !latest.undo_job)
        toast(tn("duplicates.run_finished", merged, { count: formatNumber(merged) }));
      noteChange();
    }
    moved.current = moving;
    if (!moving) return;
    const timer = setTimeout(() => {
      list.reload();
      setRound(round + 1);
    }, againMs);
    return () => clearTimeout(timer);
  }, [moving, list.value, round]);
  return { items, error: list.error, reload: list.reload };
}

export function Runs() {
  const { items, error, reload } = useRuns();
  const [shown, setShown] = useState<Run | null>(null);
  if (error && items.length === 0) return <ErrorState error={error} retry={reload} />;
  if (items.length === 0) return null;
  const undo = (run: Run) => void api.post("/merge-runs/{id}/undo", { path: { id: run.id } }).then(noteChange, toastError);
  return (
    <section class="merge-runs" aria-label={t("duplicates.runs")}>
      <h2 class="section-title">{t("duplicates.runs")}</h2>
      <ul class="merge-list">
        {items.map((run) => (
          <li key={run.id} class="merge-row merge-run">
            <span class="merge-run-what">
              <span class="strong">{t("duplicates.run_of", { percent: formatPercent(run.min / 100) })}</span>
              <Counts run={run} />
            </span>
            <span class="merge-run-state">
              <State run={run} />
            </span>
            <span class="small muted merge-when">
              <InstantText at={run.created_at} /> · {run.undone_by ? `${run.staff}, ${run.undone_by}` : run.staff}
            </span>
            <span class="merge-run-actions">
              <Button size="s" onClick={() => setShown(run)}>
                {t("duplicates.run_results")}
              </Button>
              {run.may_undo && (
                <Button size="s" icon="undo-2" onClick={() => undo(run)}>
                  {t("duplicates.run_undo")}
                </Button>
              )}
            </span>
          </li>
        ))}
      </ul>
      {shown && <Results run={shown} onClose={() => setShown(null)} />}
    </section>
  );
}
