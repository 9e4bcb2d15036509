import { t } from "../lib/i18n";
import { LinkButton, PageHeader } from "../ui";
import { ConsentTexts } from "../consent/settings";
import { MerchantSettings } from "./merchant";
import { TypologySettings } from "../typologies/section";
import { Profile } from "./profile";
import { may } from "../shell/session";
import { Security } from "./security";
import { System } from "./system";

export default function SettingsPage() {
  return (
    <div class="page settings">
      <PageHeader
        title={t("settings.title")}
        actions={
          <LinkButton icon="star" href="/settings/loyalty">
            {t("loyalty.settings")}
          </LinkButton>
        }
      />
      <Profile />
      <Security />
      <MerchantSettings />
      <ConsentTexts />
      <TypologySettings />
      {may("settings") && <System />}
    </div>
  );
}
