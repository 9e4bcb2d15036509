// The departure calendar: /departures?month=2026-06&day=2026-06-12. Who turns at risk on which coming day,
// if they do not come.
import { useRef, useState } from "preact/hooks";
import { api, type Schemas } from "../api/client";
import { nameOf } from "../customers/ticked";
import { dayNumber, dayText, formatDay, formatMoney, formatNumber, region } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { firstDay, lastDay, monthOf, monthText, readDay, readMonth } from "../lib/month";
import { address, readable, setQuery } from "../lib/router";
import { TypeBadge } from "../typologies/badge";
import {
  Avatar,
  Button,
  Calendar,
  DayText,
  EmptyState,
  ErrorState,
  LinkButton,
  MonthBar,
  PageHeader,
  Skeleton,
  SkeletonLines,
} from "../ui";

type Departures = Schemas["Departures"];
const ahead = 400; /* days that the server looks ahead */
const pageSize = 50;

/** Five steps of warmth, by the share of the busiest day. */
function heat(customers: number, most: number): number {
  return customers === 0 || most === 0 ? 0 : Math.max(1, Math.ceil((customers / most) * 4));
}

function People({ items }: { items: Departures["items"] }) {
  return (
    <ul class="departure-people">
      {items.map(({ customer }) => (
        <li key={customer.id}>
          <Avatar id={customer.id} name={customer.name} photo={customer.photo} consent={customer.consent.sms === "granted"} />
          <span class="departure-who">
            <a class="strong cut" href={`/customers/${customer.id}`}>
              {nameOf(customer)}
            </a>
            <span class="muted small cut">
              {customer.last_visit ? (
                <>
                  {t("departures.last_visit")} <DayText day={customer.last_visit} />
                </>
              ) : (
                t("departures.never_came")
              )}
            </span>
          </span>
          <TypeBadge type={customer.type} />
          <span class="number departure-spent">{formatMoney(customer.spent_minor)}</span>
        </li>
      ))}
    </ul>
  );
}

/** To those of the day in Customers: who came last, or was registered, just long enough before it. Under rules of the
 *  shop's own somebody else may turn; the way there is offered where it leads to exactly as many. */
function InCustomers({ day, riskDays, total }: { day: string; riskDays: number; total: number }) {
  const last = dayText(dayNumber(day) - riskDays);
  const q = `-type:at_risk (last_visit:${last} or last_visit:none registered:${last})`;
  const found = useLoad(`customers ${q}`, (signal) => api.get("/customers", { query: { q, limit: 0 }, signal }));
  if (found.value?.matching !== total) return null;
  return (
    <LinkButton size="s" icon="users" href={`/customers?${readable(new URLSearchParams({ q }))}`}>
      {t("departures.in_customers")}
    </LinkButton>
  );
}

function DayList({ day, riskDays }: { day: string; riskDays: number | undefined }) {
  const [shown, setShown] = useState(pageSize);
  const list = useLoad(`departures ${day} ${shown}`, (signal) =>
    api.get("/departures", { query: { from: day, to: day, limit: Math.min(shown, 500) }, signal }),
  );
  const kept = useRef<Departures | null>(null);
  if (list.value) kept.current = list.value;
  const value = list.value ?? kept.current;
  return (
    <section class="departure-list" aria-label={formatDay(day, "long")}>
      <header>
        <h2>{formatDay(day, "long")}</h2>
        {riskDays !== undefined && value && value.total > 0 && (
          <InCustomers day={day} riskDays={riskDays} total={value.total} />
        )}
      </header>
      {list.error ? (
        <ErrorState error={list.error} retry={list.reload} />
      ) : !value ? (
        <SkeletonLines lines={6} />
      ) : value.total === 0 ? (
        <p class="muted">{t("departures.nobody")}</p>
      ) : (
        <>
          <p class="muted">{tn("departures.turn", value.total)}</p>
          <People items={value.items} />
          {value.items.length < value.total && shown < 500 && (
            <Button onClick={() => setShown(shown + pageSize)}>{t("departures.more")}</Button>
          )}
        </>
      )}
    </section>
  );
}

export default function DeparturesPage() {
  const { query } = address.value;
  const first = dayNumber(region.value.today) + 1;
  const last = first + ahead - 1;
  const asked = readDay(query.get("day"));
  const day = asked && dayNumber(asked) >= first && dayNumber(asked) <= last ? asked : null;
  const month = readMonth(query.get("month")) ?? monthOf(day ?? dayText(first));
  const from = Math.max(first, firstDay(month));
  const to = Math.min(last, lastDay(month));
  const has = from <= to;
  const counts = useLoad(`departures ${dayText(first)} ${monthText(month)}`, async (signal) =>
    has ? await api.get("/departures", { query: { from: dayText(from), to: dayText(to) }, signal }) : null,
  );
  const rules = useLoad("typologies", (signal) => api.get("/typologies", { signal }));
  const choose = (next: string) => setQuery({ day: next, month: monthText(monthOf(next)) });
  const days = new Map((counts.value?.days ?? []).map((one) => [one.day, one.customers]));
  const most = Math.max(0, ...days.values());
  return (
    <div class="page departures">
      <PageHeader title={t("departures.title")} subtitle={t("departures.text")} />
      <MonthBar month={month} first={first} last={last} onMonth={(next) => setQuery({ month: monthText(next), day: null })}>
        {counts.value ? (
          <span class="muted">{tn("departures.turn", counts.value.total)}</span>
        ) : (
          !counts.error && <Skeleton width="140px" />
        )}
      </MonthBar>
      {counts.error ? (
        <ErrorState error={counts.error} retry={counts.reload} />
      ) : (
        <div class="calendar-body">
          <Calendar
            month={month}
            chosen={day}
            first={first}
            last={last}
            onChoose={choose}
            day={(one) => {
              const customers = days.get(one) ?? 0;
              return {
                label: tn("departures.customers", customers),
                content: customers > 0 && formatNumber(customers),
                warmth: heat(customers, most),
              };
            }}
          />
          {day ? (
            <DayList key={day} day={day} riskDays={rules.value?.rules.at_risk_days} />
          ) : (
            <EmptyState icon="calendar" title={t("departures.choose")} text={t("departures.choose_text")} />
          )}
        </div>
      )}
    </div>
  );
}
