// What the shop owes in points: /points?span=year. Today, over time, and how it came to that.
import { api, type Schemas } from "../api/client";
import { dayNumber, dayText, formatDay, formatMoney, formatNumber, region } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { address, setQuery } from "../lib/router";
import { may } from "../shell/session";
import { EmptyState, ErrorState, Facts, LinkButton, PageHeader, Segmented, SkeletonLines, Table } from "../ui";
import { signed } from "./model";
import { EntryWords } from "./tab";

type Liability = Schemas["PointsLiability"];
type Day = Liability["days"][number];
const spans = { quarter: 90, half: 182, year: 365 } as const;
type Span = keyof typeof spans;
const soonDays = 30;
const width = 720;
const height = 160;

function Chart({ days }: { days: readonly Day[] }) {
  const most = Math.max(1, ...days.map((one) => one.points));
  const x = (i: number) => (days.length > 1 ? (i / (days.length - 1)) * width : width);
  const y = (points: number) => height - (points / most) * (height - 8);
  const line = days.map((one, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(one.points).toFixed(1)}`).join("");
  const first = days[0]!;
  const last = days.at(-1)!;
  return (
    <figure class="points-chart">
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={t("points.over_time")}>
        <path class="points-area" d={`${line}L${width} ${height}L0 ${height}Z`} />
        <path class="points-line" d={line} />
      </svg>
      <figcaption class="visits-axis small muted">
        <span>{t("points.bar", { day: formatDay(first.day), points: tn("points.count", first.points) })}</span>
        <span>{t("points.bar", { day: formatDay(last.day), points: tn("points.count", last.points) })}</span>
      </figcaption>
    </figure>
  );
}

/** The last day of each month and the last of all: what a table can hold. */
function monthEnds(days: readonly Day[]): Day[] {
  return days.filter((one, i) => days[i + 1]?.day.slice(0, 7) !== one.day.slice(0, 7)).toReversed();
}

function AsTable({ days }: { days: readonly Day[] }) {
  return (
    <details class="visits-table">
      <summary>{t("points.as_table")}</summary>
      <table>
        <caption class="hidden-text">{t("points.over_time")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("points.day")}</th>
            <th scope="col" class="number">{t("points.title")}</th>
          </tr>
        </thead>
        <tbody>
          {monthEnds(days).map((one) => (
            <tr key={one.day}>
              <th scope="row">{formatDay(one.day)}</th>
              <td class="number">{formatNumber(one.points)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function Movements({ owed }: { owed: Liability }) {
  if (owed.kinds.length === 0) return <p class="muted">{t("points.latest_none")}</p>;
  return (
    <div class="table-frame points-moves">
      <table class="table">
        <caption class="hidden-text">{t("points.how")}</caption>
        <tbody>
          <tr>
            <td>{t("points.before", { day: formatDay(owed.from) })}</td>
            <td class="number">{formatNumber(owed.before)}</td>
          </tr>
          {owed.kinds.map((one) => (
            <tr key={one.kind}>
              <td>{t(`points.kind_${one.kind}`)}</td>
              <td class="number">{signed(one.points)}</td>
            </tr>
          ))}
          <tr class="strong">
            <td>{t("points.at_end", { day: formatDay(owed.day) })}</td>
            <td class="number">{formatNumber(owed.points)}</td>
          </tr>
        </tbody>
      </table>
    </div>
  );
}

/** What moved last, of all customers. */
function Latest() {
  const list = useLoad("points latest", (signal) => api.get("/points/latest", { signal }));
  if (list.error) return <ErrorState error={list.error} retry={list.reload} />;
  if (!list.value) return <SkeletonLines lines={5} />;
  return (
    <Table
      label={t("points.latest")}
      rows={list.value.items}
      rowKey={(row) => row.entry.id}
      href={(row) => `/customers/${row.entry.customer_id}?tab=points`}
      empty={<p class="muted">{t("points.latest_none")}</p>}
      columns={[
        {
          key: "customer",
          head: t("points.customer"),
          cell: (row) => row.name || t("customers.numbered", { number: String(row.number) }),
        },
        { key: "entry", head: t("points.entry"), wide: true, cell: ({ entry }) => <EntryWords entry={entry} /> },
        { key: "points", head: t("points.title"), align: "right", cell: ({ entry }) => signed(entry.amount) },
        { key: "day", head: t("points.day"), cell: ({ entry }) => formatDay(entry.day) },
      ]}
    />
  );
}

function Owed({ owed, span }: { owed: Liability; span: Span }) {
  const horizon = dayText(dayNumber(owed.day) + soonDays);
  const soon = owed.expiring.filter((one) => one.day <= horizon).reduce((sum, one) => sum + one.points, 0);
  const nothing = owed.points === 0 && owed.kinds.length === 0;
  return (
    <>
      <Facts
        class="points-figures"
        items={[
          { label: t("points.owed"), value: formatNumber(owed.points) },
          {
            label: t("points.worth"),
            value: owed.worth_minor === null ? <a href="/settings/loyalty">{t("points.no_worth")}</a> : formatMoney(owed.worth_minor),
          },
          { label: t("points.holders"), value: formatNumber(owed.customers) },
          { label: t("points.soon"), value: formatNumber(soon) },
        ]}
      />
      {nothing ? (
        <EmptyState icon="star" title={t("points.none")} text={t("points.latest_none")} />
      ) : (
        <>
          <section class="points-part" aria-labelledby="points-time">
            <header>
              <h2 id="points-time">{t("points.over_time")}</h2>
              <Segmented<Span>
                label={t("points.span")}
                value={span}
                onValue={(next) => setQuery({ span: next === "quarter" ? null : next })}
                options={(Object.keys(spans) as Span[]).map((one) => ({ value: one, label: t(`points.span_${one}`) }))}
              />
            </header>
            <Chart days={owed.days} />
            <AsTable days={owed.days} />
          </section>
          <section class="points-part" aria-labelledby="points-how">
            <header>
              <h2 id="points-how">{t("points.how")}</h2>
            </header>
            <Movements owed={owed} />
          </section>
          <section class="points-part" aria-labelledby="points-latest">
            <header>
              <h2 id="points-latest">{t("points.latest")}</h2>
            </header>
            <Latest />
          </section>
        </>
      )}
    </>
  );
}

export default function PointsPage() {
  const asked = address.value.query.get("span") ?? "";
  const span: Span = asked in spans ? (asked as Span) : "quarter";
  const from = dayText(dayNumber(region.value.today) - spans[span] + 1);
  const owed = useLoad(`points owed ${span}`, (signal) => api.get("/points/liability", { query: { from }, signal }));
  return (
    <div class="page points-page">
      <PageHeader
        title={t("nav.points")}
        subtitle={t("points.page_text")}
        actions={
          may("settings") && (
            <LinkButton icon="settings" href="/settings/loyalty">
              {t("loyalty.settings")}
            </LinkButton>
          )
        }
      />
      {owed.value ? (
        <Owed owed={owed.value} span={span} />
      ) : owed.error ? (
        <ErrorState error={owed.error} retry={owed.reload} />
      ) : (
        <SkeletonLines lines={8} />
      )}
    </div>
  );
}
