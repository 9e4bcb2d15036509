// Who has not been in contact for too long, to decide on: /retention?tab=erased&number=12
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { formatDay, formatInstant, formatNumber, formatPhone } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { type Loaded, useLoad } from "../lib/load";
import { address, setQuery } from "../lib/router";
import { isStale, Versioned } from "../settings/section";
import {
  Button,
  Checkbox,
  type Column,
  DayText,
  EmptyState,
  ErrorState,
  errorText,
  Field,
  IconButton,
  Input,
  InstantText,
  Money,
  PageHeader,
  SkeletonLines,
  Table,
  TabPanel,
  Tabs,
  toast,
  toastError,
} from "../ui";
import { EraseManyDialog, KeepDialog } from "./decide";
import type { Candidate, Retention } from "./model";

const tabs = ["silent", "kept", "erased"] as const;
type Tab = (typeof tabs)[number];

function nameOf(one: { name: string; number: number }): string {
  return one.name || t("retention.nameless", { number: String(one.number) });
}

function reach(one: Candidate): string {
  return [one.phone && formatPhone(one.phone), one.email].filter(Boolean).join(" · ");
}

function Rule({ list, loaded }: { list: Retention; loaded: Loaded<Retention> }) {
  const [months, setMonths] = useState(String(list.months));
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const dirty = months.trim() !== String(list.months);
  const save = (event: Event) => {
    event.preventDefault();
    if (busy || !dirty) return;
    setBusy(true);
    setError(null);
    api
      .patch("/retention", { body: { months: Number(months) }, version: list.version })
      .then(
        (next) => {
          loaded.set(next);
          toast(t("retention.saved"));
        },
        (problem: unknown) => {
          if (isStale(problem)) loaded.reload();
          else setError(errorText(problem));
        },
      )
      .finally(() => setBusy(false));
  };
  return (
    <form class="retention-rule" onSubmit={save} noValidate>
      <Field label={t("retention.months")} hint={t("retention.months_hint")} error={error}>
        <Input type="number" min={1} max={240} value={months} onText={setMonths} />
      </Field>
      <Button type="submit" busy={busy} disabled={!dirty || !(Number(months) > 0)}>
        {t("retention.change")}
      </Button>
    </form>
  );
}

function columns(ticked: ReadonlySet<string>, tick: (id: string, on: boolean) => void): Column<Candidate>[] {
  return [
    {
      key: "name",
      head: t("retention.customer"),
      cell: (one) => (
        <span class="retention-who">
          <Checkbox
            quiet
            checked={ticked.has(one.id)}
            onChecked={(on) => tick(one.id, on)}
            label={t("retention.tick", { name: nameOf(one) })}
          />
          <span>
            <a href={`/customers/${one.id}`}>{nameOf(one)}</a>
            <span class="small muted retention-reach">{reach(one)}</span>
          </span>
        </span>
      ),
    },
    {
      key: "last",
      head: t("retention.last"),
      cell: (one) =>
        one.deleted_at ? (
          <span title={formatInstant(one.deleted_at)}>
            {t("retention.deleted", { day: formatDay(one.deleted_at.slice(0, 10)) })}
          </span>
        ) : one.never ? t("retention.never", { day: formatDay(one.last_contact) }) : <DayText day={one.last_contact} />,
    },
    { key: "spent", head: t("retention.spent"), align: "right", wide: true, cell: (one) => <Money minor={one.spent_minor} /> },
  ];
}

function Silent({ list, loaded }: { list: Retention; loaded: Loaded<Retention> }) {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [more, setMore] = useState<{ of: Retention; items: Candidate[]; next: string | null } | null>(null);
  const [open, setOpen] = useState<"keep" | "erase" | null>(null);
  const [busy, setBusy] = useState(false);
  const behind = more?.of === list ? more : { of: list, items: [], next: list.next };
  const items = [...list.items, ...behind.items];
  const ids = items.filter((one) => ticked.has(one.id)).map((one) => one.id);
  const tick = (id: string, on: boolean) =>
    setTicked((now) => {
      const next = new Set(now);
      if (on) next.add(id);
      else next.delete(id);
      return next;
    });
  const showMore = () => {
    setBusy(true);
    api
      .get("/retention", { query: { cursor: behind.next ?? undefined } })
      .then(
        (page) => setMore({ of: list, items: [...behind.items, ...page.items], next: page.next }),
        toastError,
      )
      .finally(() => setBusy(false));
  };
  const decided = (next?: Retention) => {
    setOpen(null);
    setTicked(new Set());
    if (next) loaded.set(next);
    else loaded.reload();
  };
  if (items.length === 0)
    return (
      <EmptyState
        icon="circle-check"
        title={t("retention.empty")}
        text={t("retention.empty_text", { day: formatDay(list.before) })}
      />
    );
  return (
    <>
      <div class="retention-bar">
        <Checkbox
          checked={ids.length > 0 && ids.length === items.length}
          indeterminate={ids.length > 0 && ids.length < items.length}
          onChecked={(on) => setTicked(new Set(on ? items.map((one) => one.id) : []))}
          label={t("retention.tick_all")}
        />
        <span class="muted">{tn("retention.ticked", ids.length, { count: formatNumber(ids.length) })}</span>
        <span class="retention-acts">
          <Button size="s" disabled={ids.length === 0} onClick={() => setOpen("keep")}>
            {t("retention.keep")}
          </Button>
          <Button size="s" icon="trash-2" disabled={ids.length === 0} onClick={() => setOpen("erase")}>
            {t("retention.erase")}
          </Button>
        </span>
      </div>
      <Table label={t("retention.title")} columns={columns(ticked, tick)} rows={items} rowKey={(one) => one.id} />
      {behind.next && (
        <p class="retention-more">
          <Button busy={busy} onClick={showMore}>
            {t("retention.more")}
          </Button>
        </p>
      )}
      {open === "keep" && <KeepDialog ids={ids} onClose={() => setOpen(null)} onDone={decided} />}
      {open === "erase" && <EraseManyDialog ids={ids} onClose={() => setOpen(null)} onDone={() => decided()} />}
    </>
  );
}

