// Every entry of a customer's points, newest first: what came, what went, the balance after it, and when
// what came expires. An entry can be taken back, once.
import { useEffect, useRef } from "preact/hooks";
import { api, newKey } from "../api/client";
import { More } from "../customer/operations";
import { formatDay, formatInstant, formatNumber } from "../lib/format";
import { t } from "../lib/i18n";
import { usePages } from "../lib/load";
import { address, setQuery } from "../lib/router";
import { may } from "../shell/session";
import { Badge, Button, EmptyState, IconButton, Select, toastError } from "../ui";
import { PointsActions, Promises, useBalance } from "./balance";
import { type Entry, type EntryKind, moved, reversible, signed, takeBack } from "./model";

const pageSize = 25;
/** What one may look for: all that came, all that went, or one kind. */
const kinds: readonly (EntryKind | "credits" | "debits")[] = [
  "credits", "debits", "purchase", "visit", "credit", "debit", "return", "reversal", "expiry", "opening", "certificate", "stamp", "referral", "birthday", "tier",
];

export function EntryWords({ entry }: { entry: Entry }) {
  const where = [entry.store, entry.staff].filter(Boolean).join(" · ");
  return (
    <>
      <span class="points-what">
        {t(`points.kind_${entry.kind}`)}
        {entry.reason && <span class="muted">{entry.reason}</span>}
        {entry.reversed && <Badge>{t("points.was_taken_back")}</Badge>}
      </span>
      {(where || entry.message) && (
        <span class="small muted">
          {where}
          {where && entry.message && " · "}
          {entry.message && <span title={t("points.message_kept")}>{t("points.message_said", { message: entry.message })}</span>}
        </span>
      )}
    </>
  );
}

function Row({ entry, customer }: { entry: Entry; customer: string }) {
  const back = () => void takeBack(customer, entry.id, newKey()).catch(toastError);
  return (
    <tr class={entry.reversed ? "points-back" : undefined}>
      <td>
        <time dateTime={entry.at} title={formatInstant(entry.at)}>
          {formatDay(entry.day)}
        </time>
      </td>
      <td>
        <EntryWords entry={entry} />
      </td>
      <td class={`number ${entry.amount > 0 ? "points-plus" : ""}`}>{signed(entry.amount)}</td>
      <td class="number wide-only">{formatNumber(entry.balance)}</td>
      <td class="wide-only">{entry.expires ? formatDay(entry.expires) : entry.amount > 0 ? t("points.never") : ""}</td>
      <td class="points-act">
        {reversible(entry) && may("points") && (
          <IconButton icon="undo-2" iconSize={14} label={t("points.take_back", { points: signed(entry.amount) })} onClick={back} />
        )}
      </td>
    </tr>
  );
}

function Entries({ entries, customer }: { entries: readonly Entry[]; customer: string }) {
  return (
    <div class="table-frame">
      <table class="table points-table">
        <caption class="hidden-text">{t("points.entries")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("points.day")}</th>
            <th scope="col">{t("points.entry")}</th>
            <th scope="col" class="number">{t("points.title")}</th>
            <th scope="col" class="number wide-only">{t("points.after")}</th>
            <th scope="col" class="wide-only">{t("points.expires")}</th>
            <th scope="col">
              <span class="hidden-text">{t("points.actions")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Row key={entry.id} entry={entry} customer={customer} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function PointsTab({ id, name }: { id: string; name: string }) {
  const asked = address.value.query.get("kind") ?? "";
  const kind = kinds.find((one) => one === asked);
  const balance = useBalance(id);
  const now = moved.value;
  const pages = usePages(`points ${id} ${kind ?? ""} ${now}`, (cursor, signal) =>
    api.get("/customers/{id}/points", { path: { id }, query: { cursor, limit: pageSize, kind }, signal }),
  );
  /* while the list is read again after a movement, the one before stays */
  const shown = useRef<readonly Entry[]>([]);
  useEffect(() => {
    if (!pages.loading) shown.current = pages.items;
  });
  const items = pages.loading && pages.items.length === 0 ? shown.current : pages.items;
  const empty = !pages.loading && !pages.error && pages.items.length === 0;
  return (
    <>
      {balance.value && (
        <div class="points-head">
          <p class="points-total">
            <strong>{formatNumber(balance.value.total)}</strong> <span class="muted">{t("points.balance")}</span>
          </p>
          <PointsActions customer={id} name={name} balance={balance.value} />
          <Promises balance={balance.value} />
        </div>
      )}
      <div class="card-filter points-filter">
        <Select
          aria-label={t("points.which")}
          value={kind ?? ""}
          onValue={(next) => setQuery({ kind: next || null })}
          options={[
            { value: "", label: t("points.all") },
            ...kinds.map((one) => ({ value: one, label: t(`points.kind_${one}`) })),
          ]}
        />
      </div>
      {empty ? (
        <EmptyState
          icon="star"
          title={t(kind ? "card.activity_empty_kind" : "points.none")}
          text={kind ? undefined : t("points.none_text")}
          action={kind ? <Button onClick={() => setQuery({ kind: null })}>{t("card.show_everything")}</Button> : undefined}
        />
      ) : (
        <>
          {items.length > 0 && <Entries entries={items} customer={id} />}
          {!(pages.loading && items.length > 0 && pages.items.length === 0) && (
            <More pages={pages} label={t("card.more")} end={t("card.end")} />
          )}
        </>
      )}
    </>
  );
}
