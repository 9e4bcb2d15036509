// Certificates as the client knows them: their words, and what is done with them.
import { signal } from "@preact/signals";
import { api, newKey, type Schemas } from "../api/client";
import { formatDay, formatMoney, region } from "../lib/format";
import { t } from "../lib/i18n";
import { toast, toastError, type Tone } from "../ui";

export type Certificate = Schemas["Certificate"];
export type Detail = Schemas["CertificateDetail"];
export type Change = Schemas["CertificateChange"];
export type CertificateType = Schemas["CertificateType"];
export type State = Certificate["state"];
export const states: readonly State[] = ["open", "redeemed", "expired", "void"];
export const tones: Readonly<Record<State, Tone>> = { open: "green", redeemed: "neutral", expired: "amber", void: "red" };

/** Counts up when one was issued, redeemed or voided: whoever shows some looks again. */
export const changed = signal(0);

/** "€25.00", or what the gift is. */
export function worth(one: Pick<Certificate, "kind" | "gift"> & { value_minor: number }): string {
  return one.kind === "gift" ? one.gift : formatMoney(one.value_minor);
}
/** What is still to be had, where that is less than it was. */
export function leftOf(one: Certificate): string | null {
  return one.kind === "value" && one.state === "open" && one.left_minor < one.value_minor
    ? t("certificates.left", { amount: formatMoney(one.left_minor) })
    : null;
}
export function validity(one: Pick<Certificate, "valid_until">): string {
  return one.valid_until ? t("certificates.until", { day: formatDay(one.valid_until) }) : t("certificates.for_ever");
}
export function nameOf(customer: Certificate["customer"]): string {
  if (!customer) return t("certificates.nobody");
  return customer.name || t("card.number", { number: String(customer.number) });
}

/** "12,50" → 1250; null: no amount above nothing. */
export function minorOf(text: string): number | null {
  const decimals = region.value.decimals;
  const match = /^(\d{1,8})(?:[.,](\d{1,6}))?$/.exec(text.replace(/[\s\u00a0\u202f]/g, ""));
  if (!match) return null;
  const fraction = match[2] ?? "";
  if (fraction.length > decimals) return null;
  const minor = Number(match[1]) * 10 ** decimals + Number(fraction.padEnd(decimals, "0") || "0");
  return minor > 0 ? minor : null;
}

/* ---- acts ---- */

export async function voidOne(one: Certificate, reason: string): Promise<Detail> {
  const now = await api.post("/certificates/{id}/void", { path: { id: one.id }, body: { reason }, key: newKey() });
  changed.value++;
  toast(t("certificates.voided"), { undo: () => void takeBack(one, t("certificates.undone_reason")) });
  return now;
}

export async function takeBack(one: Pick<Certificate, "id">, reason: string): Promise<void> {
  try {
    await api.post("/certificates/{id}/take-back", { path: { id: one.id }, body: { reason }, key: newKey() });
    changed.value++;
    toast(t("certificates.taken_back"));
  } catch (error) {
    toastError(error);
  }
}
