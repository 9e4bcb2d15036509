// Quick info: one ticked customer's main facts, or the sums of several, and what can be done at once.
import { formatBirthday, formatMoney, formatNumber, formatPhone, unknownText } from "../lib/format";
import { api } from "../api/client";
import { t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { Avatar, Badge, Button, DayText, ErrorState, Facts, IconButton, LinkButton, Money, SkeletonLines, toast, toastError } from "../ui";
import { sheetMost } from "../fidelity/model";
import { TierQuick } from "../tiers/card";
import { TypeBadge } from "../typologies/badge";
import { PointsBlock } from "../points/balance";
import { type Action, actions, allowed, begun } from "../bulk/model";
import { ConsentIcons } from "./cells";
import type { Row } from "./columns";
import { cardAddress } from "./row";
import { asOf } from "./state";
import { chosenCount, everything, nameOf, selectionNow, setFavourite, ticked, toggleTick, untickAll } from "./ticked";

const mostNames = 8;
const loyaltyOfOne: readonly Action[] = ["tier_set", "certificate"];
const loyalty: readonly Action[] = ["points_credit", "points_debit", ...loyaltyOfOne];

async function copy(values: readonly string[]): Promise<void> {
  try {
    await navigator.clipboard.writeText(values.join("\n"));
    toast(tn("panel.copied", values.length));
  } catch (error) {
    toastError(error);
  }
}

function FavouriteButton({ rows }: { rows: readonly Row[] }) {
  const all = rows.every((row) => row.favourite);
  return (
    <Button icon="heart" onClick={() => setFavourite(rows, !all)} aria-pressed={all}>
      {t(all ? "customers.favourite_remove" : "customers.favourite_add")}
    </Button>
  );
}

/** Loyalty for all the ticked; for one alone the points have buttons of their own. */
function LoyaltyActions({ names }: { names: readonly Action[] }) {
  return (
    <>
      {names.filter(allowed).map((action) => (
        <Button key={action} icon={actions[action].icon} onClick={() => (begun.value = { action, selection: selectionNow() })}>
          {t(`bulk.do.${action}`)}
        </Button>
      ))}
    </>
  );
}

function One({ row }: { row: Row }) {
  const days = row.interval_days;
  return (
    <>
      <div class="panel-who">
        <Avatar
          id={row.id}
          name={row.name}
          photo={row.photo}
          consent={row.consent.sms === "granted"}
          size="l"
        />
        <div class="panel-name">
          <p class="panel-title">{nameOf(row)}</p>
          <p class="muted small">
            {row.name && row.nickname && `${row.nickname} · `}
            {t("customers.numbered", { number: String(row.number) })}
          </p>
          <div class="panel-badges">
            <TypeBadge type={row.type} />
            <TierQuick id={row.id} />
            {row.anonymous && <Badge>{t("customers.anonymous")}</Badge>}
            {row.blocked && <Badge tone="red">{t("customers.blocked")}</Badge>}
          </div>
        </div>
      </div>
      <div class="panel-actions">
        <LinkButton variant="primary" href={cardAddress(row)} iconEnd="arrow-right">
          {t("panel.open")}
        </LinkButton>
        <FavouriteButton rows={[row]} />
      </div>
      {asOf.value === null && (
        <div class="panel-loyalty">
          <PointsBlock customer={row.id} name={nameOf(row)} />
          <div class="panel-actions">
            <LoyaltyActions names={loyaltyOfOne} />
          </div>
        </div>
      )}
      <Facts
        class="panel-facts"
        items={[
          { label: t("column.spent"), value: <Money minor={row.spent_minor} /> },
          { label: t("column.average"), value: <Money minor={row.average_minor} /> },
          { label: t("column.visits"), value: formatNumber(row.visits) },
          { label: t("column.last_visit"), value: <DayText day={row.last_visit} empty={t("period.never")} exact={asOf.value !== null} /> },
          { label: t("column.operations"), value: formatNumber(row.operations) },
          {
            label: t("column.interval"),
            value: days === null ? "–" : t("customers.days", { days: formatNumber(days, 1) }),
          },
          { label: t("column.birthday"), value: row.birthday ? formatBirthday(row.birthday) : unknownText() },
          { label: t("column.registered"), value: <DayText day={row.registered} empty={unknownText()} exact={asOf.value !== null} /> },
          { label: t("column.store"), value: row.store ?? unknownText() },
          { label: t("column.consent"), value: <ConsentIcons row={row} /> },
          ...(row.groups.length ? [{ label: t("column.groups"), value: row.groups.join(", ") }] : []),
        ]}
      />
      <div class="panel-contacts">
        {row.phone && (
          <LinkButton icon="phone" href={`tel:${row.phone}`}>
            {formatPhone(row.phone)}
          </LinkButton>
        )}
        {row.email && (
          <LinkButton icon="mail" href={`mailto:${row.email}`}>
            {row.email}
          </LinkButton>
        )}
      </div>
    </>
  );
}

function Several({ rows }: { rows: readonly Row[] }) {
  const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + of(row), 0);
  const operations = sum((row) => row.operations);
  const spent = sum((row) => row.spent_minor);
  const granted = (channel: "sms" | "email" | "push") =>
    formatNumber(rows.filter((row) => row.consent[channel] === "granted").length);
  const emails = rows.flatMap((row) => (row.email ? [row.email] : []));
  return (
    <>
      <div class="panel-stack" aria-hidden="true">
        {rows.slice(0, 6).map((row) => (
          <Avatar key={row.id} id={row.id} name={row.name} photo={row.photo} />
        ))}
      </div>
      <Facts
        class="panel-facts"
        items={[
          { label: t("column.spent"), value: formatMoney(spent) },
          { label: t("panel.per_customer"), value: formatMoney(Math.round(spent / rows.length)) },
          { label: t("column.operations"), value: formatNumber(operations) },
          { label: t("column.average"), value: <Money minor={operations ? Math.round(spent / operations) : null} /> },
          { label: t("column.visits"), value: formatNumber(sum((row) => row.visits)) },
          { label: t("panel.accept_sms"), value: granted("sms") },
          { label: t("panel.accept_email"), value: granted("email") },
          { label: t("panel.accept_push"), value: granted("push") },
        ]}
      />
      <div class="panel-actions">
        <FavouriteButton rows={rows} />
        <Button icon="copy" disabled={emails.length === 0} onClick={() => void copy(emails)}>
          {tn("panel.copy_emails", emails.length)}
        </Button>
        <LinkButton icon="printer" href={`/cards/print?ids=${rows.slice(0, sheetMost).map((row) => row.id).join(",")}`}>
          {t("fidelity.print_cards")}
        </LinkButton>
        <LoyaltyActions names={loyalty} />
      </div>
      <ul class="panel-names">
        {rows.slice(0, mostNames).map((row) => (
          <li key={row.id}>
            <Avatar id={row.id} name={row.name} photo={row.photo} consent={row.consent.sms === "granted"} />
            <a class="cut" href={cardAddress(row)}>
              {nameOf(row)}
            </a>
            <IconButton
              icon="x"
              iconSize={14}
              label={t("panel.untick", { name: nameOf(row) })}
              onClick={() => toggleTick(row)}
            />
          </li>
        ))}
        {rows.length > mostNames && <li class="muted small">{tn("panel.others", rows.length - mostNames)}</li>}
      </ul>
    </>
  );
}

