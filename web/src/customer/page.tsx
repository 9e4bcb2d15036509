// The customer card: /customers/{id}?tab=operations|certificates|stamps|referrals|activity|notes&kind=…
import { useEffect } from "preact/hooks";
import { api, hasCode, ApiError } from "../api/client";
import { formatMoney, formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { address, navigate, setQuery } from "../lib/router";
import type { PageProps } from "../pages";
import { DayText, ErrorState, Facts, Skeleton, SkeletonLines, TabPanel, Tabs } from "../ui";
import { ActivityTimeline } from "./activity";
import { CardHeader } from "./header";
import type { Customer } from "./model";
import { CardNavigation } from "./navigation";
import { Operations } from "./operations";
import { Missing } from "../profile/remove";
import { ReadyMessage } from "../profile/message";
import { Notes, PinnedNotes, useNotes } from "../notes/notes";
import { CustomerCertificates } from "../certificates/tab";
import { CustomerReferrals } from "../referrals/tab";
import { CustomerStamps } from "../stamps/tab";
import { CustomerTasks, OpenTasks, useTasks } from "../tasks/card";
import { PointsBlock } from "../points/balance";
import { PointsTab } from "../points/tab";
import { Overview } from "./overview";
import { Personal } from "./personal";

const tabs = ["overview", "operations", "points", "certificates", "stamps", "referrals", "activity", "notes"] as const;
type Tab = (typeof tabs)[number];

function nameOf({ row }: Customer): string {
  return row.name || row.nickname || t("card.number", { number: String(row.number) });
}

function Strip({ customer: { purchases, visits } }: { customer: Customer }) {
  return (
    <Facts
      class="card-strip"
      items={[
        { label: t("card.spent"), value: formatMoney(purchases.total_minor) },
        { label: t("card.operations"), value: formatNumber(purchases.operations) },
        {
          label: t("card.average"),
          value: purchases.average_minor === null ? "–" : formatMoney(purchases.average_minor),
        },
        {
          label: t("card.interval"),
          value: purchases.interval_days === null ? "–" : tn("card.interval_days", purchases.interval_days),
        },
        { label: t("card.last_purchase"), value: <DayText day={purchases.last} /> },
        { label: t("card.last_visit"), value: <DayText day={visits.last} /> },
      ]}
    />
  );
}

function CardSkeleton() {
  return (
    <div role="status">
      <h1 class="hidden-text">{t("card.loading")}</h1>
      <div class="card-header">
        <Skeleton round width="64px" height="64px" />
        <div class="card-who card-who-loading">
          <Skeleton width="220px" height="24px" />
          <Skeleton width="320px" />
        </div>
      </div>
      <div class="card-loading">
        <SkeletonLines lines={6} />
        <SkeletonLines lines={6} />
      </div>
    </div>
  );
}

function Card(props: { customer: Customer; onFavourite: (on: boolean) => void; onChange: () => void }) {
  const { customer, onFavourite, onChange } = props;
  const { id } = customer.row;
  const asked = address.value.query.get("tab");
  const tab: Tab = tabs.find((one) => one === asked) ?? "overview";
  const notes = useNotes(id);
  const tasks = useTasks(id);
  const waiting = (notes.value?.items.length ?? 0) + (tasks.value?.items.filter((task) => !task.done_at).length ?? 0);
  return (
    <>
      <CardHeader customer={customer} name={nameOf(customer)} onFavourite={onFavourite} onChange={onChange} onTasks={tasks.reload} />
      <Strip customer={customer} />
      <div class={`card-body card-body-${tab}`}>
        <div class="card-main">
          <Tabs<Tab>
            name="card"
            label={t("card.tabs")}
            current={tab}
            onCurrent={(next) => setQuery({ tab: next === "overview" ? null : next, kind: null })}
            tabs={tabs.map((one) => ({ id: one, label: t(`card.tab_${one}`), count: one === "notes" ? waiting : undefined }))}
          />
          <TabPanel name="card" current={tab} class="card-panel">
            {tab === "overview" && (
              <>
                <PinnedNotes notes={notes} />
                <ReadyMessage customer={customer} />
                <OpenTasks tasks={tasks} />
                <Overview customer={customer} />
              </>
            )}
            {tab === "operations" && <Operations id={id} />}
            {tab === "points" && <PointsTab id={id} name={nameOf(customer)} />}
            {tab === "certificates" && <CustomerCertificates customer={id} name={nameOf(customer)} />}
            {tab === "stamps" && <CustomerStamps customer={id} />}
            {tab === "referrals" && <CustomerReferrals customer={id} />}
            {tab === "activity" && <ActivityTimeline id={id} />}
            {tab === "notes" && (
              <>
                <Notes customer={id} notes={notes} />
                <CustomerTasks customer={id} tasks={tasks} />
              </>
            )}
          </TabPanel>
        </div>
        <aside class="card-aside">
          {tab !== "points" && <PointsBlock class="card-points" customer={id} name={nameOf(customer)} />}
          <Personal customer={customer} onChange={onChange} />
        </aside>
      </div>
    </>
  );
}

export default function CustomerPage({ params }: PageProps) {
  const id = params["id"] ?? "";
  const card = useLoad(`customer ${id}`, (signal) => api.get("/customers/{id}", { path: { id }, signal }));
  const customer = card.value;
  const name = customer && nameOf(customer);
  /* who was merged answers with the card of today */
  const now = customer?.row.id;
  useEffect(() => {
    if (now && now !== id) navigate(`/customers/${now}${location.search}`, { replace: true });
  }, [now, id]);
  useEffect(() => {
    if (name) document.title = document.title.replace(/^.*?(?= · )/, () => name);
  }, [name]);
  const missing = card.error instanceof ApiError && card.error.status === 404;
  return (
    <div class="page card">
      <CardNavigation id={id} />
      {missing || hasCode(card.error, "bad_id") ? (
        <Missing id={id} error={card.error} onRestored={card.reload} />
      ) : customer ? (
        <Card
          customer={customer}
          onChange={card.reload}
          onFavourite={(favourite) => card.set({ ...customer, row: { ...customer.row, favourite } })}
        />
      ) : card.error ? (
        <ErrorState error={card.error} retry={card.reload} />
      ) : (
        <CardSkeleton />
      )}
    </div>
  );
}
