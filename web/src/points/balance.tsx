// The balance with +1, −1 and any amount: on the card and in the quick info.
import { useEffect, useRef, useState } from "preact/hooks";
import { api, newKey } from "../api/client";
import { formatDay, formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { type Loaded, useLoad } from "../lib/load";
import { may } from "../shell/session";
import { Button, IconButton, Skeleton, toastError } from "../ui";
import { PointsDialog } from "./dialog";
import { type Balance, give, moved } from "./model";

/** Asked again whenever points have moved, wherever that was. */
export function useBalance(customer: string): Loaded<Balance> {
  const balance = useLoad(`points ${customer}`, async (signal) => {
    const list = await api.get("/customers/{id}/points", { path: { id: customer }, query: { limit: 1 }, signal });
    return list.balance;
  });
  const now = moved.value;
  const seen = useRef(now);
  useEffect(() => {
    if (seen.current !== now) balance.reload();
    seen.current = now;
  }, [now]);
  return balance;
}

/** What can be done with them; nothing for who may not. */
export function PointsActions(props: { customer: string; name: string; balance: Balance }) {
  const { customer, name, balance } = props;
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  if (!may("points")) return null;
  const one = (amount: 1 | -1) => {
    setBusy(true);
    give(customer, { amount }, newKey())
      .catch(toastError)
      .finally(() => setBusy(false));
  };
  return (
    <span class="points-actions">
      <IconButton
        icon="minus"
        variant="secondary"
        label={t("points.minus_one")}
        disabled={busy || balance.usable < 1}
        onClick={() => one(-1)}
      />
      <IconButton icon="plus" variant="secondary" label={t("points.plus_one")} disabled={busy} onClick={() => one(1)} />
      <Button onClick={() => setOpen(true)}>{t("points.any")}</Button>
      {open && (
        <PointsDialog
          customer={customer}
          name={name}
          usable={balance.usable}
          onClose={() => setOpen(false)}
          onDone={() => setOpen(false)}
        />
      )}
    </span>
  );
}

/** What of them expires next, and what cannot be spent yet. */
export function Promises({ balance }: { balance: Balance }) {
  const lines = [
    balance.expiring_on &&
      t("points.expires_next", { points: tn("points.count", balance.expiring), day: formatDay(balance.expiring_on) }),
    balance.unlocking_on &&
      t("points.locked", { points: tn("points.count", balance.locked), day: formatDay(balance.unlocking_on) }),
  ].filter(Boolean);
  if (lines.length === 0) return null;
  return <p class="small muted">{lines.join(" · ")}</p>;
}

export function PointsBlock(props: { customer: string; name: string; class?: string }) {
  const balance = useBalance(props.customer);
  if (balance.error && !balance.value) return null; /* the tab tells why */
  return (
    <section class={`points-block ${props.class ?? ""}`} aria-label={t("points.title")}>
      <div class="points-now">
        <span class="muted small">{t("points.title")}</span>
        <span class="points-balance" role="status">
          {balance.value ? formatNumber(balance.value.total) : <Skeleton width="48px" height="20px" />}
        </span>
      </div>
      {balance.value && <PointsActions customer={props.customer} name={props.name} balance={balance.value} />}
      {balance.value && <Promises balance={balance.value} />}
    </section>
  );
}
