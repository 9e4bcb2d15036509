// Numbers, money, days and instants as the reader writes them (Intl), cached per language.
// Days are civil days "YYYY-MM-DD" of the merchant; instants are RFC 3339 texts in UTC.
import { signal } from "@preact/signals";
import { language, localeTag, t } from "./i18n";

/** What the merchant decides about formats; the session sets it. */
export const region = signal({
  currency: "EUR",
  decimals: 2,
  timeZone: "UTC",
  today: new Date().toISOString().slice(0, 10),
});

const cache = new Map<string, unknown>();
function cached<T>(kind: string, make: (tag: string) => T): T {
  const key = `${language.value} ${kind}`;
  let made = cache.get(key) as T | undefined;
  if (made === undefined) cache.set(key, (made = make(localeTag())));
  return made;
}

export function formatNumber(value: number, decimals = 0): string {
  return cached(`n${decimals}`, (tag) =>
    new Intl.NumberFormat(tag, { minimumFractionDigits: decimals, maximumFractionDigits: decimals }),
  ).format(value);
}

/** 1250 → "12.50" or "12,50", as a field shows it; `short`: whole amounts without their zeros. */
export function amountInField(minor: number, short = false): string {
  const { decimals } = region.value;
  const shown = short && minor % 10 ** decimals === 0 ? 0 : decimals;
  return cached(`field${shown}`, (tag) =>
    new Intl.NumberFormat(tag, { minimumFractionDigits: shown, maximumFractionDigits: shown, useGrouping: false }),
  ).format(minor / 10 ** decimals);
}

/** 12,430 and 3.4M: for counts in narrow places. */
export function formatCompact(value: number): string {
  if (value < 1_000_000) return formatNumber(value);
  return cached("compact", (tag) =>
    new Intl.NumberFormat(tag, { notation: "compact", maximumFractionDigits: 1 }),
  ).format(value);
}

export function formatPercent(share: number): string {
  return cached("percent", (tag) =>
    new Intl.NumberFormat(tag, { style: "percent", maximumFractionDigits: share < 0.1 ? 1 : 0 }),
  ).format(share);
}

/** Minor units of the merchant's currency. `whole` leaves the cents out. */
export function formatMoney(minor: number, whole = false): string {
  const { currency, decimals } = region.value;
  const digits = whole ? 0 : decimals;
  return cached(`m${currency}${digits}`, (tag) =>
    new Intl.NumberFormat(tag, {
      style: "currency",
      currency,
      currencyDisplay: "narrowSymbol",
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }),
  ).format(minor / 10 ** decimals);
}

export function currencySymbol(): string {
  const { currency } = region.value;
  return cached(`s${currency}`, (tag) =>
    new Intl.NumberFormat(tag, { style: "currency", currency, currencyDisplay: "narrowSymbol" })
      .formatToParts(0)
      .find((part) => part.type === "currency")?.value ?? currency,
  );
}

const dayMs = 86_400_000;
export function dayNumber(day: string): number {
  return Math.floor(Date.parse(`${day}T00:00:00Z`) / dayMs);
}
export function dayText(dayNo: number): string {
  return new Date(dayNo * dayMs).toISOString().slice(0, 10);
}

/** 3 March 2026. */
export function formatDay(day: string, style: "long" | "medium" = "medium"): string {
  return cached(`d${style}`, (tag) =>
    new Intl.DateTimeFormat(tag, { dateStyle: style, timeZone: "UTC" }),
  ).format(dayNumber(day) * dayMs);
}

/** 3 March, for a birthday "--03-03", with its year when known. */
export function formatBirthday(birthday: string): string {
  if (!birthday.startsWith("--")) return formatDay(birthday, "long");
  return cached("birthday", (tag) =>
    new Intl.DateTimeFormat(tag, { day: "numeric", month: "long", timeZone: "UTC" }),
  ).format(Date.parse(`2000${birthday.slice(1)}T00:00:00Z`));
}

/** March; 1 is January. */
export function formatMonth(month: number, style: "long" | "short" = "long"): string {
  return cached(`month${style}`, (tag) =>
    new Intl.DateTimeFormat(tag, { month: style, timeZone: "UTC" }),
  ).format(Date.UTC(2000, month - 1, 15));
}

