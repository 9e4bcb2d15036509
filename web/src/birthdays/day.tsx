// Whose birthday or important date a day is.
import { useRef, useState } from "preact/hooks";
import { api } from "../api/client";
import { nameOf } from "../customers/ticked";
import { formatDay, formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { TypeBadge } from "../typologies/badge";
import { Avatar, Badge, Button, ErrorState, SkeletonLines } from "../ui";
import { type BirthdayDay, type Item, keyOf, kindOf, type Kinds } from "./model";

const pageSize = 50;
const most = 500; /* in one list */

function occasion(item: Item): string {
  const name = item.kind === "birthday" ? t("birthdays.birthday") : (item.name ?? "");
  if (item.years === null) return name;
  return item.kind === "birthday" ? tn("birthdays.turns", item.years) : tn("birthdays.years", item.years, { name, count: formatNumber(item.years) });
}

function Greeted({ greeting }: { greeting: NonNullable<Item["greeting"]> }) {
  const who = greeting.staff ?? t("birthdays.by_itself");
  const title = [who, greeting.message].filter(Boolean).join(": ");
  return (
    <Badge tone="green" icon="check" title={title}>
      {greeting.points > 0 ? tn("birthdays.greeted_points", greeting.points) : t("birthdays.greeted")}
    </Badge>
  );
}

function Person({ item }: { item: Item }) {
  const { customer } = item;
  return (
    <li>
      <Avatar id={customer.id} name={customer.name} photo={customer.photo} consent={customer.consent.sms === "granted"} />
      <span class="birthday-who">
        <a class="strong cut" href={`/customers/${customer.id}`}>
          {nameOf(customer)}
        </a>
        <span class="muted small cut">{occasion(item)}</span>
      </span>
      <span class="birthday-badges">
        {customer.blocked && <Badge tone="red">{t("birthdays.blocked")}</Badge>}
        {item.greeting && <Greeted greeting={item.greeting} />}
        <TypeBadge type={customer.type} />
      </span>
    </li>
  );
}

export function DayList({ day, kinds }: { day: string; kinds: Kinds }) {
  const [shown, setShown] = useState(pageSize);
  const loaded = useLoad(`birthdays ${day} ${kinds} ${shown}`, (signal) =>
    api.get("/birthdays/day", { query: { day, kind: kindOf(kinds), limit: shown }, signal }),
  );
  const kept = useRef<BirthdayDay | null>(null);
  if (loaded.value) kept.current = loaded.value;
  const value = loaded.value ?? kept.current;
  const total = value ? value.birthdays + value.dates : 0;
  return (
    <section class="birthday-list" aria-label={formatDay(day, "long")}>
      <header>
        <h2>{formatDay(day, "long")}</h2>
        {value && total > 0 && (
          <p class="muted">
            {[value.birthdays > 0 && tn("birthdays.births", value.birthdays), value.dates > 0 && tn("birthdays.dates", value.dates)]
              .filter(Boolean)
              .join(" · ")}
          </p>
        )}
      </header>
      {loaded.error ? (
        <ErrorState error={loaded.error} retry={loaded.reload} />
      ) : !value ? (
        <SkeletonLines lines={6} />
      ) : total === 0 ? (
        <p class="muted">{t("birthdays.nobody")}</p>
      ) : (
        <>
          <ul class="birthday-people">
            {value.items.map((item) => (
              <Person key={keyOf(item)} item={item} />
            ))}
          </ul>
          {value.items.length < total && shown < most && (
            <Button onClick={() => setShown(Math.min(most, shown * 2))}>{t("departures.more")}</Button>
          )}
        </>
      )}
    </section>
  );
}
