// Currencies, countries and time zones by name in the reader's language, from what the browser knows.
import { localeTag } from "../lib/i18n";
import type { Option } from "../ui";

function named(type: "currency" | "region", codes: readonly string[]): Option[] {
  const tag = localeTag();
  const names = new Intl.DisplayNames(tag, { type, fallback: "none" });
  const collator = new Intl.Collator(tag);
  return codes
    .flatMap((code) => {
      const name = names.of(code);
      return name ? [{ value: code, label: type === "currency" ? `${code} · ${name}` : name }] : [];
    })
    .sort((a, b) => collator.compare(a.label, b.label));
}

/** What is chosen stands in the list even when the browser does not know it. */
function withChosen(options: Option[], chosen: string): Option[] {
  return options.some((option) => option.value === chosen) ? options : [{ value: chosen, label: chosen }, ...options];
}

export function currencies(chosen: string): Option[] {
  return withChosen(named("currency", Intl.supportedValuesOf("currency")), chosen);
}

/* Intl lists no countries: every pair of letters that has a name and is not an old code of another; these
 * are names of groups, of parts without a code of their own, and of nothing */
const noCountries = new Set(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"]);
const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];

function isCountry(code: string): boolean {
  return !noCountries.has(code) && Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}`;
}

export function countries(chosen: string): Option[] {
  const codes = letters.flatMap((a) => letters.map((b) => a + b)).filter(isCountry);
  return withChosen(named("region", codes), chosen);
}

export function timeZones(chosen: string): Option[] {
  const zones = Intl.supportedValuesOf("timeZone").map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }));
  return withChosen(zones, chosen);
}

/** The time of day there now. */
export function timeIn(zone: string): string {
  try {
    return new Intl.DateTimeFormat(localeTag(), { timeStyle: "short", timeZone: zone }).format(Date.now());
  } catch {
    return "–"; /* a zone that this browser does not know */
  }
}
