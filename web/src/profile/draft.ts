// A profile while it is edited: what the fields hold, what of it differs, and how two people's changes
// come together.
import type { Schemas } from "../api/client";
import { formatBirthday, formatCountry, formatLanguage, formatPhone } from "../lib/format";
import { t } from "../lib/i18n";

export type Profile = Schemas["Profile"];
export type Contact = Schemas["ProfileContact"];
export type Address = Schemas["ProfileAddress"];

export const textNames = [
  "first_name",
  "last_name",
  "nickname",
  "language",
  "source",
  "facebook",
  "twitter",
  "instagram",
  "google",
  "website",
] as const;
export const networks = ["facebook", "twitter", "instagram", "google", "website"] as const;
export const labels = ["mobile", "home", "work", "other"] as const;
export const addressKinds = ["home", "work", "other"] as const;

export interface DateDraft {
  name: string;
  month: string;
  day: string;
  year: string;
}
type Texts = Record<(typeof textNames)[number], string>;
/** What can be changed: a part of the page, and of the request, each. */
export interface Draft extends Texts {
  gender: string;
  birthday: { day: string; month: string; year: string };
  store_id: string;
  phones: Contact[];
  emails: Contact[];
  addresses: Address[];
  dates: DateDraft[];
}
export type FieldName = keyof Draft;
export const fieldNames: readonly FieldName[] = [
  "first_name",
  "last_name",
  "nickname",
  "gender",
  "birthday",
  "phones",
  "emails",
  "addresses",
  "language",
  "store_id",
  "source",
  "dates",
  ...networks,
];

export const emptyDraft: Draft = {
  ...(Object.fromEntries(textNames.map((name) => [name, ""])) as Texts),
  gender: "",
  birthday: { day: "", month: "", year: "" },
  store_id: "",
  phones: [],
  emails: [],
  addresses: [],
  dates: [],
};

function birthdayParts(text: string | null): Draft["birthday"] {
  const [, year = "", month = "", day = ""] = /^(\d{4}|-)(?:-(\d\d)-(\d\d))?$/.exec(text ?? "") ?? [];
  return { day: day && String(Number(day)), month: month && String(Number(month)), year: year === "-" ? "" : year };
}

export function draftOf(profile: Profile): Draft {
  return {
    ...(Object.fromEntries(textNames.map((name) => [name, profile[name] ?? ""])) as Texts),
    gender: profile.gender ?? "",
    birthday: birthdayParts(profile.birthday),
    store_id: profile.store_id ?? "",
    phones: profile.phones,
    emails: profile.emails,
    addresses: profile.addresses,
    dates: profile.dates.map((date) => ({
      name: date.name,
      month: String(date.month),
      day: String(date.day),
      year: date.year === null ? "" : String(date.year),
    })),
  };
}

const two = (text: string) => text.padStart(2, "0");
/** As the server reads it; what is incomplete is sent as it is, and refused there in words. */
function birthdayText({ day, month, year }: Draft["birthday"]): string | null {
  if (!day && !month) return year || null;
  return `${year ? year.padStart(4, "0") : "-"}-${two(month)}-${two(day)}`;
}
const number = (text: string) => (text === "" ? null : Number(text));
const given = (contact: Contact) => contact.value.trim() !== "";
const known = (address: Address) =>
  [address.street, address.postcode, address.city, address.country].some((part) => part?.trim());
const named = (date: DateDraft) => Boolean(date.name.trim() || date.day || date.month);

/** One field as the request says it: rows left empty are no rows. */
export function valueOf(draft: Draft, name: FieldName): unknown {
  switch (name) {
    case "birthday":
      return birthdayText(draft.birthday);
    case "phones":
    case "emails":
      return draft[name].filter(given).map((contact) => ({ value: contact.value.trim(), label: contact.label }));
    case "addresses":
      return draft.addresses.filter(known);
    case "dates":
      return draft.dates
        .filter(named)
        .map((date) => ({ name: date.name, month: number(date.month), day: number(date.day), year: number(date.year) }));
    default:
      return draft[name].trim() || null;
  }
}

export function sameIn(a: Draft, b: Draft, name: FieldName): boolean {
  return JSON.stringify(valueOf(a, name)) === JSON.stringify(valueOf(b, name));
}
export function changedFields(from: Draft, to: Draft): FieldName[] {
  return fieldNames.filter((name) => !sameIn(from, to, name));
}
export function bodyOf(draft: Draft, names: readonly FieldName[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, valueOf(draft, name)]));
}

/** What comes of it when somebody else saved meanwhile: where only they changed something, it is taken;
 * where both did, the person decides. */
export interface Meeting {
  /** What they changed. */
  theirs: FieldName[];
  /** Of these, what was changed here too, and otherwise. */
  both: FieldName[];
  /** Mine, with theirs where nothing was changed here. */
  draft: Draft;
}
export function meet(base: Draft, mine: Draft, now: Draft): Meeting {
  const theirs = changedFields(base, now);
  const touched = new Set(changedFields(base, mine));
  const both = theirs.filter((name) => touched.has(name) && !sameIn(mine, now, name));
  const draft = { ...mine };
  for (const name of theirs) if (!touched.has(name)) take(draft, now, name);
  return { theirs, both, draft };
}
/** Puts one field of `from` into `to`. */
export function take<N extends FieldName>(to: Draft, from: Draft, name: N): void {
  to[name] = from[name];
}

export function fieldLabel(name: string): string {
  return t(`profile.${name}`);
}

/** One field in words, to compare two. */
export function fieldText(draft: Draft, name: FieldName, stores: ReadonlyMap<string, string>): string {
  const value = valueOf(draft, name);
  if (value === null || (Array.isArray(value) && value.length === 0)) return t("profile.empty");
  switch (name) {
    case "birthday":
      return /^\d{4}$/.test(String(value)) ? String(value) : formatBirthday(String(value));
    case "gender":
      return t(`card.gender_${draft.gender}`);
    case "language":
      return formatLanguage(draft.language);
    case "store_id":
      return stores.get(draft.store_id) ?? draft.store_id;
    case "phones":
    case "emails":
      return draft[name].filter(given).map((contact) => contactText(contact, name === "phones")).join(", ");
    case "addresses":
      return draft.addresses.filter(known).map(addressText).join("; ");
    case "dates":
      return draft.dates.filter(named).map((date) => `${date.name} ${date.day}.${date.month}. ${date.year}`.trim()).join(", ");
    default:
      return String(value);
  }
}
function contactText(contact: Contact, phone: boolean): string {
  const value = phone ? formatPhone(contact.value) : contact.value;
  return contact.label ? `${value} (${t(`profile.label_${contact.label}`)})` : value;
}
export function addressText(address: Address): string {
  const place = [address.postcode, address.city].filter(Boolean).join(" ");
  return [address.street, place, address.country && formatCountry(address.country)].filter(Boolean).join(", ");
}

/** "phones.1.value" of a problem belongs to the second phone. */
export interface Refusal {
  list: string;
  row: number;
  part: string;
  text: string;
}
export function refusalOf(field: string | undefined, text: string): Refusal | null {
  if (!field) return null;
  const [list = "", row = "-1", part = ""] = field.split(".");
  return { list, row: Number(row), part, text };
}
