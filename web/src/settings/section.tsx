import type { ComponentChildren } from "preact";
import { t } from "../lib/i18n";
import { Notice } from "../ui";

/** A heading at the left, what it is about at the right. */
export function Section(props: { title: string; text?: string; children: ComponentChildren }) {
  return (
    <section class="settings-section">
      <header>
        <h2>{props.title}</h2>
        {props.text && <p class="muted">{props.text}</p>}
      </header>
      <div class="form">{props.children}</div>
    </section>
  );
}

/** Above a form that was begun anew because somebody else had saved it; so it is told outside the form. */
export function Conflict() {
  return (
    <Notice tone="amber">
      <p class="strong">{t("settings.conflict")}</p>
      <p>{t("settings.conflict_text")}</p>
    </Notice>
  );
}
