// In the place of every page while the owner wants a second step that one has not set up yet.
import { t } from "../lib/i18n";
import { Entrance } from "../login/entrance";
import { SecondStepSetup } from "../settings/second-step";
import { Button, toastError } from "../ui";
import { loadSession, session, signOut } from "./session";

export function MustSetUp() {
  return (
    <Entrance
      title={t("login.must_title")}
      text={t("login.must_text", { merchant: session.value?.merchant.name ?? "" })}
    >
      <SecondStepSetup onDone={() => void loadSession().catch(toastError)} />
      <Button variant="ghost" onClick={() => void signOut().catch(toastError)}>
        {t("login.sign_out")}
      </Button>
    </Entrance>
  );
}
