// The first tab: visits, what was bought and earned, habits, engagement, the latest operations.
import type { ComponentChildren } from "preact";
import { formatDay, formatMoney, formatNumber, formatPercent } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { DayText, Facts, InstantText } from "../ui";
import { listAddress, type Customer } from "./model";
import { LatestOperations } from "./operations";
import { VisitsChart } from "./visits-chart";

function Section(props: { title: string; children: ComponentChildren; action?: ComponentChildren }) {
  return (
    <section class="card-section">
      <header>
        <h2>{props.title}</h2>
        {props.action}
      </header>
      {props.children}
    </section>
  );
}

function Visits({ customer: { visits } }: { customer: Customer }) {
  return (
    <Section title={t("card.visits_title")}>
      <div class="card-visits">
        <VisitsChart months={visits.by_month} />
        <Facts
          items={[
            { label: t("card.visits"), value: formatNumber(visits.total) },
            {
              label: t("card.visits_per_month"),
              value: visits.per_month === null ? "–" : formatNumber(visits.per_month, 1),
            },
            { label: t("card.last_visit"), value: <DayText day={visits.last} /> },
            {
              label: t("card.registered"),
              value: visits.registered ? formatDay(visits.registered) : "–",
            },
          ]}
        />
      </div>
    </Section>
  );
}

/** Named shares of a whole, with a thin bar each. */
function Shares(props: {
  label: string;
  items: readonly { name: string; share: number; value: string; hint?: string; href?: string }[];
}) {
  return (
    <div class="shares">
      <h3>{props.label}</h3>
      <ul>
        {props.items.map((item) => (
          <li key={item.name}>
            <span class="cut">{item.href ? <a href={item.href}>{item.name}</a> : item.name}</span>
            <span class="number">
              {item.hint && <span class="muted small">{item.hint}</span>}
              {item.value}
            </span>
            <span class="share-bar" aria-hidden="true">
              <span style={{ width: `${Math.max(0, Math.min(1, item.share)) * 100}%` }} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Habits({ customer: { habits, purchases } }: { customer: Customer }) {
  const topCategory = Math.max(1, ...habits.categories.map((category) => category.count));
  const topSize = Math.max(1, ...habits.sizes.map((size) => size.count));
  const whole = purchases.shop_minor + purchases.bookings_minor;
  const incomes = [
    { name: t("card.income_shop"), minor: purchases.shop_minor },
    { name: t("card.income_bookings"), minor: purchases.bookings_minor },
  ];
  return (
    <Section title={t("card.habits_title")}>
      {!purchases.operations && habits.categories.length === 0 ? (
        <p class="muted">{t("card.habits_none")}</p>
      ) : (
        <div class="card-habits">
          {habits.categories.length > 0 && (
            <Shares
              label={t("card.habits_categories")}
              items={habits.categories.map((category) => ({
                name: category.name,
                share: category.count / topCategory,
                value: formatMoney(category.amount_minor),
                hint: tn("card.habits_items", category.count),
                href: listAddress("category", category.name),
              }))}
            />
          )}
          {habits.sizes.length > 0 && (
            <Shares
              label={t("card.habits_sizes")}
              items={habits.sizes.map((size) => ({
                name: size.name,
                share: size.count / topSize,
                value: tn("card.habits_items", size.count),
                href: listAddress("size", size.name),
              }))}
            />
          )}
          <Shares
            label={t("card.income")}
            items={incomes.map((income) => ({
              name: income.name,
              share: whole > 0 ? income.minor / whole : 0,
              value: formatMoney(income.minor),
              hint: whole > 0 && income.minor >= 0 ? formatPercent(income.minor / whole) : undefined,
            }))}
          />
          <Facts
            items={[
              {
                label: t("card.habits_basket"),
                value: habits.average_basket_minor === null ? "–" : formatMoney(habits.average_basket_minor),
              },
              { label: t("card.last_purchase"), value: <DayText day={habits.last_purchase} /> },
            ]}
          />
        </div>
      )}
    </Section>
  );
}

const pages = {
  facebook: "https://www.facebook.com/",
  twitter: "https://x.com/",
  instagram: "https://www.instagram.com/",
  google: null,
  website: null,
} as const;

/** A name leads to its page where one can tell which; an address to itself. */
function PageLink({ network, name }: { network: keyof typeof pages; name: string }) {
  const base = pages[network];
  const bare = name.replace(/^@/, "");
  const href = /^https?:\/\//.test(name) ? name : base && /^[\w.-]+$/.test(bare) ? base + bare : null;
  const shown = network === "website" ? name.replace(/^https?:\/\/(www\.)?/, "").replace(/\/$/, "") : name;
  if (!href) return <>{shown}</>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" title={t("card.new_window")}>
      {shown}
    </a>
  );
}

function Social({ customer: { social, row, visits } }: { customer: Customer }) {
  const names = (["facebook", "twitter", "instagram", "google", "website"] as const).flatMap((network) => {
    const value = social[network];
    return value ? [{ label: t(`card.${network}`), value: <PageLink network={network} name={value} /> }] : [];
  });
  return (
    <Section title={t("card.social_title")}>
      <Facts
        items={[
          { label: t("card.shares"), value: formatNumber(social.shares) },
          { label: t("card.comments"), value: formatNumber(social.comments) },
          { label: t("card.stamps"), value: formatNumber(social.stamps) },
          { label: t("card.pushes"), value: formatNumber(social.pushes) },
          { label: t("card.income"), value: formatMoney(social.income_minor) },
          { label: t("card.last_use"), value: <InstantText at={social.last_use} /> },
          { label: t("card.sign_up"), value: visits.registered ? formatDay(visits.registered) : "–" },
          { label: t("card.device"), value: row.device ? t(`card.device_${row.device}`) : "–" },
          ...names,
        ]}
      />
    </Section>
  );
}

export function Overview({ customer }: { customer: Customer }) {
  return (
    <>
      <Visits customer={customer} />
      <Habits customer={customer} />
      <Section
        title={t("card.recent")}
        action={
          <a class="small" href={`/customers/${customer.row.id}?tab=operations`}>
            {t("card.see_all")}
          </a>
        }
      >
        <LatestOperations id={customer.row.id} />
      </Section>
      <Social customer={customer} />
    </>
  );
}
