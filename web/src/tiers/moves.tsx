// What another ladder would change: how many move from which tier to which, and some of them by name.
import { useEffect, useRef, useState } from "preact/hooks";
import { api, isAborted } from "../api/client";
import { formatMoney, formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { usePages } from "../lib/load";
import { Button, ErrorState, Icon, Progress, SkeletonLines, toastError } from "../ui";
import { TierBadge } from "./badge";
import type { Draft, DraftLevel, Preview } from "./model";

type Move = Preview["moves"][number];
const shownMax = 20;

/** Everybody who makes that move, a page at a time: nothing is estimated here. */
function Movers({ draft, move }: { draft: Draft; move: Move }) {
  const body = { ...draft, from: move.from ?? "-", to: move.to ?? "-", limit: shownMax, exact: true };
  const pages = usePages(JSON.stringify(body), (behind, signal) => api.post("/tiers/preview", { body: { ...body, behind }, signal }));
  if (pages.error) return <ErrorState error={pages.error} retry={pages.retry} />;
  if (!pages.first) return <SkeletonLines lines={3} />;
  return (
    <>
      <ul class="tier-movers">
        {pages.items.map(({ customer }) => (
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
      {pages.hasMore && (
        <Button size="s" busy={pages.loading} onClick={pages.more}>
          {t("departures.more")}
        </Button>
      )}
    </>
  );
}

/** Adds a part to the parts before it. */
function added(sum: Preview | null, part: Preview): Preview {
  if (!sum) return part;
  const moves = sum.moves.map((move) => ({ ...move }));
  for (const move of part.moves) {
    const same = moves.find((one) => one.from === move.from && one.to === move.to);
    if (same) same.customers += move.customers;
    else moves.push(move);
  }
  return { ...part, moves, moved: sum.moved + part.moved, by_hand: sum.by_hand + part.by_hand, looked: sum.looked + part.looked };
}

/** Everybody, part by part, until it is done or nobody wants to know any more. */
function useExact(draft: Draft) {
  const of = JSON.stringify(draft);
  const [state, setState] = useState<{ of: string; sum: Preview | null; done: boolean } | null>(null);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), [of]);
  const count = async () => {
    const mine = (abort.current = new AbortController());
    let sum: Preview | null = null;
    let behind: string | undefined;
    setState({ of, sum, done: false });
    try {
      do {
        const part: Preview = await api.post("/tiers/preview", { body: { ...draft, limit: 0, exact: true, behind }, signal: mine.signal });
        sum = added(sum, part);
        behind = part.next ?? undefined;
        if (!mine.signal.aborted) setState({ of, sum, done: !behind });
      } while (behind && !mine.signal.aborted);
    } catch (error) {
      if (isAborted(error)) return;
      setState(null);
      toastError(error);
    }
  };
  return { state: state?.of === of ? state : null, count: () => void count() };
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
  const { draft } = props;
  const [open, setOpen] = useState<string | null>(null);
  const exact = useExact(draft);
  const preview = exact.state?.done && exact.state.sum ? exact.state.sum : props.preview;
  if (!preview.moved && !preview.estimated) return <p class="muted">{t("tiers.nobody_moves")}</p>;
  const moves = preview.moves.toSorted((a, b) => b.customers - a.customers);
  return (
    <div class="tier-moves" role="group" aria-label={t("tiers.moves")}>
      <p class="strong">
        {tn("tiers.moved", preview.moved, { count: formatNumber(preview.moved) })}
        {preview.estimated && <span class="muted small"> · {t("tiers.estimated")}</span>}
      </p>
      {preview.estimated && !exact.state && (
        <Button size="s" onClick={exact.count}>
          {t("tiers.count_exactly")}
        </Button>
      )}
      {exact.state && !exact.state.done && (
        <Progress value={exact.state.sum?.looked ?? 0} max={preview.customers} label={t("tiers.count_exactly")} />
      )}
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
