import { t } from "../lib/i18n";
import { PageHeader } from "../ui";
import { ConsentTexts } from "../consent/settings";
import { MerchantSettings } from "./merchant";
import { TypologySettings } from "../typologies/section";
import { Profile } from "./profile";
import { Security } from "./security";

export default function SettingsPage() {
  return (
    <div class="page settings">
      <PageHeader title={t("settings.title")} />
      <Profile />
      <Security />
      <MerchantSettings />
      <ConsentTexts />
      <TypologySettings />
    </div>
  );
}
