// Months of a calendar, and the reader's week.
import { dayNumber } from "./format";
import { localeTag } from "./i18n";

export interface Month {
  year: number;
  month: number; /* 1…12 */
}
export function monthOf(day: string): Month {
  return { year: Number(day.slice(0, 4)), month: Number(day.slice(5, 7)) };
}
/** 2026-05 */
export function monthText({ year, month }: Month): string {
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}`;
}
export function addMonths({ year, month }: Month, by: number): Month {
  const n = year * 12 + month - 1 + by;
  return { year: Math.floor(n / 12), month: (n % 12) + 1 };
}
export function firstDay(month: Month): number {
  return dayNumber(`${monthText(month)}-01`);
}
export function lastDay(month: Month): number {
  return firstDay(addMonths(month, 1)) - 1;
}
/** The same day of another month, or its last one. */
export function sameDay(day: string, by: number): number {
  const month = addMonths(monthOf(day), by);
  return Math.min(firstDay(month) + Number(day.slice(8)) - 1, lastDay(month));
}
/** A month or a day as an address has it; null when it is none. */
export function readMonth(text: string | null): Month | null {
  return text && /^\d{4}-(0[1-9]|1[0-2])$/.test(text) ? monthOf(`${text}-01`) : null;
}
export function readDay(text: string | null): string | null {
  return text && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(dayNumber(text)) ? text : null;
}

interface WithWeek {
  getWeekInfo?: () => { firstDay: number };
  weekInfo?: { firstDay: number };
}
/** 1 = Monday … 7 = Sunday, as the reader's language has it. */
function weekStart(): number {
  const locale = new Intl.Locale(localeTag()) as Intl.Locale & WithWeek;
  return (locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1;
}
/** 0 = the first day of the reader's week. */
export function weekday(day: number): number {
  return (((day + 3 - (weekStart() - 1)) % 7) + 7) % 7; /* day 0 was a Thursday */
}
export function weekdayNames(): string[] {
  const names = new Intl.DateTimeFormat(localeTag(), { weekday: "short", timeZone: "UTC" });
  return Array.from({ length: 7 }, (_, i) => names.format(Date.UTC(2024, 0, 1 + ((weekStart() - 1 + i) % 7)))); /* a Monday */
}
