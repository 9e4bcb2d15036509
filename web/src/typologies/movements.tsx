// What would change: how many move from which type to which, and some of them by name.
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { DayText, ErrorState, Icon, SkeletonLines } from "../ui";
import { TypeBadge } from "./badge";
import { bodyOf, type Preview, type Rules } from "./model";

type Move = Preview["moves"][number];
const shownMax = 20;

function Movers({ rules, move }: { rules: Rules; move: Move }) {
  const body = { ...bodyOf(rules), from: move.from, to: move.to, limit: shownMax };
  const loaded = useLoad(JSON.stringify(body), (signal) => api.post("/typologies/preview", { body, signal }));
  if (loaded.error) return <ErrorState error={loaded.error} retry={loaded.reload} />;
  if (!loaded.value) return <SkeletonLines lines={3} />;
  const { items } = loaded.value;
  return (
    <>
      <ul class="typology-movers">
        {items.map((row) => (
          <li key={row.id}>
            <a class="cut" href={`/customers/${row.id}`}>
              {row.name || row.nickname || t("customers.numbered", { number: String(row.number) })}
            </a>
            <span class="muted small">
              {tn("customers.visits", row.visits)}
              {row.last_visit && <> · <DayText day={row.last_visit} /></>}
            </span>
          </li>
        ))}
      </ul>
      {move.customers > items.length && (
        <p class="muted small">{t("typologies.more_movers", { count: formatNumber(move.customers - items.length) })}</p>
      )}
    </>
  );
}

export function Movements({ rules, preview }: { rules: Rules; preview: Preview }) {
  const [open, setOpen] = useState<string | null>(null);
  if (!preview.moved) return <p class="muted">{t("typologies.nobody_moves")}</p>;
  const moves = [...preview.moves].sort((a, b) => b.customers - a.customers);
  return (
    <div class="typology-movements" role="group" aria-label={t("typologies.movements")}>
      <p class="strong">{tn("typologies.moved", preview.moved)}</p>
      <ul>
        {moves.map((move) => {
          const key = `${move.from} → ${move.to}`;
          const shown = open === key;
          return (
            <li key={key}>
              <button type="button" class="typology-move" aria-expanded={shown} onClick={() => setOpen(shown ? null : key)}>
                <Icon name={shown ? "chevron-down" : "chevron-right"} size={14} />
                <TypeBadge type={move.from} />
                <Icon name="arrow-right" size={14} label={t("typologies.to")} />
                <TypeBadge type={move.to} />
                <span class="number">{formatNumber(move.customers)}</span>
              </button>
              {shown && <Movers rules={rules} move={move} />}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
