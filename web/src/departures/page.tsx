// The departure calendar: /departures?month=2026-06&day=2026-06-12&kinds=risk,points. What is lost on which coming
// day, if nobody comes: who turns at risk, whose points expire, whose tier falls.
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
  Checkbox,
  DayText,
  EmptyState,
  ErrorState,
  Icon,
  LinkButton,
  MonthBar,
  PageHeader,
  Skeleton,
  SkeletonLines,
} from "../ui";

type Departures = Schemas["Departures"];
type Losses = Schemas["DepartureLosses"];
const allKinds = ["risk", "points", "tiers"] as const;
type Kind = (typeof allKinds)[number];
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

function RiskList({ day, riskDays }: { day: string; riskDays: number | undefined }) {
  const [shown, setShown] = useState(pageSize);
  const list = useLoad(`departures ${day} ${shown}`, (signal) =>
    api.get("/departures", { query: { from: day, to: day, limit: Math.min(shown, 500) }, signal }),
  );
  const kept = useRef<Departures | null>(null);
  if (list.value) kept.current = list.value;
  const value = list.value ?? kept.current;
  return (
    <section>
      <header>
        <h3>{value ? tn("departures.turn", value.total) : t("departures.kind_risk")}</h3>
        {riskDays !== undefined && value && value.total > 0 && <InCustomers day={day} riskDays={riskDays} total={value.total} />}
      </header>
      {list.error ? (
        <ErrorState error={list.error} retry={list.reload} />
      ) : !value ? (
        <SkeletonLines lines={6} />
      ) : value.total === 0 ? (
        <p class="muted">{t("departures.nobody")}</p>
      ) : (
        <>
          <People items={value.items} />
          {value.items.length < value.total && shown < 500 && (
            <Button onClick={() => setShown(shown + pageSize)}>{t("departures.more")}</Button>
          )}
        </>
      )}
    </section>
  );
}

/** Whose points expire after this day, or whose tier falls on it. */
function LossList({ day, kind }: { day: string; kind: "points" | "tiers" }) {
  const [shown, setShown] = useState(pageSize);
  const list = useLoad(`losses ${kind} ${day} ${shown}`, (signal) =>
    api.get("/departures/losses", { query: { kind, from: day, to: day, limit: Math.min(shown, 500) }, signal }),
  );
  const kept = useRef<Losses | null>(null);
  if (list.value) kept.current = list.value;
  const value = list.value ?? kept.current;
  const title = (of: Losses) =>
    kind === "points"
      ? tn("departures.expire", of.points, { count: formatNumber(of.points), customers: tn("departures.customers", of.customers) })
      : tn("departures.fall", of.customers);
  return (
    <section>
      <header>
        <h3>{value && value.customers > 0 ? title(value) : t(`departures.kind_${kind}`)}</h3>
      </header>
      {list.error ? (
        <ErrorState error={list.error} retry={list.reload} />
      ) : !value ? (
        <SkeletonLines lines={3} />
      ) : value.customers === 0 ? (
        <p class="muted">{t(`departures.none_${kind}`)}</p>
      ) : (
        <>
          <ul class="departure-people">
            {value.items.map(({ customer, points, tier, next_tier }) => (
              <li key={customer.id}>
                <Avatar id={customer.id} name={customer.name} photo={customer.photo} consent={customer.consent.sms === "granted"} />
                <span class="departure-who">
                  <a class="strong cut" href={`/customers/${customer.id}`}>
                    {nameOf(customer)}
                  </a>
                  {kind === "tiers" && (
                    <span class="muted small cut">
                      {t("departures.tier_change", { from: tier ?? "", to: next_tier ?? t("departures.no_tier") })}
                    </span>
                  )}
                </span>
                {kind === "points" && <span class="number">{tn("departures.points", points, { count: formatNumber(points) })}</span>}
                <TypeBadge type={customer.type} />
              </li>
            ))}
          </ul>
          {value.items.length < value.customers && shown < 500 && (
            <Button onClick={() => setShown(shown + pageSize)}>{t("departures.more")}</Button>
          )}
        </>
      )}
    </section>
  );
}

function DayList({ day, kinds, riskDays }: { day: string; kinds: readonly Kind[]; riskDays: number | undefined }) {
  return (
    <section class="departure-list" aria-label={formatDay(day, "long")}>
      <h2>{formatDay(day, "long")}</h2>
      {kinds.includes("risk") && <RiskList day={day} riskDays={riskDays} />}
      {kinds.includes("points") && <LossList day={day} kind="points" />}
      {kinds.includes("tiers") && <LossList day={day} kind="tiers" />}
    </section>
  );
}

/** What the address has; nothing there is everything. */
function readKinds(text: string | null): readonly Kind[] {
  const named = allKinds.filter((one) => text?.split(",").includes(one));
  return named.length > 0 ? named : allKinds;
}

