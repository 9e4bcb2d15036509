// The departure calendar: /departures?month=2026-06&day=2026-06-12. Who turns at risk on which coming day,
// if they do not come.
import { useEffect, useRef, useState } from "preact/hooks";
import { api, type Schemas } from "../api/client";
import { nameOf } from "../customers/ticked";
import { dayNumber, dayText, formatDay, formatMoney, formatNumber, formatYearMonth, region } from "../lib/format";
import { localeTag, t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { address, readable, setQuery } from "../lib/router";
import { TypeBadge } from "../typologies/badge";
import { Avatar, Button, DayText, EmptyState, ErrorState, IconButton, LinkButton, PageHeader, Skeleton, SkeletonLines } from "../ui";

type Departures = Schemas["Departures"];
const ahead = 400; /* days that the server looks ahead */
const pageSize = 50;

interface Month {
  year: number;
  month: number; /* 1…12 */
}
function monthOf(day: string): Month {
  return { year: Number(day.slice(0, 4)), month: Number(day.slice(5, 7)) };
}
function monthText({ year, month }: Month): string {
  return `${year}-${String(month).padStart(2, "0")}`;
}
function addMonths({ year, month }: Month, by: number): Month {
  const n = year * 12 + month - 1 + by;
  return { year: Math.floor(n / 12), month: (n % 12) + 1 };
}
function firstDay(month: Month): number {
  return dayNumber(`${monthText(month)}-01`);
}

interface WithWeek {
  getWeekInfo?: () => { firstDay: number };
  weekInfo?: { firstDay: number };
}
/** 1 = Monday … 7 = Sunday, as the reader's language has it. */
function weekStart(): number {
  const locale = new Intl.Locale(localeTag()) as Intl.Locale & WithWeek;
  return (locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1;
}
/** 0 = the first day of the reader's week. */
function weekday(day: number): number {
  return (((day + 3 - (weekStart() - 1)) % 7) + 7) % 7; /* day 0 was a Thursday */
}
function weekdayNames(): string[] {
  const names = new Intl.DateTimeFormat(localeTag(), { weekday: "short", timeZone: "UTC" });
  return Array.from({ length: 7 }, (_, i) => names.format(Date.UTC(2024, 0, 1 + ((weekStart() - 1 + i) % 7)))); /* a Monday */
}

/** Five steps of warmth, by the share of the busiest day. */
function heat(customers: number, most: number): number {
  return customers === 0 || most === 0 ? 0 : Math.max(1, Math.ceil((customers / most) * 4));
}

function DayCell(props: {
  day: number;
  customers: number | null;
  warmth: number;
  chosen: boolean;
  focus: boolean;
  onChoose: (day: number) => void;
}) {
  const { day, customers } = props;
  const text = dayText(day);
  const number = Number(text.slice(8));
  if (customers === null)
    return (
      <span class="departure-day departure-day-out" role="gridcell">
        <span class="departure-date">{number}</span>
      </span>
    );
  const label = `${formatDay(text, "long")}: ${tn("departures.customers", customers)}`;
  return (
    <span role="gridcell" aria-selected={props.chosen}>
      <button
        type="button"
        class={`departure-day departure-heat-${props.warmth}`}
        data-day={text}
        aria-pressed={props.chosen}
        tabIndex={props.focus ? 0 : -1}
        onClick={() => props.onChoose(day)}
      >
        <span class="departure-date" aria-hidden="true">
          {number}
        </span>
        {customers > 0 && (
          <span class="departure-count" aria-hidden="true">
            {formatNumber(customers)}
          </span>
        )}
        <span class="hidden-text">{label}</span>
      </button>
    </span>
  );
}

interface CalendarProps {
  month: Month;
  counts: ReadonlyMap<string, number>;
  chosen: string | null;
  first: number;
  last: number;
  onChoose: (day: number, focus: boolean) => void;
}

function Calendar({ month, counts, chosen, first, last, onChoose }: CalendarProps) {
  const from = firstDay(month);
  const to = firstDay(addMonths(month, 1)) - 1;
  const most = Math.max(0, ...counts.values());
  const days = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const may = (day: number) => day >= first && day <= last;
  const focused = chosen && may(dayNumber(chosen)) ? dayNumber(chosen) : days.find(may);
  const weeks: (number | null)[][] = [];
  for (let start = from - weekday(from); start <= to; start += 7)
    weeks.push(Array.from({ length: 7 }, (_, i) => (start + i >= from && start + i <= to ? start + i : null)));
  const keys = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
    const at = (event.target as HTMLElement).dataset["day"];
    const step = steps[event.key];
    if (!at || step === undefined) return;
    event.preventDefault();
    const next = Math.min(last, Math.max(first, dayNumber(at) + step));
    onChoose(next, true);
  };
  return (
    <div class="departure-grid" role="grid" aria-label={formatYearMonth(monthText(month))} onKeyDown={keys}>
      <div class="departure-week departure-weekdays" role="row">
        {weekdayNames().map((name) => (
          <span key={name} role="columnheader">
            {name}
          </span>
        ))}
      </div>
      {weeks.map((week, i) => (
        <div key={i} class="departure-week" role="row">
          {week.map((day, k) =>
            day === null ? (
              <span key={k} role="gridcell" class="departure-day departure-day-none" />
            ) : (
              <DayCell
                key={k}
                day={day}
                customers={may(day) ? (counts.get(dayText(day)) ?? 0) : null}
                warmth={heat(counts.get(dayText(day)) ?? 0, most)}
                chosen={dayText(day) === chosen}
                focus={day === focused}
                onChoose={(one) => onChoose(one, false)}
              />
            ),
          )}
        </div>
      ))}
    </div>
  );
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
  const asked = query.get("day");
  const day = asked && /^\d{4}-\d\d-\d\d$/.test(asked) && dayNumber(asked) >= first && dayNumber(asked) <= last ? asked : null;
  const wanted = /^\d{4}-(0[1-9]|1[0-2])$/.exec(query.get("month") ?? "")?.[0];
  const month = monthOf(wanted ? `${wanted}-01` : (day ?? dayText(first)));
  const from = Math.max(first, firstDay(month));
  const to = Math.min(last, firstDay(addMonths(month, 1)) - 1);
  const has = from <= to;
  const counts = useLoad(`departures ${dayText(first)} ${monthText(month)}`, async (signal) =>
    has ? await api.get("/departures", { query: { from: dayText(from), to: dayText(to) }, signal }) : null,
  );
  const rules = useLoad("typologies", (signal) => api.get("/typologies", { signal }));
  const page = useRef<HTMLDivElement>(null);
  const focusOn = useRef<string | null>(null);
  useEffect(() => {
    if (!focusOn.current) return;
    page.current?.querySelector<HTMLElement>(`[data-day="${focusOn.current}"]`)?.focus();
    if (document.activeElement instanceof HTMLElement && document.activeElement.dataset["day"] === focusOn.current)
      focusOn.current = null;
  });
  const choose = (next: number, focus: boolean) => {
    const text = dayText(next);
    if (focus) focusOn.current = text;
    setQuery({ day: text, month: monthText(monthOf(text)) });
  };
  const turn = (by: number) => setQuery({ month: monthText(addMonths(month, by)), day: null });
  const days = new Map((counts.value?.days ?? []).map((one) => [one.day, one.customers]));
  return (
    <div class="page departures" ref={page}>
      <PageHeader title={t("departures.title")} subtitle={t("departures.text")} />
      <div class="departure-months">
        <IconButton
          icon="chevron-left"
          variant="secondary"
          label={t("departures.month_before")}
          disabled={firstDay(month) <= first}
          onClick={() => turn(-1)}
        />
        <h2 aria-live="polite">{formatYearMonth(monthText(month))}</h2>
        <IconButton
          icon="chevron-right"
          variant="secondary"
          label={t("departures.month_after")}
          disabled={firstDay(addMonths(month, 1)) > last}
          onClick={() => turn(1)}
        />
        {counts.value ? (
          <span class="muted">{tn("departures.turn", counts.value.total)}</span>
        ) : (
          !counts.error && <Skeleton width="140px" />
        )}
      </div>
      {counts.error ? (
        <ErrorState error={counts.error} retry={counts.reload} />
      ) : (
        <div class="departure-body">
          <Calendar month={month} counts={days} chosen={day} first={first} last={last} onChoose={choose} />
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
