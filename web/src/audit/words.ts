// An audit entry in words: the action, and what changed, old → new.
import type { Schemas } from "../api/client";
import { formatMoney, formatNumber } from "../lib/format";
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

const valueKeys = ["role.", "import.kind_", "import.state_", "points.kind_"];

function valueWords(value: unknown, field = ""): string {
  if (value === null || value === undefined || value === "") return t("audit.empty_value");
  if (typeof value === "boolean") return t(value ? "common.yes" : "common.no");
  if (field.endsWith("_minor") && /^-?\d+$/.test(String(value))) return formatMoney(Number(value));
  if (typeof value === "number") return formatNumber(value, Number.isInteger(value) ? 0 : 2);
  if (Array.isArray(value)) return value.length ? value.map((one) => valueWords(one, field)).join(", ") : t("audit.empty_value");
  if (typeof value === "object")
    return Object.entries(value)
      .map(([field, part]) => t("audit.value", { field: fieldWords(field), value: valueWords(part, field) }))
      .join(", ");
  const text = String(value);
  const key = [`consent.${field}_`, ...valueKeys].find((prefix) => hasText(prefix + text));
  return key ? t(key + text) : text;
}

export function fieldWords(field: string): string {
  const key = `audit.field.${field}`;
  return hasText(key) ? t(key) : field.replaceAll("_", " ");
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

/** What the entry's detail says, a line each. */
export function changesOf(entry: AuditEntry): Change[] {
  const said = saidBy(entry);
  return Object.entries<unknown>(entry.detail)
    .filter(([field, value]) => !unreadable.includes(field) && !said.has(field) && !(isChange(value) && value.from === value.to))
    .map(([field, value]) =>
      isChange(value)
        ? { field: fieldWords(field), from: valueWords(value.from, field), to: valueWords(value.to, field) }
        : {
            field: fieldWords(field),
            from: undefined,
            to: valueWords(value, field),
            card: customers.includes(field) ? String(value) : undefined,
          },
    );
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