/** All who match: the server adds them up. */
function Everybody() {
  const selection = selectionNow();
  const key = JSON.stringify(selection);
  const sums = useLoad(key, (signal) => api.post("/customers/sums", { body: selection, signal }));
  const now = sums.value;
  if (sums.error) return <ErrorState error={sums.error} retry={sums.reload} />;
  if (!now) return <SkeletonLines lines={6} />;
  const mean = (of: number) => (of ? Math.round(now.spent_minor / of) : null);
  return (
    <>
      <Facts
        class="panel-facts"
        items={[
          { label: t("column.spent"), value: formatMoney(now.spent_minor) },
          { label: t("panel.per_customer"), value: <Money minor={mean(now.customers)} /> },
          { label: t("column.operations"), value: formatNumber(now.operations) },
          { label: t("column.average"), value: <Money minor={mean(now.operations)} /> },
          { label: t("column.visits"), value: formatNumber(now.visits) },
          { label: t("panel.accept_sms"), value: formatNumber(now.consent.sms) },
          { label: t("panel.accept_email"), value: formatNumber(now.consent.email) },
          { label: t("panel.accept_push"), value: formatNumber(now.consent.push) },
          { label: t("customers.blocked"), value: formatNumber(now.blocked) },
          { label: t("field.favourite"), value: formatNumber(now.favourites) },
        ]}
      />
      <div class="panel-actions">
        <LoyaltyActions names={loyalty} />
      </div>
    </>
  );
}

export function PanelInside() {
  const rows = [...ticked.value.values()];
  if (everything.value) return <Everybody />;
  const only = rows.length === 1 ? rows[0] : undefined;
  return only ? <One row={only} /> : <Several rows={rows} />;
}

export function QuickPanel() {
  return (
    <aside class="panel" aria-label={t("panel.title")}>
      <div class="panel-top">
        <h2 class="rail-title">{tn("panel.ticked", chosenCount.value, { count: formatNumber(chosenCount.value) })}</h2>
        <IconButton icon="x" label={t("panel.close")} onClick={untickAll} />
      </div>
      <PanelInside />
    </aside>
  );
}
