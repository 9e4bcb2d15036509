// Settings → Loyalty: /settings/loyalty.
import { EarningSettings } from "../earning/section";
import { t } from "../lib/i18n";
import { PolicySettings } from "../points/policy";
import { LinkButton, PageHeader } from "../ui";

export default function LoyaltySettings() {
  return (
    <div class="page settings">
      <PageHeader
        title={t("loyalty.title")}
        subtitle={t("loyalty.settings_text")}
        actions={<LinkButton href="/settings/tiers">{t("tiers.title")}</LinkButton>}
        back={{ href: "/settings", label: t("settings.title") }}
      />
      <EarningSettings />
      <PolicySettings />
    </div>
  );
}
