// What the customer bought and brought back: one row a transaction, its lines on demand.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { api, type Schemas } from "../api/client";
import { formatDay } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { type Loaded, type Paged, useLoad, usePages } from "../lib/load";
import { address, setQuery } from "../lib/router";
import { Badge, Button, EmptyState, ErrorState, Icon, Money, Segmented, SkeletonLines } from "../ui";
import { formatPrice, formatQuantity, type Transaction, type TransactionLine } from "./model";

type List = Schemas["TransactionList"];
const kinds = ["purchase", "return", "cancellation"] as const;
type Kind = (typeof kinds)[number] | "";
const tones = { purchase: "neutral", return: "amber", cancellation: "red" } as const;
const pageSize = 25;
const latest = 5;

export function KindBadges({ transaction }: { transaction: Transaction }) {
  return (
    <>
      {transaction.kind !== "purchase" && (
        <Badge tone={tones[transaction.kind]} icon={transaction.kind === "return" ? "undo-2" : "ban"}>
          {t(`card.kind_${transaction.kind}`)}
        </Badge>
      )}
      {transaction.canceled && <Badge>{t("card.op_canceled")}</Badge>}
    </>
  );
}

/** The first things in it, in words. */
function summary(transaction: Transaction): string {
  const names = transaction.lines.map((line) => line.product ?? line.category ?? line.code);
  const known = [...new Set(names.filter((name): name is string => !!name))];
  return known.slice(0, 3).join(", ") || t("card.line_unnamed");
}

function Line({ line }: { line: TransactionLine }) {
  const details = [line.category, line.size, line.code].filter(Boolean).join(" · ");
  return (
    <tr>
      <td>
        <span class="op-product">
          {line.product ?? <span class="muted">{t("card.line_unnamed")}</span>}
          {line.url && (
            <a href={line.url} target="_blank" rel="noopener noreferrer nofollow">
              {t("card.view_product")}
              <Icon name="external-link" size={12} label={t("card.new_window")} />
            </a>
          )}
        </span>
        {details && <span class="small muted">{details}</span>}
      </td>
      <td class="number">{formatQuantity(line.quantity)}</td>
      <td class="number wide-only">{formatPrice(line.price)}</td>
      <td class="number">
        <Money minor={line.amount_minor} />
      </td>
    </tr>
  );
}

function Lines({ transaction }: { transaction: Transaction }) {
  const left = transaction.line_count - transaction.lines.length;
  return (
    <>
      <table class="op-lines">
        <caption class="hidden-text">
          {t("card.op_lines", { invoice: transaction.invoice ?? t("card.op_no_invoice") })}
        </caption>
        <thead>
          <tr>
            <th scope="col">{t("card.line_product")}</th>
            <th scope="col" class="number">
              {t("card.line_quantity")}
            </th>
            <th scope="col" class="number wide-only">
              {t("card.line_price")}
            </th>
            <th scope="col" class="number">
              {t("card.op_amount")}
            </th>
          </tr>
        </thead>
        <tbody>
          {transaction.lines.map((line, index) => (
            <Line key={index} line={line} />
          ))}
        </tbody>
      </table>
      {left > 0 && <p class="small muted">{tn("card.op_more_lines", left)}</p>}
    </>
  );
}

function Row({ transaction }: { transaction: Transaction }) {
  const [open, setOpen] = useState(false);
  const toggle = () => setOpen(!open);
  const struck = transaction.canceled ? " op-canceled" : "";
  return (
    <>
      <tr class={`op op-${transaction.kind}${struck}`} onClick={toggle}>
        <td class="op-date">
          <button
            type="button"
            aria-expanded={open}
            aria-label={`${formatDay(transaction.day)}: ${t("card.op_toggle")}`}
            onClick={(event) => {
              event.stopPropagation();
              toggle();
            }}
          >
            <Icon name="chevron-right" size={14} />
            <time dateTime={transaction.day}>{formatDay(transaction.day)}</time>
          </button>
        </td>
        <td class="op-what">
          <span class="op-words">
            <span class="cut">{summary(transaction)}</span>
            <KindBadges transaction={transaction} />
          </span>
          <span class="small muted cut">
            {[transaction.invoice, transaction.store, tn("card.op_line_count", transaction.line_count)]
              .filter(Boolean)
              .join(" · ")}
          </span>
        </td>
        <td class="number op-amount">
          <Money minor={transaction.total_minor} />
        </td>
      </tr>
      {open && (
        <tr class="op-open">
          <td colSpan={3}>
            <Lines transaction={transaction} />
          </td>
        </tr>
      )}
    </>
  );
}

