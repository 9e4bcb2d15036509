// An audit entry in words: the action, and what changed, old → new.
import type { Schemas } from "../api/client";
import { weekdayName } from "../earning/model";
import { formatCountry, formatDay, formatLanguage, formatMoney, formatNumber } from "../lib/format";
import { hasText, keysUnder, t } from "../lib/i18n";

export type AuditEntry = Schemas["AuditEntry"];

export interface Change {
  field: string;
  /** undefined: a plain value, not a change */
  from: string | undefined;
  to: string;
  /** The value is the id of this customer. */
  card?: string;
}

/** Ids: of customers, whose cards are a link away, and those that tell nobody anything. */
const customers = ["bringer_id"];
const unreadable = ["merge_id"];

function isChange(value: unknown): value is { from?: unknown; to?: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value) && ("from" in value || "to" in value);
}

/** Where the words of a field's codes stand. */
const codesOf: Readonly<Record<string, readonly string[]>> = {
  role: ["role."],
  second_step_from: ["security.policy_"],
  kind: ["import.kind_", "points.kind_", "earning.kind_", "certificates.kind_"],
  state: ["import.state_"],
  decision: ["watch.state_"],
  action: ["bulk.do."],
  order: ["value.type."],
  gender: ["value.gender."],
  measure: ["tiers.measure_"],
  period: ["tiers.period_"],
  colour: ["tiers.colour_"],
  rounding: ["earning.rounding_"],
  expiry: ["points.expiry_"],
  leap: ["birthdays.leap_"],
  demand: ["referrals.after_"],
  bringer: ["reward."],
  brought: ["reward."],
};

function textWords(text: string, field: string): string {
  const key = [`consent.${field}_`, ...(codesOf[field] ?? [])].find((prefix) => hasText(prefix + text));
  if (key) return t(key + text);
  if (field === "language") return formatLanguage(text);
  if (field === "country") return formatCountry(text);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? formatDay(text) : text;
}

type Parts = Readonly<Record<string, unknown>>;
type Named = Parts & { name: string };

const isNamed = (value: unknown): value is Named => typeof value === "object" && value !== null && "name" in value;

/** "Field: value, field: value", after its name where it has one. */
function partsWords({ name, ...parts }: Parts): string {
  const words = Object.entries(parts).map(([field, part]) => t("audit.value", { field: fieldWords(field), value: valueWords(part, field) }));
  return name === undefined ? words.join(", ") : t("audit.named", { name: String(name), parts: words.join(", ") });
}

function valueWords(value: unknown, field = ""): string {
  if (value === null || value === undefined || value === "") return t("audit.empty_value");
  if (typeof value === "boolean") return t(value ? "common.yes" : "common.no");
  if (field.endsWith("_minor") && /^-?\d+$/.test(String(value))) return formatMoney(Number(value));
  if (typeof value === "number" && field === "weekdays") return weekdayName(value, "long");
  if (typeof value === "number") return formatNumber(value, Number.isInteger(value) ? 0 : 2);
  if (Array.isArray(value)) return value.length ? value.map((one) => valueWords(one, field)).join(", ") : t("audit.empty_value");
  if (typeof value === "object") return partsWords(value as Parts);
  return textWords(String(value), field);
}

/** A field's words stand with the log, or where the setting is made. */
const fieldKeys = ["audit.field.", "typologies.", "watch.", "points.", "tiers.", "birthdays.", "referrals."];

export function fieldWords(field: string): string {
  const key = fieldKeys.find((prefix) => hasText(prefix + field));
  return key ? t(key + field) : field.replaceAll("_", " ");
}

