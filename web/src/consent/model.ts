// What the server says about consents, and its words.
import { api, type Schemas } from "../api/client";
import { hasText, t } from "../lib/i18n";

export type History = Schemas["ConsentHistory"];
export type Act = Schemas["ConsentAct"];
export type Standing = History["channels"][number];
export type Channel = Act["channel"];
export type ConsentText = Schemas["ConsentTexts"]["items"][number];
/** What a person may record. */
export type Kind = Exclude<Act["state"], "never_asked">;

export const channels: readonly Channel[] = ["sms", "email", "push"];
export const hows = ["paper", "spoken", "phone", "email", "web", "card", "till"] as const;
export type How = (typeof hows)[number];
export const reasons = ["bounce", "complaint", "stop", "other"] as const;
export type Reason = (typeof reasons)[number];

export function channelName(channel: Channel): string {
  return t(`consent.channel_${channel}`);
}
/** How it was said, and why it was suppressed: data may hold values that we do not know. */
export function howWords(how: string): string {
  return hasText(`consent.how_${how}`) ? t(`consent.how_${how}`) : how;
}
export function reasonWords(reason: string): string {
  return hasText(`consent.reason_${reason}`) ? t(`consent.reason_${reason}`) : reason;
}

/** Takes an act back; the history as it is then. */
export function undoAct(customer: string, act: string): Promise<History> {
  return api.post("/customers/{id}/consents/{id2}/undo", { path: { id: customer, id2: act } });
}
