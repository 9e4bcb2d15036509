// Settings → Loyalty → Tiers: /settings/tiers.
import { t } from "../lib/i18n";
import { PageHeader } from "../ui";
import { TierSettings } from "./section";

export default function TiersPage() {
  return (
    <div class="page settings">
      <PageHeader title={t("tiers.title")} back={{ href: "/settings/loyalty", label: t("loyalty.title") }} />
      <TierSettings />
    </div>
  );
}
