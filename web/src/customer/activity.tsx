// Everything that happened, newest first, by month; filtered by kind.
import { api } from "../api/client";
import { formatDay, formatInstant, formatNumber, formatYearMonth } from "../lib/format";
import { hasText, t, tn } from "../lib/i18n";
import { usePages } from "../lib/load";
import { address, setQuery } from "../lib/router";
import { signed } from "../points/model";
import { Button, EmptyState, Icon, type IconName, Money } from "../ui";
import { type Activity, wordFor } from "./model";
import { More } from "./operations";

const pageSize = 40;
const icons: Readonly<Record<string, IconName>> = {
  visit: "map-pin",
  purchase: "shopping-bag",
  return: "undo-2",
  cancellation: "ban",
  booking: "calendar",
  booking_missed: "calendar",
  booking_canceled: "calendar",
  follow: "user-plus",
  share: "share-2",
  comment: "message-square",
  app_open: "activity",
  message: "mail",
  push: "mail",
  points: "star",
  tier: "star",
  certificate: "gift",
  stamp: "circle-check",
  referral: "users",
  consent: "shield-check",
  note: "file-text",
  task: "check",
  edit: "pencil",
  greeting: "cake",
  import: "upload",
  registration: "user-plus",
};

function text(detail: Activity["detail"], name: string): string | undefined {
  const value: unknown = (detail as Record<string, unknown>)[name];
  if (typeof value === "number") return formatNumber(value);
  return typeof value === "string" && value ? value : undefined;
}

function tierWords(from: string | undefined, to: string | undefined, reason: string | undefined): string {
  const moved = `${from ?? t("tiers.none")} → ${to ?? t("tiers.none")}`;
  return reason ? `${moved} · ${reason}` : moved;
}

/** What the detail says beyond its kind. */
function words(activity: Activity): string | undefined {
  const { detail } = activity;
  const channel = text(detail, "channel");
  const state = text(detail, "state");
  if (channel && state && hasText(`card.consent_${channel}`) && hasText(`card.consent_${state}`))
    return t("card.consent_label", { channel: t(`card.consent_${channel}`), state: t(`card.consent_${state}`) });
  if (activity.kind === "tier") return tierWords(text(detail, "from"), text(detail, "to"), text(detail, "reason"));
  const amount: unknown = (detail as Record<string, unknown>)["amount"];
  if (activity.kind === "points" && typeof amount === "number")
    return [signed(amount), text(detail, "reason")].filter(Boolean).join(" · ");
  const fields: unknown = (detail as Record<string, unknown>)["fields"];
  if (Array.isArray(fields)) return fields.map((field) => wordFor("profile.", String(field))).join(", ");
  const what = text(detail, "what");
  const said = { name: text(detail, "name") ?? "", stamps: text(detail, "stamps") ?? "" };
  const did = what && hasText(`activity.${activity.kind}_${what}`) ? t(`activity.${activity.kind}_${what}`, said) : undefined;
  if (activity.text) return did && what !== "added" ? t("activity.did", { did, text: activity.text }) : activity.text;
  if (did) return did;
  return text(detail, "text") ?? text(detail, "product") ?? text(detail, "network");
}

function Entry({ activity }: { activity: Activity }) {
  const said = words(activity);
  const lines: unknown = (activity.detail as Record<string, unknown>)["line_count"];
  const where = [
    text(activity.detail, "invoice"),
    typeof lines === "number" ? tn("card.op_line_count", lines) : undefined,
    activity.store,
    activity.actor,
    activity.actor || activity.origin === "demo" ? undefined : wordFor("card.how_", activity.origin),
  ].filter(Boolean);
  return (
    <li class={`event event-${activity.kind}`}>
      <span class="event-icon">
        <Icon name={icons[activity.kind] ?? "activity"} size={14} />
      </span>
      <div class="event-words">
        <p>
          <span class="strong">{wordFor("card.kind_", activity.kind)}</span>
          {said && <span class="event-said">{said}</span>}
        </p>
        <p class="small muted">{where.join(" · ")}</p>
      </div>
      {activity.amount_minor !== null && (
        <span class="event-amount">
          <Money minor={activity.amount_minor} />
        </span>
      )}
      <time class="event-day small muted" dateTime={activity.at} title={formatInstant(activity.at)}>
        {formatDay(activity.day)}
      </time>
    </li>
  );
}

function byMonth(items: readonly Activity[]): [string, Activity[]][] {
  const months = new Map<string, Activity[]>();
  for (const item of items) {
    const month = item.day.slice(0, 7);
    const list = months.get(month);
    if (list) list.push(item);
    else months.set(month, [item]);
  }
  return [...months];
}

function KindFilter(props: { kinds: readonly { kind: string; count: number }[]; chosen: string }) {
  const all = props.kinds.reduce((sum, one) => sum + one.count, 0);
  const options = [{ kind: "", count: all }, ...props.kinds];
  return (
    <div class="kinds" role="group" aria-label={t("card.kinds")}>
      {options.map(({ kind, count }) => (
        <button
          key={kind}
          type="button"
          class="kind"
          aria-pressed={kind === props.chosen}
          onClick={() => setQuery({ kind: kind || null })}
        >
          {kind ? wordFor("card.kind_", kind) : t("card.kind_all")}
          <span class="kind-count">{formatNumber(count)}</span>
        </button>
      ))}
    </div>
  );
}

export function ActivityTimeline({ id }: { id: string }) {
  const kind = address.value.query.get("kind") ?? "";
  const pages = usePages(`activity ${id} ${kind}`, (cursor, signal) =>
    api.get("/customers/{id}/activity", {
      path: { id },
      query: { cursor, limit: pageSize, kind: kind || undefined },
      signal,
    }),
  );
  const kinds = (pages.first?.kinds ?? []).toSorted((a, b) => b.count - a.count);
  const empty = !pages.loading && !pages.error && pages.items.length === 0;
  return (
    <>
      {kinds.length > 0 && <KindFilter kinds={kinds} chosen={kind} />}
      {empty && (
        <EmptyState
          icon="history"
          title={t(kind ? "card.activity_empty_kind" : "card.activity_empty")}
          text={kind ? undefined : t("card.activity_empty_text")}
          action={
            kind ? <Button onClick={() => setQuery({ kind: null })}>{t("card.show_everything")}</Button> : undefined
          }
        />
      )}
      {byMonth(pages.items).map(([month, items]) => (
        <section key={month} class="timeline">
          <h2>{formatYearMonth(month)}</h2>
          <ol>
            {items.map((activity) => (
              <Entry key={activity.id} activity={activity} />
            ))}
          </ol>
        </section>
      ))}
      {!empty && <More pages={pages} label={t("card.more")} end={t("card.end")} />}
    </>
  );
}
