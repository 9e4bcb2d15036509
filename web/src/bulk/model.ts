// Bulk actions as the client knows them: what can be done, to whom, and how one goes on.
import { signal } from "@preact/signals";
import { api, type Schemas } from "../api/client";
import { followJob, hasEnded, type Job } from "../import/job";
import { formatNumber } from "../lib/format";
import { may } from "../shell/session";
import { t, tn } from "../lib/i18n";
import { type IconName, toast, toastError } from "../ui";

export type Bulk = Schemas["Bulk"];
export type Preview = Schemas["BulkPreview"];
export type Action = Bulk["action"];
export type Count = Schemas["BulkCount"];

/** Whom it is about, as the server wants it. */
export interface Selection {
  q?: string;
  except?: string[];
  ids?: string[];
  scope?: "all" | "mine";
  as_of?: string;
}
/** What an action needs to know besides whom. */
export type Needs = "tag" | "group" | "source" | "store" | "reason" | "points" | "tier" | "certificate" | null;
export interface Known {
  tag?: string;
  group?: string;
  source?: string;
  store?: string;
  reason?: string;
  points?: number;
  certificate?: string;
  message?: string;
  /** null: no tier; left out: nothing chosen yet */
  tier?: string | null;
  until?: string;
}

export const actions: Readonly<Record<Action, { icon: IconName; needs: Needs; danger?: boolean }>> = {
  tag_add: { icon: "tag", needs: "tag" },
  tag_remove: { icon: "tag", needs: "tag" },
  group_add: { icon: "users", needs: "group" },
  group_remove: { icon: "users", needs: "group" },
  favourite_add: { icon: "heart", needs: null },
  favourite_remove: { icon: "heart", needs: null },
  source_set: { icon: "share-2", needs: "source" },
  store_set: { icon: "store", needs: "store" },
  certificate: { icon: "gift", needs: "certificate" },
  points_credit: { icon: "plus", needs: "points" },
  points_debit: { icon: "minus", needs: "points" },
  tier_set: { icon: "star", needs: "tier" },
  tier_release: { icon: "rotate-ccw", needs: null },
  block: { icon: "ban", needs: "reason", danger: true },
  unblock: { icon: "circle-check", needs: null },
};
export const actionNames = Object.keys(actions) as Action[];
/** May this person do it? */
export function allowed(action: Action): boolean {
  return actions[action].needs !== "points" || may("points");
}

/** The action that somebody has begun and not confirmed yet, wherever that was. */
export const begun = signal<{ action: Action; selection: Selection } | null>(null);

/** Counts up when an action has ended: whoever shows customers looks again. */
export const bulkEnded = signal(0);
/** The one that this browser waits for. */
export const running = signal<{ bulk: Bulk; job: Job; undo: boolean } | null>(null);

/** "Tag “Vip”" */
export function words(one: Pick<Bulk, "action" | "target" | "points">): string {
  if (one.points !== null) return t(`bulk.did.${one.action}`, { points: tn("points.count", one.points) });
  if (one.action === "tier_set") return t("bulk.did.tier_set", { target: one.target || t("tiers.none") });
  return one.target && actions[one.action].needs !== "reason"
    ? t(`bulk.did.${one.action}`, { target: one.target })
    : t(`bulk.do.${one.action}`);
}
export function countOf(counts: readonly Count[], outcome: Count["outcome"]): number {
  return counts.find((one) => one.outcome === outcome)?.customers ?? 0;
}
/** "12 changed · 3 were so already" */
export function countWords(counts: readonly Count[]): string {
  return counts.map((one) => tn(`bulk.count.${one.outcome}`, one.customers)).join(" · ");
}

export function preview(action: Action, known: Known, selection: Selection, signal: AbortSignal): Promise<Preview> {
  return api.post("/bulk/preview", { body: { action, ...known, ...selection }, signal });
}
/** `key`: of this one go-ahead, so that points are never given twice. */
export async function start(action: Action, known: Known, selection: Selection, expect: number, key: string): Promise<void> {
  const body = { action, ...known, ...selection, expect };
  follow(actions[action].needs === "points" ? await api.post("/bulk/points", { body, key }) : await api.post("/bulk", { body }), false);
}
export async function undo(id: string): Promise<void> {
  follow(await api.post("/bulk/{id}/undo", { path: { id } }), true);
}
export function stop(job: Job): void {
  void api.delete("/jobs/{id}", { path: { id: job.id } }).catch(toastError);
}

function follow(bulk: Bulk, undo: boolean): void {
  const job = undo && bulk.undo ? bulk.undo.job : bulk.job;
  running.value = { bulk, job, undo };
  followJob(
    job.id,
    (now) => {
      running.value = { bulk, job: now, undo };
      if (hasEnded(now)) void tell(bulk.id, now, undo);
    },
    () => undefined,
  );
}

async function tell(id: string, job: Job, undone: boolean): Promise<void> {
  if (running.peek()?.job.id === job.id) running.value = null;
  bulkEnded.value++;
  try {
    const bulk = await api.get("/bulk/{id}", { path: { id } });
    const counts = undone ? (bulk.undo?.counts ?? []) : bulk.counts;
    if (job.state === "failed") toast(job.problem?.detail ?? t("bulk.failed"), { tone: "red" });
    else
      toast(
        tn(undone ? "bulk.undone" : "bulk.done", countOf(counts, "changed"), {
          count: formatNumber(countOf(counts, "changed")),
        }),
        { undo: bulk.may_undo ? () => void undo(id).catch(toastError) : undefined },
      );
  } catch (error) {
    toastError(error);
  }
}