/** March 2026, for "2026-03". */
export function formatYearMonth(month: string, style: "long" | "short" = "long"): string {
  return cached(`ym${style}`, (tag) =>
    new Intl.DateTimeFormat(tag, { month: style, year: "numeric", timeZone: "UTC" }),
  ).format(Date.parse(`${month}-15T00:00:00Z`));
}

/** 3 Mar 2026, 14:05 in the merchant's time zone. */
export function formatInstant(instant: string): string {
  const { timeZone } = region.value;
  return cached(`i${timeZone}`, (tag) =>
    new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeStyle: "short", timeZone }),
  ).format(Date.parse(instant));
}

function relative(value: number, unit: Intl.RelativeTimeFormatUnit): string {
  return cached("relative", (tag) => new Intl.RelativeTimeFormat(tag, { numeric: "auto" })).format(
    value,
    unit,
  );
}

/** "yesterday", "3 weeks ago": seen from the merchant's today. */
export function formatDayRelative(day: string): string {
  const days = dayNumber(day) - dayNumber(region.value.today);
  const size = Math.abs(days);
  if (size < 7) return relative(days, "day");
  if (size < 31) return relative(Math.round(days / 7), "week");
  if (size < 365) return relative(Math.round(days / 30.44), "month");
  return relative(Math.trunc(days / 365.25) || Math.sign(days), "year");
}

/** "5 minutes ago" for what just happened, else the day. */
export function formatInstantRelative(instant: string): string {
  const seconds = (Date.parse(instant) - Date.now()) / 1000;
  const size = Math.abs(seconds);
  if (size < 45) return relative(0, "second");
  if (size < 3600) return relative(Math.round(seconds / 60), "minute");
  if (size < 86_400) return relative(Math.round(seconds / 3600), "hour");
  if (size < 7 * 86_400) return relative(Math.round(seconds / 86_400), "day");
  return formatInstant(instant);
}

/** 40 seconds, 3 minutes, 2 hours: rounded to the unit that says enough. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  const [value, unit] =
    seconds < 60
      ? [seconds, "second"]
      : seconds < 3600
        ? [Math.round(seconds / 60), "minute"]
        : [Math.round(seconds / 3600), "hour"];
  return cached(`u${unit}`, (tag) =>
    new Intl.NumberFormat(tag, { style: "unit", unit: String(unit), unitDisplay: "long" }),
  ).format(Number(value));
}

/** 12 kB, 3.4 MB. */
export function formatBytes(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  let step = 0;
  let value = bytes;
  while (value >= 1000 && step < units.length - 1) {
    value /= 1000;
    step++;
  }
  return cached(`b${step}`, (tag) =>
    new Intl.NumberFormat(tag, {
      style: "unit",
      unit: units[step]!,
      unitDisplay: step ? "short" : "long",
      maximumFractionDigits: 1,
    }),
  ).format(value);
}

/** An ISO 3166 country or ISO 639 language by its name in the reader's language. */
export function formatCountry(code: string): string {
  return displayName("region", code.toUpperCase());
}
export function formatLanguage(code: string): string {
  return displayName("language", code.toLowerCase());
}
function displayName(type: "region" | "language", code: string): string {
  try {
    return cached(type, (tag) => new Intl.DisplayNames(tag, { type, fallback: "code" })).of(code) ?? code;
  } catch {
    return code; /* not a well-formed code: data can hold anything */
  }
}

/** How a country writes what follows its code; other numbers go in threes. */
const phoneGroups: Readonly<Record<string, readonly number[]>> = {
  "1": [3, 3, 4],
  "7": [3, 3, 2, 2],
  "33": [1, 2, 2, 2, 2],
  "34": [3, 3, 3],
  "39": [3, 3, 4],
  "44": [4, 6],
};
const countryCodes =
  /^\+(1|7|2[07]|3[0123469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})(\d+)$/;

/** +33 6 12 34 56 78: an E.164 number in groups that can be read aloud. */
export function formatPhone(e164: string): string {
  const [, country, rest] = countryCodes.exec(e164) ?? [];
  if (!country || !rest) return e164;
  const groups: string[] = [];
  const sizes = phoneGroups[country] ?? [];
  for (let at = 0; at < rest.length; ) {
    const left = rest.length - at;
    const size = sizes[groups.length] ?? (left === 4 ? 2 : 3);
    groups.push(rest.slice(at, at + size));
    at += size;
  }
  return `+${country} ${groups.join(" ")}`;
}

/** What stands for an unknown value. */
export function unknownText(): string {
  return t("common.unknown");
}
