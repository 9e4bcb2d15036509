import type { ComponentChildren } from "preact";

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
