// Earning rules as the client knows them: what is sent, what they say in words, money as it is typed.
import type { Schemas } from "../api/client";
import { formatDay, formatMoney, formatPercent, region } from "../lib/format";
import { localeTag, t, tn } from "../lib/i18n";

export type Plan = Schemas["EarningPlan"];
export type Rule = Schemas["EarningRule"];
export type Trial = Schemas["EarningTrial"];
export type Kind = Rule["kind"];
export const kinds: readonly Kind[] = ["amount", "visit", "multiplier"];
export const everyDay: readonly number[] = [1, 2, 3, 4, 5, 6, 7];

/** Names of what rules refer to by id. */
export interface Places {
  stores: readonly { id: string; name: string }[];
  tiers: readonly { id: string; name: string }[];
}

/** Only what the server takes for a rule of that kind. */
export function bodyOf(rules: readonly Rule[]): Partial<Rule>[] {
  return rules.map(({ points, per_minor, rounding, percent, ...rest }) => ({
    ...rest,
    ...(rest.kind === "multiplier" ? { percent } : { points }),
    ...(rest.kind === "amount" ? { per_minor, rounding } : {}),
  }));
}
export function sameRules(x: readonly Rule[], y: readonly Rule[]): boolean {
  return JSON.stringify(bodyOf(x)) === JSON.stringify(bodyOf(y));
}
export function freshRule(today: string): Rule {
  return {
    id: null,
    name: "",
    kind: "amount",
    points: 1,
    per_minor: 10 ** region.value.decimals,
    rounding: "steps",
    percent: 200,
    minimum_minor: 0,
    store_id: null,
    tier_id: null,
    from: today,
    to: null,
    weekdays: [...everyDay],
    active: true,
  };
}

/** Monday is 1. */
export function weekdayName(day: number, style: "long" | "short"): string {
  return new Intl.DateTimeFormat(localeTag(), { weekday: style, timeZone: "UTC" }).format(Date.UTC(2024, 0, day)); /* the first was a Monday */
}

function gift(rule: Rule): string {
  if (rule.kind === "multiplier") return t("earning.says_multiplier", { factor: formatPercent((rule.percent ?? 100) / 100) });
  const points = tn("points.count", rule.points ?? 0);
  if (rule.kind === "visit") return t("earning.says_visit", { points });
  return t(`earning.says_amount_${rule.rounding ?? "steps"}`, { points, money: formatMoney(rule.per_minor ?? 0) });
}

function nameIn(list: readonly { id: string; name: string }[], id: string | null): string | null {
  return id && (list.find((one) => one.id === id)?.name ?? t("common.unknown"));
}

/** "1 point for each full €10", and under which conditions. */
export function says(rule: Rule, places: Places): { gift: string; conditions: string[] } {
  const store = nameIn(places.stores, rule.store_id);
  const tier = nameIn(places.tiers, rule.tier_id);
  const days =
    rule.weekdays.length < everyDay.length
      ? new Intl.ListFormat(localeTag(), { type: "conjunction" }).format(rule.weekdays.map((day) => weekdayName(day, "long")))
      : null;
  const conditions = [
    rule.minimum_minor > 0 ? t("earning.says_minimum", { money: formatMoney(rule.minimum_minor) }) : null,
    store && t("earning.says_store", { store }),
    tier && t("earning.says_tier", { tier }),
    days && t("earning.says_days", { days }),
    rule.to
      ? t("earning.says_period", { from: formatDay(rule.from), to: formatDay(rule.to) })
      : t("earning.says_from", { from: formatDay(rule.from) }),
  ];
  return { gift: gift(rule), conditions: conditions.filter((one): one is string => !!one) };
}

/** "12,50" → 1250; null: no amount. */
export function minorOf(text: string): number | null {
  const { decimals } = region.value;
  const match = /^(\d{1,12})(?:[.,](\d*))?$/.exec(text.trim().replace(/[\s'’]/g, ""));
  if (!match || (match[2] ?? "").length > decimals) return null;
  return Number(match[1]) * 10 ** decimals + Number((match[2] ?? "").padEnd(decimals, "0"));
}
