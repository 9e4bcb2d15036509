// Referrals as the client knows them.
import type { Schemas } from "../api/client";
import { t } from "../lib/i18n";
import type { Tone } from "../ui";

export type Referral = Schemas["Referral"];

/** What came of it for one side. */
export function standing(one: Referral, side: "bringer" | "brought"): { text: string; tone: Tone } {
  if (side === "bringer" ? one.bringer_rewarded : one.brought_rewarded) return { text: t("referrals.rewarded"), tone: "green" };
  return one.settled_at ? { text: t("referrals.unrewarded"), tone: "neutral" } : { text: t("referrals.waiting"), tone: "amber" };
}

export function Person({ who }: { who: Referral["bringer"] }) {
  if (!who) return <span class="muted">{t("referrals.hidden")}</span>;
  return (
    <a class="quiet-link strong" href={`/customers/${who.id}?tab=referrals`}>
      {who.name || t("card.number", { number: String(who.number) })}
    </a>
  );
}