function KindSwitches({ kinds }: { kinds: readonly Kind[] }) {
  const set = (kind: Kind, on: boolean) => {
    const next = allKinds.filter((one) => (one === kind ? on : kinds.includes(one)));
    setQuery({ kinds: next.length === allKinds.length || next.length === 0 ? null : next.join(",") }, { replace: true });
  };
  return (
    <div class="departure-kinds" role="group" aria-label={t("departures.kinds")}>
      {allKinds.map((kind) => (
        <Checkbox key={kind} checked={kinds.includes(kind)} onChecked={(on) => set(kind, on)} label={t(`departures.kind_${kind}`)} />
      ))}
    </div>
  );
}

interface Loss {
  customers: number;
  points: number;
}
function cell(risk: number, points: Loss | undefined, tiers: Loss | undefined, kinds: readonly Kind[]) {
  const expiring = kinds.includes("points") ? (points?.customers ?? 0) : 0;
  const falling = kinds.includes("tiers") ? (tiers?.customers ?? 0) : 0;
  const label = [
    kinds.includes("risk") && tn("departures.turn", risk),
    expiring > 0 && tn("departures.expire", points!.points, { count: formatNumber(points!.points), customers: tn("departures.customers", expiring) }),
    falling > 0 && tn("departures.fall", falling),
  ].filter(Boolean);
  const content = (
    <>
      {expiring > 0 && (
        <span class="departure-extra">
          <Icon name="star" size={12} />
          <span>{formatNumber(expiring)}</span>
        </span>
      )}
      {falling > 0 && (
        <span class="departure-extra">
          <Icon name="arrow-down" size={12} />
          <span>{formatNumber(falling)}</span>
        </span>
      )}
      {kinds.includes("risk") && risk > 0 && formatNumber(risk)}
    </>
  );
  return { label: label.join(", ") || t("departures.nothing"), content: risk + expiring + falling > 0 && content };
}

export default function DeparturesPage() {
  const { query } = address.value;
  const first = dayNumber(region.value.today) + 1;
  const last = first + ahead - 1;
  const asked = readDay(query.get("day"));
  const day = asked && dayNumber(asked) >= first && dayNumber(asked) <= last ? asked : null;
  const month = readMonth(query.get("month")) ?? monthOf(day ?? dayText(first));
  const kinds = readKinds(query.get("kinds"));
  const from = Math.max(first, firstDay(month));
  const to = Math.min(last, lastDay(month));
  const days = { from: dayText(from), to: dayText(to) };
  const key = (kind: Kind) => `departures ${kind} ${kinds.includes(kind)} ${dayText(first)} ${monthText(month)}`;
  const has = (kind: Kind) => from <= to && kinds.includes(kind);
  const risk = useLoad(key("risk"), async (signal) => (has("risk") ? await api.get("/departures", { query: days, signal }) : null));
  const losses = (kind: "points" | "tiers") => async (signal: AbortSignal) =>
    has(kind) ? await api.get("/departures/losses", { query: { kind, ...days }, signal }) : null;
  const points = useLoad(key("points"), losses("points"));
  const tiers = useLoad(key("tiers"), losses("tiers"));
  const rules = useLoad("typologies", (signal) => api.get("/typologies", { signal }));
  const failed = [risk, points, tiers].find((one) => one.error);
  const riskOn = new Map((risk.value?.days ?? []).map((one) => [one.day, one.customers]));
  const pointsOn = new Map((points.value?.days ?? []).map((one) => [one.day, one]));
  const tiersOn = new Map((tiers.value?.days ?? []).map((one) => [one.day, one]));
  const most = Math.max(0, ...riskOn.values());
  return (
    <div class="page departures">
      <PageHeader title={t("departures.title")} subtitle={t("departures.text")} />
      <MonthBar month={month} first={first} last={last} onMonth={(next) => setQuery({ month: monthText(next), day: null })}>
        {risk.value ? (
          <span class="muted">{tn("departures.turn", risk.value.total)}</span>
        ) : (
          has("risk") && !risk.error && <Skeleton width="140px" />
        )}
        <KindSwitches kinds={kinds} />
      </MonthBar>
      {failed ? (
        <ErrorState error={failed.error} retry={failed.reload} />
      ) : (
        <div class="calendar-body">
          <Calendar
            month={month}
            chosen={day}
            first={first}
            last={last}
            onChoose={(next) => setQuery({ day: next, month: monthText(monthOf(next)) })}
            day={(one) => ({
              ...cell(riskOn.get(one) ?? 0, pointsOn.get(one), tiersOn.get(one), kinds),
              warmth: heat(riskOn.get(one) ?? 0, most),
            })}
          />
          {day ? (
            <DayList key={day} day={day} kinds={kinds} riskDays={rules.value?.rules.at_risk_days} />
          ) : (
            <EmptyState icon="calendar" title={t("departures.choose")} text={t("departures.choose_text")} />
          )}
        </div>
      )}
    </div>
  );
}
