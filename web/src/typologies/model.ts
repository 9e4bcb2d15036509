// Typologies as the client knows them: names, tones, rules, and what is sent.
import type { Schemas } from "../api/client";
import { hasText, t } from "../lib/i18n";
import type { Tone } from "../ui";

export type Typologies = Schemas["Typologies"];
export type Rules = Schemas["TypologyRules"];
export type Preview = Schemas["TypologyPreview"];
export type RuleType = Rules["order"][number];

export const numberNames = [
  "vip_months",
  "vip_visits",
  "new_months",
  "new_visits_max",
  "occasional_months",
  "occasional_max",
  "at_risk_days",
  "active_months",
] as const;
export type NumberName = (typeof numberNames)[number];

/** The reader's word for one of the five, the owner's own name for another. */
export function typeText(type: string): string {
  return hasText(`type.${type}`) ? t(`type.${type}`) : type;
}
export function typeTone(type: string): Tone {
  return type === "vip" ? "accent" : type === "at_risk" ? "amber" : "neutral";
}
/** What the server calls a type of the rules. */
export function typeKey(one: RuleType): string {
  return one.type === "own" ? (one.name ?? "") : one.type;
}

export function bodyOf(rules: Rules): Rules {
  const numbers = Object.fromEntries(numberNames.map((name) => [name, rules[name]])) as Record<NumberName, number>;
  const order = rules.order.map(({ type, name, query }) => (type === "own" ? { type, name, query } : { type }));
  return { ...numbers, order };
}
export function sameRules(x: Rules, y: Rules): boolean {
  return JSON.stringify(bodyOf(x)) === JSON.stringify(bodyOf(y));
}
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}
