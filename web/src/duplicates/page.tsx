// Likely duplicates: /duplicates?tab=different|merged&reason=… — two cards a row, why, and what to do.
import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api/client";
import { formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { usePages } from "../lib/load";
import { address, navigate, setQuery } from "../lib/router";
import { useShortcuts } from "../shell/shortcuts";
import { Button, EmptyState, ErrorState, PageHeader, Progress, Select, SkeletonLines, TabPanel, Tabs } from "../ui";
import { MergeAllDialog } from "./all";
import { Merges } from "./merges";
import { decide, duplicatesChanged, mergeAddress, oldestFirst, type Pair, type PairList, reasonFilters } from "./model";
import { PairRow } from "./pair";
import { Runs } from "./runs";

const tabs = ["open", "different", "merged"] as const;
type Tab = (typeof tabs)[number];

function Searching({ searching }: { searching: NonNullable<PairList["searching"]> }) {
  return (
    <div class="duplicates-searching" role="status">
      <span class="small muted">
        {searching.total
          ? t("duplicates.searching_of", { done: formatNumber(searching.done), total: formatNumber(searching.total) })
          : t("duplicates.searching")}
      </span>
      <Progress value={searching.done} max={searching.total} label={t("duplicates.searching")} />
    </div>
  );
}

function Nothing({ different, filtered }: { different: boolean; filtered: boolean }) {
  if (different)
    return <EmptyState icon="users" title={t("duplicates.none_different")} text={t("duplicates.none_different_text")} />;
  return (
    <EmptyState
      icon="circle-check"
      title={t(filtered ? "duplicates.none_filtered" : "duplicates.none")}
      text={t(filtered ? "duplicates.none_filtered_text" : "duplicates.none_text")}
    />
  );
}

/** Keys act on the row that has the focus, or the first. */
function usePairKeys(pairs: readonly Pair[], done: () => void) {
  const list = useRef<HTMLUListElement>(null);
  const now = useRef({ pairs, done });
  now.current = { pairs, done };
  const rows = () => [...(list.current?.querySelectorAll<HTMLElement>("[data-pair]") ?? [])];
  const at = () => rows().findIndex((row) => row.contains(document.activeElement));
  const move = (by: number) => {
    const all = rows();
    all[Math.max(0, Math.min(all.length - 1, at() + by))]?.focus();
  };
  const chosen = () => now.current.pairs[Math.max(0, at())];
  useShortcuts("duplicates.keys", [
    { keys: ["j", "ArrowDown"], text: "duplicates.key_next", run: () => move(1) },
    { keys: ["k", "ArrowUp"], text: "duplicates.key_previous", run: () => move(-1) },
    {
      keys: ["m"],
      text: "duplicates.key_merge",
      run: () => {
        const pair = chosen();
        if (!pair) return;
        const [survivor, loser] = oldestFirst(pair);
        navigate(mergeAddress(survivor.id, loser.id));
      },
    },
    {
      keys: ["n"],
      text: "duplicates.key_different",
      run: () => {
        const pair = chosen();
        if (pair) void decide(pair, pair.decided_at === null, now.current.done);
      },
    },
  ]);
  return list;
}

function Pairs({ different }: { different: boolean }) {
  const reason = reasonFilters.find((one) => one === address.value.query.get("reason"));
  const since = address.value.query.get("since") ?? undefined;
  const [round, setRound] = useState(0);
  const again = () => setRound((n) => n + 1);
  const key = `duplicates ${different} ${reason ?? ""} ${since ?? ""} ${duplicatesChanged.value} ${round}`;
  const pages = usePages(key, (cursor, signal) =>
    api.get("/duplicates", { query: { different, reason, since, cursor, limit: 50 }, signal }),
  );
  const kept = useRef<PairList | null>(null);
  if (pages.first) kept.current = pages.first;
  const first = pages.first ?? kept.current;
  const items = pages.first ? pages.items : (kept.current?.items ?? []);
  const list = usePairKeys(items, again);
  const searching = first?.searching ?? null;
  useEffect(() => {
    if (!searching) return;
    const timer = setTimeout(again, 2000);
    return () => clearTimeout(timer);
  }, [searching, round]);
  if (pages.error && !first) return <ErrorState error={pages.error} retry={pages.retry} />;
  if (!first) return <SkeletonLines lines={8} />;
  return (
    <>
      <div class="duplicates-bar">
        <Select
          value={reason ?? ""}
          aria-label={t("duplicates.filter")}
          options={[
            { value: "", label: t("duplicates.any_reason") },
            ...reasonFilters.map((one) => ({ value: one, label: t(`duplicates.reason_${one}`) })),
          ]}
          onValue={(next) => setQuery({ reason: next })}
        />
        <span class="muted" role="status">
          {tn("duplicates.pairs", first.count)}
        </span>
        {since && (
          <Button size="s" icon="x" onClick={() => setQuery({ since: null })}>
            {t("duplicates.since_all")}
          </Button>
        )}
        {searching && <Searching searching={searching} />}
      </div>
      {items.length === 0 ? (
        <Nothing different={different} filtered={reason !== undefined || since !== undefined} />
      ) : (
        <ul class="duplicates-list" ref={list}>
          {items.map((pair) => (
            <PairRow key={`${pair.a.id} ${pair.b.id}`} pair={pair} done={again} />
          ))}
        </ul>
      )}
      {pages.hasMore && (
        <Button busy={pages.loading} onClick={pages.more}>
          {t("duplicates.more")}
        </Button>
      )}
    </>
  );
}

export default function DuplicatesPage() {
  const asked = address.value.query.get("tab");
  const tab: Tab = tabs.find((one) => one === asked) ?? "open";
  const [all, setAll] = useState(false);
  return (
    <div class="page duplicates">
      <PageHeader
        title={t("nav.duplicates")}
        subtitle={t("duplicates.subtitle")}
        actions={
          <Button icon="users" onClick={() => setAll(true)}>
            {t("duplicates.all")}
          </Button>
        }
      />
      <Tabs<Tab>
        name="duplicates"
        label={t("nav.duplicates")}
        current={tab}
        onCurrent={(next) => setQuery({ tab: next === "open" ? null : next, reason: null, since: null })}
        tabs={tabs.map((one) => ({ id: one, label: t(`duplicates.tab_${one}`) }))}
      />
      <TabPanel name="duplicates" current={tab} class="duplicates-panel">
        {tab === "merged" ? (
          <>
            <Runs />
            <Merges />
          </>
        ) : (
          <Pairs key={tab} different={tab === "different"} />
        )}
      </TabPanel>
      {all && <MergeAllDialog onClose={() => setAll(false)} />}
    </div>
  );
}
