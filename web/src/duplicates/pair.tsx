// One likely pair: the two cards side by side, how likely, and why.
import { formatBirthday, formatMoney, formatPercent, formatPhone } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { nameOf } from "../customers/ticked";
import { TypeBadge } from "../typologies/badge";
import { Avatar, Button, Icon, LinkButton } from "../ui";
import { againstIt, decide, mergeAddress, oldestFirst, type Pair, type Reason } from "./model";

function Person({ row }: { row: Pair["a"] }) {
  const facts = [
    row.phone && formatPhone(row.phone),
    row.email,
    row.birthday && formatBirthday(row.birthday),
    row.city,
  ].filter(Boolean);
  return (
    <div class="duplicate-person">
      <Avatar id={row.id} name={row.name} photo={row.photo} consent={row.consent.sms === "granted"} />
      <div class="duplicate-words">
        <span class="duplicate-name">
          <a class="strong quiet-link cut" href={`/customers/${row.id}`}>
            {nameOf(row)}
          </a>
          <span class="small muted">{t("card.number", { number: String(row.number) })}</span>
        </span>
        {facts.map((fact) => (
          <span key={fact} class="small duplicate-fact">
            {fact}
          </span>
        ))}
        <span class="small muted duplicate-worth">
          <TypeBadge type={row.type} />
          {tn("duplicates.visits", row.visits)} · {formatMoney(row.spent_minor)}
        </span>
      </div>
    </div>
  );
}

function ReasonMark({ reason }: { reason: Reason }) {
  const against = againstIt(reason);
  return (
    <li class={against ? "duplicate-reason duplicate-against" : "duplicate-reason"}>
      <Icon name={against ? "minus" : "check"} size={12} />
      {t(`duplicates.reason_${reason.code}`)}
      <span class="hidden-text">{t(against ? "duplicates.speaks_against" : "duplicates.speaks_for")}</span>
    </li>
  );
}

export function PairRow({ pair, done }: { pair: Pair; done: () => void }) {
  const [survivor, loser] = oldestFirst(pair);
  const decided = pair.decided_at !== null;
  const names = { one: nameOf(survivor), other: nameOf(loser) };
  const reasons = pair.reasons.toSorted((a, b) => b.bits - a.bits);
  return (
    <li class="duplicate" data-pair tabIndex={-1} aria-label={t("duplicates.pair_of", names)}>
      <Person row={survivor} />
      <Person row={loser} />
      <div class="duplicate-why">
        <span class="duplicate-score" title={t("duplicates.score")}>
          <meter min={0} max={100} value={pair.percent} aria-label={t("duplicates.score")} />
          <span class="strong">{formatPercent(pair.percent / 100)}</span>
        </span>
        <ul class="duplicate-reasons">
          {reasons.map((reason) => (
            <ReasonMark key={reason.code} reason={reason} />
          ))}
        </ul>
        {decided && <span class="small muted">{t("duplicates.decided_by", { name: pair.decided_by ?? "" })}</span>}
      </div>
      <div class="duplicate-actions">
        <LinkButton size="s" variant={decided ? "secondary" : "primary"} href={mergeAddress(survivor.id, loser.id)}>
          {t("duplicates.merge")}
        </LinkButton>
        <Button size="s" onClick={() => void decide(pair, !decided, done)}>
          {t(decided ? "duplicates.reopen" : "duplicates.different")}
        </Button>
      </div>
    </li>
  );
}