function Kept({ list, loaded }: { list: Retention; loaded: Loaded<Retention> }) {
  const release = (id: string) => {
    api.delete("/retention/keep/{id}", { path: { id } }).then(() => {
      toast(t("retention.released"));
      loaded.reload();
    }, toastError);
  };
  if (list.kept.length === 0) return <p class="muted">{t("retention.kept_none")}</p>;
  return (
    <ul class="retention-kept">
      {list.kept.map((one) => (
        <li key={one.id}>
          <span>
            <a href={`/customers/${one.id}`}>{nameOf(one)}</a>
            <span class="small muted retention-reach">
              {[t("retention.kept_line", { day: formatDay(one.until), reason: one.reason }), one.staff]
                .filter(Boolean)
                .join(" · ")}
            </span>
          </span>
          <IconButton
            icon="undo-2"
            label={t("retention.release", { name: nameOf(one) })}
            onClick={() => release(one.id)}
          />
        </li>
      ))}
    </ul>
  );
}

function Erased() {
  const asked = address.value.query.get("number") ?? "";
  const number = /^\d{1,18}$/.test(asked) && Number(asked) > 0 ? Number(asked) : undefined;
  const loaded = useLoad(`erasures ${number}`, (signal) => api.get("/erasures", { query: { number }, signal }));
  const items = loaded.value?.items;
  return (
    <>
      <p class="muted">{t("retention.history_text")}</p>
      <Field label={t("retention.history_find")} class="retention-find">
        <Input
          type="search"
          inputMode="numeric"
          value={asked}
          onText={(text) => setQuery({ number: text.trim() || null }, { replace: true })}
        />
      </Field>
      {items && items.length > 0 ? (
        <ul class="retention-kept">
          {items.map((one) => (
            <li key={one.customer_id}>
              <span>
                <span class="strong">{t("retention.nameless", { number: String(one.number) })}</span>
                <span class="small muted retention-reach">
                  {t("retention.history_line", { reason: t(`retention.reason_${one.reason}`), actor: one.actor })}
                </span>
              </span>
              <span class="muted small">
                <InstantText at={one.at} />
              </span>
            </li>
          ))}
        </ul>
      ) : items ? (
        <p class="muted">{t("retention.history_none")}</p>
      ) : loaded.error ? (
        <ErrorState error={loaded.error} retry={loaded.reload} />
      ) : (
        <SkeletonLines lines={3} />
      )}
    </>
  );
}

export default function RetentionPage() {
  const loaded = useLoad("retention", (signal) => api.get("/retention", { signal }));
  const asked = address.value.query.get("tab");
  const tab: Tab = tabs.find((one) => one === asked) ?? "silent";
  const list = loaded.value;
  const names: Record<Tab, string> = {
    silent: list
      ? tn("retention.matching", list.matching, { count: formatNumber(list.matching) })
      : t("retention.title"),
    kept: t("retention.kept"),
    erased: t("retention.history"),
  };
  return (
    <div class="page retention">
      <PageHeader title={t("retention.title")} />
      {list ? (
        <>
          <p>{t("retention.text", { months: formatNumber(list.months) })}</p>
          <p class="small muted">
            {t("retention.rule")} {t("retention.deleted_rule", { days: String(list.deleted_days) })}
          </p>
          <Versioned loaded={loaded} version={(kept) => kept.version}>
            {(kept, form) => <Rule list={kept} loaded={form} />}
          </Versioned>
          <Tabs<Tab>
            name="retention"
            label={t("retention.title")}
            current={tab}
            onCurrent={(next) => setQuery({ tab: next === "silent" ? null : next, number: null })}
            tabs={tabs.map((one) => ({ id: one, label: names[one] }))}
          />
          <TabPanel name="retention" current={tab} class="retention-panel">
            {tab === "silent" && <Silent list={list} loaded={loaded} />}
            {tab === "kept" && <Kept list={list} loaded={loaded} />}
            {tab === "erased" && <Erased />}
          </TabPanel>
        </>
      ) : loaded.error ? (
        <ErrorState error={loaded.error} retry={loaded.reload} />
      ) : (
        <SkeletonLines lines={8} />
      )}
    </div>
  );
}