function TransactionTable(props: { transactions: readonly Transaction[] }) {
  return (
    <table class="ops">
      <caption class="hidden-text">{t("card.tab_operations")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("card.op_date")}</th>
          <th scope="col">{t("card.op_items")}</th>
          <th scope="col" class="number">
            {t("card.op_amount")}
          </th>
        </tr>
      </thead>
      <tbody>
        {props.transactions.map((transaction) => (
          <Row key={transaction.id} transaction={transaction} />
        ))}
      </tbody>
    </table>
  );
}

/** "Show more" at the end of a list that comes page by page. */
export function More<P extends { items: readonly unknown[]; next: string | null }>(props: {
  pages: Paged<P>;
  label: string;
  end: string;
}): ComponentChildren {
  const { pages } = props;
  if (pages.error) return <ErrorState error={pages.error} retry={pages.retry} />;
  if (pages.loading && pages.items.length === 0) return <SkeletonLines lines={6} />;
  if (pages.hasMore || pages.loading)
    return (
      <div class="list-more">
        <Button busy={pages.loading} onClick={pages.more}>
          {props.label}
        </Button>
      </div>
    );
  return <p class="list-end small muted">{props.end}</p>;
}

/** The first few, for the overview. */
export function LatestOperations({ id }: { id: string }) {
  const list: Loaded<List> = useLoad(`latest ${id}`, (signal) =>
    api.get("/customers/{id}/transactions", { path: { id }, query: { limit: latest }, signal }),
  );
  if (list.error) return <ErrorState error={list.error} retry={list.reload} />;
  if (!list.value) return <SkeletonLines lines={latest} />;
  if (list.value.items.length === 0) return <p class="muted">{t("card.purchases_none")}</p>;
  return <TransactionTable transactions={list.value.items} />;
}

export function Operations({ id }: { id: string }) {
  const asked = address.value.query.get("kind") ?? "";
  const kind: Kind = kinds.find((one) => one === asked) ?? "";
  const pages = usePages(`operations ${id} ${kind}`, (cursor, signal) =>
    api.get("/customers/{id}/transactions", {
      path: { id },
      query: { cursor, limit: pageSize, kind: kind || undefined },
      signal,
    }),
  );
  const labels = { purchase: "card.op_purchases", return: "card.op_returns", cancellation: "card.op_cancellations" };
  const empty = !pages.loading && !pages.error && pages.items.length === 0;
  return (
    <>
      <div class="card-filter">
        <Segmented<Kind>
          label={t("card.kinds")}
          value={kind}
          onValue={(next) => setQuery({ kind: next || null })}
          options={[
            { value: "", label: t("card.op_all") },
            ...kinds.map((one) => ({ value: one, label: t(labels[one]) })),
          ]}
        />
      </div>
      {empty && kind === "" && (
        <EmptyState icon="receipt" title={t("card.operations_empty")} text={t("card.operations_empty_text")} />
      )}
      {empty && kind !== "" && (
        <EmptyState
          icon="receipt"
          title={t("card.activity_empty_kind")}
          action={<Button onClick={() => setQuery({ kind: null })}>{t("card.show_everything")}</Button>}
        />
      )}
      {pages.items.length > 0 && <TransactionTable transactions={pages.items} />}
      {!empty && <More pages={pages} label={t("card.more")} end={t("card.end")} />}
    </>
  );
}
