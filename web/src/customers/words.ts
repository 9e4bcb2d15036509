// How fields, values and terms are called in the reader's language: in the rail and on the chips.
import {
  currencySymbol,
  formatCountry,
  formatDay,
  formatLanguage,
  formatMonth,
  formatNumber,
  formatYearMonth,
} from "../lib/format";
import { hasText, t, tn } from "../lib/i18n";
import { keyValue, type Term } from "./query";
import { facets, type ServerTerm } from "./rows";

export function fieldText(field: string): string {
  return hasText(`field.${field}`) ? t(`field.${field}`) : field;
}

const moneyFields = ["spent", "average"];
const dayFields = ["registered", "last_visit", "last_purchase"];

const units = { d: "days", w: "weeks", m: "months", y: "years" } as const;
/** 90d → 90 days. */
function ageText(age: string): string | null {
  const parts = /^(\d+)([dwmy])$/.exec(age);
  return parts && tn(`age.${units[parts[2] as keyof typeof units]}`, Number(parts[1]));
}

function momentText(text: string): string {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return formatDay(text);
  if (/^\d{4}-\d\d$/.test(text)) return formatYearMonth(text);
  const age = ageText(text);
  if (age) return t("period.ago", { age });
  return hasText(`period.${text}`) ? t(`period.${text}`) : text;
}

export function periodText(value: string): string {
  const comparison = /^([<>]=?)(.+)$/.exec(value);
  if (comparison) {
    const [, sign, rest] = comparison as unknown as [string, string, string];
    const age = ageText(rest);
    if (age) return t(sign.startsWith("<") ? "period.less_than" : "period.or_longer", { age });
    return t(sign.startsWith("<") ? "period.until" : "period.from", { day: momentText(rest) });
  }
  const age = ageText(value);
  if (age) return t("period.less_than", { age });
  const [from, to] = value.split("..");
  if (to === undefined) return momentText(value);
  if (!from) return t("period.until", { day: momentText(to) });
  if (!to) return t("period.from", { day: momentText(from) });
  return t("range.between", { from: momentText(from), to: momentText(to) });
}

/** `bare`: the currency stands behind what follows. */
function amountText(field: string, text: string, bare = false): string {
  const value = Number(text);
  if (!Number.isFinite(value)) return text;
  const decimals = /\.(\d+)$/.exec(text)?.[1]?.length ?? 0;
  const plain = formatNumber(value, decimals);
  return moneyFields.includes(field) && !bare ? `${plain} ${currencySymbol()}` : plain;
}

/** 25..34 → 25–34, >=65 → 65 or more. */
export function rangeText(field: string, value: string): string {
  const comparison = /^([<>]=?|=)(.+)$/.exec(value);
  if (comparison) {
    const names = { ">": "more", ">=": "least", "<": "less", "<=": "most", "=": "equal" } as const;
    const amount = amountText(field, comparison[2]!);
    return t(`range.${names[comparison[1] as keyof typeof names]}`, { amount });
  }
  const [from, to] = value.split("..");
  if (to === undefined) return amountText(field, value);
  if (!from) return t("range.most", { amount: amountText(field, to) });
  if (!to) return t("range.least", { amount: amountText(field, from) });
  return t("range.between", { from: amountText(field, from, true), to: amountText(field, to) });
}

function birthdayText(value: string): string {
  const month = /^(?:month=)?(\d{1,2})$/i.exec(value);
  if (month && Number(month[1]) >= 1 && Number(month[1]) <= 12) return formatMonth(Number(month[1]));
  const next = /^next_(\d+[dwm])$/i.exec(value);
  const age = next && ageText(next[1]!);
  if (age) return t("birthday.next", { age });
  return hasText(`birthday.${value}`) ? t(`birthday.${value}`) : value;
}

const rangeFields = ["age", "visits", "visits_per_month", "operations", "shares", "comments", "pushes", "points", "stamps", "referrals", "spent", "average", "interval", "number"];

/** A customer can have several of them, or none; that is not the same as unknown. */
const several = ["tag", "category", "size", "store", "consent", "has"];

/** A value by its name; `label` is the word's own, where the server gave one. */
export function valueText(field: string, value: string, label = ""): string {
  if (value === "none" && several.includes(field)) return t("value.none_of");
  if (value === "none" || value === "any") return t(`value.${value}`);
  if (label) return label;
  if (dayFields.includes(field)) return periodText(value);
  if (rangeFields.includes(field)) return rangeText(field, value);
  if (field === "birthday") return birthdayText(value);
  if (field === "country") return formatCountry(value);
  if (field === "language") return formatLanguage(value);
  if (field === "initial") return value.toLocaleUpperCase();
  const key = `value.${field}.${value.toLowerCase()}`;
  return hasText(key) ? t(key) : value;
}

function labelOf(term: Term, value: string, fromServer: ServerTerm | undefined): string {
  const folded = value.toLocaleLowerCase();
  const named = fromServer?.values.find((one) => one.text.toLocaleLowerCase() === folded)?.label;
  if (named) return named;
  const facet = facets.value.get(term.field)?.values;
  return facet?.find((one) => keyValue(one.key).toLocaleLowerCase() === folded)?.label ?? "";
}

/** What a chip says: the field, and its values. */
export function termWords(term: Term, fromServer: ServerTerm | undefined): { name: string; values: string } {
  if (term.field === "group" || term.field === "broken") return { name: "", values: term.text };
  if (term.field === "text") return { name: "", values: term.values.join(", ") };
  const words = term.values.map((value) => valueText(term.field, value, labelOf(term, value, fromServer)));
  return { name: fieldText(term.field), values: words.join(", ") };
}
