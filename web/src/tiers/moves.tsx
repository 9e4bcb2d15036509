// What another ladder would change: how many move from which tier to which, and some of them by name.
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { formatMoney, formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { ErrorState, Icon, SkeletonLines } from "../ui";
import { TierBadge } from "./badge";
import type { Draft, DraftLevel, Preview } from "./model";

type Move = Preview["moves"][number];
const shownMax = 20;

function Movers({ draft, move }: { draft: Draft; move: Move }) {
  const body = { ...draft, from: move.from ?? "-", to: move.to ?? "-", limit: shownMax };
  const loaded = useLoad(JSON.stringify(body), (signal) => api.post("/tiers/preview", { body, signal }));
  if (loaded.error) return <ErrorState error={loaded.error} retry={loaded.reload} />;
  if (!loaded.value) return <SkeletonLines lines={3} />;
  const { items } = loaded.value;
  return (
    <>
      <ul class="tier-movers">
        {items.map(({ customer }) => (
          <li key={customer.id}>
            <a class="cut" href={`/customers/${customer.id}`}>
              {customer.name || customer.nickname || t("customers.numbered", { number: String(customer.number) })}
            </a>
            <span class="muted small">
              {formatMoney(customer.spent_minor)} · {tn("customers.visits", customer.visits)}
            </span>
          </li>
        ))}
      </ul>
      {move.customers > items.length && (
        <p class="muted small">{t("tiers.more_movers", { count: formatNumber(move.customers - items.length) })}</p>
      )}
    </>
  );
}

function Named({ name, levels }: { name: string | null; levels: readonly DraftLevel[] }) {
  const level = levels.find((one) => one.name === name);
  return name === null ? (
    <span class="muted">{t("tiers.none")}</span>
  ) : (
    <TierBadge name={name} colour={level?.colour ?? "slate"} />
  );
}

export function Moves(props: { before: readonly DraftLevel[]; draft: Draft; preview: Preview }) {
  const { draft, preview } = props;
  const [open, setOpen] = useState<string | null>(null);
  if (!preview.moved) return <p class="muted">{t("tiers.nobody_moves")}</p>;
  const moves = preview.moves.toSorted((a, b) => b.customers - a.customers);
  return (
    <div class="tier-moves" role="group" aria-label={t("tiers.moves")}>
      <p class="strong">
        {tn("tiers.moved", preview.moved, { count: formatNumber(preview.moved) })}
        {preview.estimated && <span class="muted small"> · {t("tiers.estimated")}</span>}
      </p>
      <ul>
        {moves.map((move) => {
          const key = `${move.from} → ${move.to}`;
          const shown = open === key;
          return (
            <li key={key}>
              <button type="button" class="tier-move" aria-expanded={shown} onClick={() => setOpen(shown ? null : key)}>
                <Icon name={shown ? "chevron-down" : "chevron-right"} size={14} />
                <Named name={move.from} levels={props.before} />
                <Icon name="arrow-right" size={14} label={t("tiers.to")} />
                <Named name={move.to} levels={draft.tiers} />
                <span class="number">{formatNumber(move.customers)}</span>
              </button>
              {shown && <Movers draft={draft} move={move} />}
            </li>
          );
        })}
      </ul>
      {preview.by_hand > 0 && (
        <p class="muted small">{tn("tiers.by_hand_stay", preview.by_hand, { count: formatNumber(preview.by_hand) })}</p>
      )}
    </div>
  );
}
