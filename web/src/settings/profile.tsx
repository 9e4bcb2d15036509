// What each person sets for himself.
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { isLanguage, language, languageNames, languages, setLanguage, t } from "../lib/i18n";
import { session } from "../shell/session";
import { densities, type Density, density, type Theme, theme, themes } from "../shell/theme";
import { Button, errorText, Field, Input, Segmented, Select, toast, toastError } from "../ui";
import { Section } from "./section";

async function saveProfile(change: { name?: string; language?: "en" | "fr" | "it" | "es" | "ru" }): Promise<void> {
  session.value = await api.patch("/session/staff", { body: change });
}

function Name() {
  const { staff } = session.value!;
  const [name, setName] = useState(staff.name);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const dirty = name.trim() !== staff.name;
  const put = (next: string, words: string, undo?: () => void) => {
    setBusy(true);
    setError(null);
    saveProfile({ name: next })
      .then(() => {
        setName(next);
        toast(t(words), { undo });
      })
      .catch((problem: unknown) => setError(errorText(problem)))
      .finally(() => setBusy(false));
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (busy || !dirty) return;
    const before = staff.name;
    if (!name.trim()) setError(t("settings.required"));
    else put(name.trim(), "settings.profile_saved", () => put(before, "settings.undone"));
  };
  return (
    <form class="settings-line" onSubmit={submit} noValidate>
      <Field label={t("settings.name")} error={error}>
        <Input autocomplete="name" required value={name} onText={setName} />
      </Field>
      <Button type="submit" busy={busy} disabled={!dirty}>
        {t("settings.save")}
      </Button>
    </form>
  );
}

function changeLanguage(code: string): void {
  if (!isLanguage(code)) return;
  void setLanguage(code);
  saveProfile({ language: code }).catch(toastError);
}

export function Profile() {
  const { staff } = session.value!;
  const stores = staff.stores.map((store) => store.name).join(", ");
  return (
    <>
      <Section title={t("settings.profile")} text={t("settings.profile_text")}>
        <Name />
        <dl class="settings-known">
          <div>
            <dt>{t("settings.email")}</dt>
            <dd>
              {staff.email} <span class="muted">{t("settings.email_help")}</span>
            </dd>
          </div>
          <div>
            <dt>{t("settings.role")}</dt>
            <dd>{t(`role.${staff.role}`)}</dd>
          </div>
          <div>
            <dt>{t("settings.stores")}</dt>
            <dd>{staff.role === "owner" ? t("staff.stores_all") : stores || t("staff.stores_none")}</dd>
          </div>
        </dl>
        <Field label={t("preferences.language")}>
          <Select
            value={language.value}
            options={languages.map((code) => ({ value: code, label: languageNames[code] }))}
            onValue={changeLanguage}
          />
        </Field>
      </Section>
      <Section title={t("settings.display")} text={t("settings.display_text")}>
        <div class="field">
          <span class="field-label">{t("preferences.theme")}</span>
          <Segmented<Theme>
            label={t("preferences.theme")}
            value={theme.value}
            onValue={(next) => (theme.value = next)}
            options={themes.map((one) => ({ value: one, label: t(`preferences.theme_${one}`) }))}
          />
        </div>
        <div class="field">
          <span class="field-label">{t("preferences.density")}</span>
          <Segmented<Density>
            label={t("preferences.density")}
            value={density.value}
            onValue={(next) => (density.value = next)}
            options={densities.map((one) => ({ value: one, label: t(`preferences.density_${one}`) }))}
          />
        </div>
      </Section>
    </>
  );
}
