// Tiers as the client knows them: colours, what is measured, and what is sent.
import type { Schemas } from "../api/client";
import { formatMoney, formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";

export type Ladder = Schemas["Tiers"];
export type Level = Ladder["tiers"][number];
export type Colour = Level["colour"];
export type Measure = Ladder["measure"];
export type Preview = Schemas["TierPreview"];
export type CustomerTier = Schemas["CustomerTier"];

/** A ladder while it is edited: new levels have no id yet. */
export interface DraftLevel {
  id?: string;
  name: string;
  colour: Colour;
  threshold: number;
  benefits: string;
}
export interface Draft {
  measure: Measure;
  period: Ladder["period"];
  months: number;
  grace_days: number;
  tiers: DraftLevel[];
}

export function draftOf(ladder: Ladder): Draft {
  const { measure, period, months, grace_days } = ladder;
  const tiers = ladder.tiers.map(({ id, name, colour, threshold, benefits }) => ({ id, name, colour, threshold, benefits }));
  return { measure, period, months, grace_days, tiers };
}
export function sameDraft(x: Draft, y: Draft): boolean {
  return JSON.stringify(x) === JSON.stringify(y);
}
/** "€400", "12 visits", "500 points" */
export function amountText(measure: Measure, value: number): string {
  if (measure === "spend") return formatMoney(value, value % 100 === 0);
  if (measure === "none") return formatNumber(value);
  return tn(`tiers.amount_${measure}`, value, { count: formatNumber(value) });
}
/** "in the last 12 months" */
export function periodText(ladder: Pick<Draft, "period" | "months">): string {
  return ladder.period === "months" ? tn("tiers.in_months", ladder.months) : t(`tiers.in_${ladder.period}`);
}
