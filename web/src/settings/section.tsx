import { type ComponentChildren, Fragment } from "preact";
import { useState } from "preact/hooks";
import { ApiError } from "../api/client";
import { t } from "../lib/i18n";
import type { Loaded } from "../lib/load";
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

/** Somebody else saved first: told by Versioned, not by its form. */
export function isStale(error: unknown): boolean {
  return error instanceof ApiError && error.status === 412;
}

/**
 * A form begins anew with every version of what it changes. When that is because somebody else saved first, for
 * which the form calls reload(), it is told above the form, which is gone by then.
 */
export function Versioned<T>(props: {
  loaded: Loaded<T>;
  version: (value: T) => number;
  children: (value: T, loaded: Loaded<T>) => ComponentChildren;
}) {
  const { loaded } = props;
  const [stale, setStale] = useState(false);
  if (loaded.value === undefined) return null;
  const set = (value: T) => {
    setStale(false);
    loaded.set(value);
  };
  const reload = () => {
    setStale(true);
    loaded.reload();
  };
  return (
    <>
      {stale && (
        <Notice tone="amber">
          <p class="strong">{t("settings.conflict")}</p>
          <p>{t("settings.conflict_text")}</p>
        </Notice>
      )}
      <Fragment key={props.version(loaded.value)}>{props.children(loaded.value, { ...loaded, set, reload })}</Fragment>
    </>
  );
}
