// The bulk actions: who did what to how many, what came of each customer, and the way back.
import { useEffect, useState } from "preact/hooks";
import { api, apiUrl } from "../api/client";
import { formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { useLoad, usePages } from "../lib/load";
import { readable } from "../lib/router";
import {
  Badge,
  Button,
  type Column,
  Dialog,
  EmptyState,
  ErrorState,
  Icon,
  InstantText,
  LinkButton,
  PageHeader,
  Progress,
  Select,
  SkeletonLines,
  Table,
  toastError,
} from "../ui";
import { actions, type Bulk, bulkEnded, countWords, stop, undo, words } from "./model";

const againMs = 1200;

const going = (one: Bulk) => [one.job, one.undo?.job].some((job) => job?.state === "waiting" || job?.state === "running");

function What({ one }: { one: Bulk }) {
  return (
    <span class="bulk-what">
      <Icon name={actions[one.action].icon} />
      <span>
        <span class="strong">{words(one)}</span>
        <span class="small muted bulk-whom">
          {one.query === null ? (
            t("bulk.ticked")
          ) : one.query ? (
            <a href={`/customers?${readable(new URLSearchParams({ q: one.query }))}`}>{one.query}</a>
          ) : (
            t("bulk.everybody")
          )}
          {actions[one.action].needs === "reason" && one.target && ` · ${one.target}`}
        </span>
      </span>
    </span>
  );
}

function State({ one }: { one: Bulk }) {
  const job = one.undo && going(one) ? one.undo.job : one.job;
  if (going(one))
    return (
      <span class="bulk-state">
        <Progress value={job.done}
        max={job.total} label={t(one.undo ? "bulk.state_undoing" : "bulk.state_running")} />
        <Button size="s" onClick={() => stop(job)}>
          {t("bulk.stop")}
        </Button>
      </span>
    );
  if (one.undo?.job.state === "done") return <Badge icon="undo-2">{t("bulk.state_undone")}</Badge>;
  if (one.job.state === "failed") return <Badge tone="red">{t("bulk.state_failed")}</Badge>;
  if (one.job.state === "canceled") return <Badge tone="amber">{t("bulk.state_canceled")}</Badge>;
  return <Badge tone="green">{t("bulk.state_done")}</Badge>;
}

function Results({ one, onClose }: { one: Bulk; onClose: () => void }) {
  const [outcome, setOutcome] = useState("");
  const undone = one.undo?.job.state === "done" ? one.undo : null;
  const id = undone?.id ?? one.id;
  const outcomes = (undone ?? one).counts.map((count) => count.outcome);
  const list = usePages(`${id} ${outcome}`, (cursor, signal) =>
    api.get("/bulk/{id}/results", {
      path: { id },
      query: { cursor, limit: 50, outcome: outcomes.find((name) => name === outcome) },
      signal,
    }),
  );
  return (
    <Dialog
      wide
      title={words(one)}
      onClose={onClose}
      footer={
        <LinkButton icon="download" href={apiUrl("/bulk/{id}/results/file", { path: { id } })} download="">
          {t("bulk.download")}
        </LinkButton>
      }
    >
      <div class="bulk-results">
        <Select
          aria-label={t("bulk.outcome")}
          value={outcome}
          onValue={setOutcome}
          options={[
            { value: "", label: t("bulk.all_outcomes") },
            ...outcomes.map((name) => ({ value: name, label: t(`bulk.outcome.${name}`) })),
          ]}
        />
        {list.error ? (
          <ErrorState error={list.error} retry={list.retry} />
        ) : (
          <Table
            label={t("bulk.results")}
            rows={list.items}
            rowKey={(row) => row.customer.id}
            columns={[
              {
                key: "who",
                head: t("bulk.customer"),
                cell: (row) =>
                  row.customer.number === null ? (
                    <span class="muted">{t("bulk.outcome.gone")}</span>
                  ) : (
                    <a href={`/customers/${row.customer.id}`}>
                      {row.customer.name || t("customers.numbered", { number: String(row.customer.number) })}
                    </a>
                  ),
              },
              { key: "outcome", head: t("bulk.outcome"), cell: (row) => t(`bulk.outcome.${row.outcome ?? "waiting"}`) },
            ]}
            empty={list.loading ? <SkeletonLines lines={4} /> : <EmptyState icon="search-x" title={t("bulk.no_results")} />}
          />
        )}
        {list.hasMore && (
          <Button busy={list.loading} onClick={list.more}>
            {t("bulk.load_more")}
          </Button>
        )}
      </div>
    </Dialog>
  );
}

function columns(show: (one: Bulk) => void, back: (one: Bulk) => void): Column<Bulk>[] {
  return [
    { key: "what", head: t("bulk.what"), cell: (one) => <What one={one} /> },
    {
      key: "counts",
      head: t("bulk.result_head"),
      wide: true,
      cell: (one) => (
        <span class="bulk-counts small">
          <span>{countWords(one.counts) || tn("bulk.customers", one.selected, { count: formatNumber(one.selected) })}</span>
          {one.undo && one.undo.counts.length > 0 && (
            <span class="muted">{t("bulk.back", { counts: countWords(one.undo.counts) })}</span>
          )}
        </span>
      ),
    },
    { key: "state", head: t("bulk.state"), cell: (one) => <State one={one} /> },
    {
      key: "who",
      head: t("bulk.who"),
      wide: true,
      cell: (one) => (
        <span class="bulk-who">
          <span>{one.staff}</span>
          <span class="small muted">
            <InstantText at={one.created_at} />
          </span>
        </span>
      ),
    },
    {
      key: "do",
      head: <span class="hidden-text">{t("card.actions")}</span>,
      align: "right",
      cell: (one) => (
        <span class="bulk-row-actions">
          <Button size="s" onClick={() => show(one)}>
            {t("bulk.results")}
          </Button>
          {one.may_undo && (
            <Button size="s" icon="undo-2" onClick={() => back(one)}>
              {t("ui.undo")}
            </Button>
          )}
        </span>
      ),
    },
  ];
}

export default function ActionsPage() {
  const [round, setRound] = useState(0);
  const [shown, setShown] = useState<Bulk | null>(null);
  const list = useLoad("bulk", (signal) => api.get("/bulk", { query: { limit: 100 }, signal }));
  const items = list.value?.items ?? [];
  const moving = items.some(going);
  useEffect(() => {
    if (!moving) return;
    const timer = setTimeout(() => {
      list.reload();
      setRound(round + 1);
    }, againMs);
    return () => clearTimeout(timer);
  }, [moving, list.value, round]);
  useEffect(() => list.reload(), [bulkEnded.value]);
  const back = (one: Bulk) => void undo(one.id).then(list.reload, toastError);
  return (
    <div class="page bulk-page">
      <PageHeader title={t("nav.actions")} subtitle={t("bulk.lead")} />
      {list.error && !list.value ? (
        <ErrorState error={list.error} retry={list.reload} />
      ) : !list.value ? (
        <SkeletonLines lines={6} />
      ) : (
        <Table
          label={t("nav.actions")}
          columns={columns(setShown, back)}
          rows={items}
          rowKey={(one) => one.id}
          empty={
            <EmptyState
              icon="list"
              title={t("bulk.empty_title")}
              text={t("bulk.empty_text")}
              action={
                <LinkButton variant="primary" icon="users" href="/customers">
                  {t("nav.customers")}
                </LinkButton>
              }
            />
          }
        />
      )}
      {shown && <Results one={shown} onClose={() => setShown(null)} />}
    </div>
  );
}