/** What of the entry's detail the words of its action say already: "Credited {points} points". */
function saidBy(entry: AuditEntry): Map<string, string> {
  const key = `audit.action.${entry.action}`;
  const said = new Map<string, string>();
  if (!hasText(key)) return said;
  for (const [, field = ""] of t(key).matchAll(/\{(\w+)\}/g)) {
    const value: unknown = (entry.detail as Record<string, unknown>)[field];
    if ((typeof value === "string" && value) || typeof value === "number") said.set(field, valueWords(value, field));
  }
  return said;
}
/** Do the words of the action name the person or thing? */
export function saysName(entry: AuditEntry): boolean {
  return saidBy(entry).has("name");
}

/** Nothing keeps two earning rules from having one name. */
const eachOnce = (list: readonly Named[]) => new Set(list.map((one) => one.name)).size === list.length;

/** Lists of named things (tiers, rules) side by side: what became of each. */
function namedChanges(from: readonly Named[], to: readonly Named[]): Change[] {
  const names = [...new Set([...from, ...to].map((one) => one.name))];
  return names.flatMap((name) => {
    const { name: _, ...was } = from.find((one) => one.name === name) ?? { name };
    const { name: __, ...is } = to.find((one) => one.name === name) ?? { name };
    if (Object.keys(was).length === 0 || Object.keys(is).length === 0)
      return [{ field: name, from: Object.keys(was).length ? partsWords(was) : undefined, to: partsWords(is) || t("audit.empty_value") }];
    return [...new Set([...Object.keys(was), ...Object.keys(is)])]
      .filter((part) => valueWords(was[part], part) !== valueWords(is[part], part))
      .map((part) => ({
        field: t("audit.part", { name, field: fieldWords(part) }),
        from: valueWords(was[part], part),
        to: valueWords(is[part], part),
      }));
  });
}

function changesIn(field: string, value: unknown): Change[] {
  if (!isChange(value)) return [{ field: fieldWords(field), from: undefined, to: valueWords(value, field), card: customers.includes(field) ? String(value) : undefined }];
  const { from, to } = value;
  if (Array.isArray(from) && Array.isArray(to) && [...from, ...to].every(isNamed) && eachOnce(from) && eachOnce(to)) {
    const parts = namedChanges(from, to);
    if (parts.length > 0) return parts;
  }
  return from === to ? [] : [{ field: fieldWords(field), from: valueWords(from, field), to: valueWords(to, field) }];
}

/** What the entry's detail says, a line each. */
export function changesOf(entry: AuditEntry): Change[] {
  const said = saidBy(entry);
  return Object.entries<unknown>(entry.detail)
    .filter(([field]) => !unreadable.includes(field) && !said.has(field))
    .flatMap(([field, value]) => changesIn(field, value));
}

/** "Invited Anna Rossi": the action as a person would say it; an action not known here as it stands. */
export function actionWords(entry: AuditEntry): string {
  const key = `audit.action.${entry.action}`;
  if (!hasText(key)) return entry.action;
  return t(key, Object.fromEntries(saidBy(entry)))
    .replaceAll(/\{\w+\}/g, "")
    .trim();
}

/** An action by itself, of nobody in particular: "Invited …". */
export function actionName(action: string): string {
  const key = `audit.action.${action}`;
  return hasText(key) ? t(key).replaceAll(/\{\w+\}/g, "…") : action;
}
/** Everything that can be written into the log: actions by their names; two of one name say which they are. */
export function actionsByName(): Map<string, string> {
  const found = new Map<string, string>();
  for (const action of keysUnder("audit.action.")) {
    const name = actionName(action);
    found.set(found.has(name) ? t("audit.action_named", { name, action }) : name, action);
  }
  return found;
}

export function entityWords(entity: string): string {
  const key = `audit.entity_${entity}`;
  return hasText(key) ? t(key) : entity;
}

/** Programs write themselves into the log under fixed names. */
export function actorWords(entry: AuditEntry): string {
  if (entry.staff_id !== null) return entry.actor;
  if (entry.actor === "demo") return t("audit.by_demo");
  if (entry.actor === "command line") return t("audit.by_command");
  if (entry.actor === "system") return t("audit.by_program");
  return entry.actor;
}
