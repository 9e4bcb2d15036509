// Whose birthday or important date a day is.
import { useRef, useState } from "preact/hooks";
import { api } from "../api/client";
import { nameOf } from "../customers/ticked";
import { dayNumber, formatDay, formatNumber, region } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { may } from "../shell/session";
import { TypeBadge } from "../typologies/badge";
import { Avatar, Badge, Button, Checkbox, ErrorState, SkeletonLines } from "../ui";
import { GreetDialog } from "./greet";
import { type BirthdayDay, type Item, keyOf, kindOf, type Kinds } from "./model";

const pageSize = 50;
const most = 500; /* in one list */
const near = 31; /* days from today on which is greeted */

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

/** Blocked customers get nothing, and nobody twice. */
function mayGreet(item: Item): boolean {
  return !item.customer.blocked && !item.greeting;
}

function Person({ item, ticked, onTick }: { item: Item; ticked: boolean; onTick: ((on: boolean) => void) | null }) {
  const { customer } = item;
  return (
    <li>
      {onTick && (
        <Checkbox quiet checked={ticked} disabled={!mayGreet(item)} onChecked={onTick} label={t("birthdays.tick", { name: nameOf(customer) })} />
      )}
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

/** Ticks of one, several or all that are shown; all of the day, when there are more. */
function GreetBar(props: { day: string; kinds: Kinds; value: BirthdayDay; ticked: ReadonlySet<string>; onTicked: (ids: ReadonlySet<string>) => void; onDone: () => void }) {
  const { value, ticked } = props;
  const [open, setOpen] = useState<"ticked" | "all" | null>(null);
  const able = [...new Set(value.items.filter(mayGreet).map((item) => item.customer.id))];
  const total = value.birthdays + value.dates;
  const chosen = able.filter((id) => ticked.has(id));
  const whole = value.items.length < total && chosen.length === able.length && able.length > 0;
  if (able.length === 0) return null;
  return (
    <div class="birthday-bar">
      <Checkbox
        checked={chosen.length === able.length}
        indeterminate={chosen.length > 0 && chosen.length < able.length}
        onChecked={(on) => props.onTicked(new Set(on ? able : []))}
        label={t("birthdays.tick_all")}
      />
      <span class="birthday-acts">
        {whole && (
          <Button size="s" onClick={() => setOpen("all")}>
            {t("birthdays.greet_all", { count: formatNumber(total) })}
          </Button>
        )}
        <Button size="s" variant="primary" icon="gift" disabled={chosen.length === 0} onClick={() => setOpen("ticked")}>
          {chosen.length > 0 ? tn("birthdays.greet_count", chosen.length, { count: formatNumber(chosen.length) }) : t("birthdays.greet")}
        </Button>
      </span>
      {open && (
        <GreetDialog
          day={props.day}
          kinds={props.kinds}
          ids={open === "all" ? null : chosen}
          count={open === "all" ? total : chosen.length}
          onClose={() => setOpen(null)}
          onDone={() => {
            setOpen(null);
            props.onDone();
          }}
        />
      )}
    </div>
  );
}

export function DayList({ day, kinds }: { day: string; kinds: Kinds }) {
  const [shown, setShown] = useState(pageSize);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const can = may("points") && Math.abs(dayNumber(day) - dayNumber(region.value.today)) <= near;
  const loaded = useLoad(`birthdays ${day} ${kinds} ${shown}`, (signal) =>
    api.get("/birthdays/day", { query: { day, kind: kindOf(kinds), limit: shown }, signal }),
  );
  const kept = useRef<BirthdayDay | null>(null);
  if (loaded.value) kept.current = loaded.value;
  const value = loaded.value ?? kept.current;
  const total = value ? value.birthdays + value.dates : 0;
  const tick = (id: string, on: boolean) => {
    const next = new Set(ticked);
    if (on) next.add(id);
    else next.delete(id);
    setTicked(next);
  };
  const done = () => {
    setTicked(new Set());
    loaded.reload();
  };
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
          {can && <GreetBar day={day} kinds={kinds} value={value} ticked={ticked} onTicked={setTicked} onDone={done} />}
          <ul class="birthday-people">
            {value.items.map((item) => (
              <Person
                key={keyOf(item)}
                item={item}
                ticked={ticked.has(item.customer.id) && mayGreet(item)}
                onTick={can ? (on) => tick(item.customer.id, on) : null}
              />
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
