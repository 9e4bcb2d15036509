// What is outside the house's door: the name, a form, and the language.
import type { ComponentChildren } from "preact";
import { language, type Language, languageNames, languages, setLanguage, t } from "../lib/i18n";
import { Mark } from "../shell/frame";
import { Select } from "../ui";

export function Entrance(props: { title: string; text?: ComponentChildren; children: ComponentChildren }) {
  return (
    <main class="entrance">
      <div class="entrance-card">
        <Mark size={40} />
        <div>
          <h1>{props.title}</h1>
          {props.text && <p class="muted">{props.text}</p>}
        </div>
        {props.children}
      </div>
      <div class="entrance-language">
        <Select
          aria-label={t("preferences.language")}
          value={language.value}
          options={languages.map((code) => ({ value: code, label: languageNames[code] }))}
          onValue={(code) => void setLanguage(code as Language)}
        />
      </div>
    </main>
  );
}
