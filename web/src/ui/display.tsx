// Small things that show: badges, chips, avatars, dates, progress, and the states of a page.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { ApiError, NetworkError } from "../api/client";
import {
  formatDay,
  formatDayRelative,
  formatInstant,
  formatInstantRelative,
  formatMoney,
} from "../lib/format";
import { t } from "../lib/i18n";
import { Button } from "./button";
import { Icon } from "./icon";
import type { IconName } from "./icon-names";

export type Tone = "neutral" | "accent" | "green" | "amber" | "red";

export function Badge(props: { tone?: Tone; icon?: IconName; title?: string; children: ComponentChildren }) {
  return (
    <span class={`badge badge-${props.tone ?? "neutral"}`} title={props.title}>
      {props.icon && <Icon name={props.icon} size={12} />}
      {props.children}
    </span>
  );
}

/** Something applied that can be taken off again. */
export function Chip(props: {
  children: ComponentChildren;
  removeLabel?: string;
  onRemove?: () => void;
  onClick?: () => void;
  tone?: "neutral" | "negated";
}) {
  return (
    <span class={`chip ${props.tone === "negated" ? "chip-negated" : ""}`}>
      {props.onClick ? (
        <button type="button" class="chip-text" onClick={props.onClick}>
          {props.children}
        </button>
      ) : (
        <span class="chip-text">{props.children}</span>
      )}
      {props.onRemove && (
        <button
          type="button"
          class="chip-remove"
          aria-label={props.removeLabel}
          title={props.removeLabel}
          onClick={props.onRemove}
        >
          <Icon name="x" size={12} />
        </button>
      )}
    </span>
  );
}

/** The hue of an id: the same customer has the same colour everywhere. */
function hueOf(id: string): number {
  let hash = 2166136261;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 16777619);
  return (hash >>> 0) % 12;
}

/** Up to two letters; nothing when there is no letter. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s·,]+/u).filter((word) => /^\p{L}/u.test(word));
  const first = words[0];
  if (!first) return "";
  const last = words.length > 1 ? words[words.length - 1]! : "";
  return ([...first][0]! + ([...last][0] ?? "")).toLocaleUpperCase();
}

/** `consent`: the dot for SMS marketing, green = accepts, grey = does not; left out for staff. */
export function Avatar(props: {
  id: string;
  name: string;
  photo?: string | null;
  consent?: boolean;
  size?: "m" | "l";
}) {
  const [broken, setBroken] = useState(false);
  const initials = initialsOf(props.name);
  return (
    <span class={`avatar avatar-${props.size ?? "m"} hue-${hueOf(props.id)}`}>
      <span class="avatar-face" aria-hidden="true">
        {props.photo && !broken ? (
          <img src={props.photo} alt="" loading="lazy" onError={() => setBroken(true)} />
        ) : (
          initials || <Icon name="user" size={props.size === "l" ? 28 : 14} />
        )}
      </span>
      {props.consent !== undefined && (
        <span
          class={`consent-dot ${props.consent ? "consent-yes" : "consent-no"}`}
          role="img"
          aria-label={t(props.consent ? "ui.consent_yes" : "ui.consent_no")}
          title={t(props.consent ? "ui.consent_yes" : "ui.consent_no")}
        />
      )}
    </span>
  );
}

/** A day as "3 weeks ago", the exact one on hover; `exact` where "ago" would not be clear. */
export function DayText(props: { day: string | null | undefined; empty?: string; exact?: boolean }) {
  if (!props.day) return <span class="muted">{props.empty ?? "–"}</span>;
  return (
    <time dateTime={props.day} title={formatDay(props.day, "long")}>
      {props.exact ? formatDay(props.day) : formatDayRelative(props.day)}
    </time>
  );
}
export function InstantText(props: { at: string | null | undefined; empty?: string }) {
  if (!props.at) return <span class="muted">{props.empty ?? "–"}</span>;
  return (
    <time dateTime={props.at} title={formatInstant(props.at)}>
      {formatInstantRelative(props.at)}
    </time>
  );
}
export function Money(props: { minor: number | null | undefined }) {
  if (props.minor === null || props.minor === undefined) return <span class="muted">–</span>;
  return <span class={props.minor < 0 ? "money money-negative" : "money"}>{formatMoney(props.minor)}</span>;
}

/** Known total: a bar; unknown: a moving one. */
export function Progress(props: { value: number; max: number | null; label: string }) {
  const share = props.max ? Math.min(1, props.value / props.max) : null;
  return (
    <div
      class={`progress ${share === null ? "progress-open" : ""}`}
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={props.max ?? undefined}
      aria-valuenow={share === null ? undefined : props.value}
    >
      <span class="progress-done" style={share === null ? undefined : { width: `${share * 100}%` }} />
    </div>
  );
}

export function Skeleton(props: { width?: string; height?: string; round?: boolean }) {
  return (
    <span
      class={`skeleton ${props.round ? "skeleton-round" : ""}`}
      style={{ width: props.width ?? "100%", height: props.height ?? "12px" }}
      aria-hidden="true"
    />
  );
}
/** Lines that stand where text will be. */
export function SkeletonLines(props: { lines?: number }) {
  const widths = ["72%", "54%", "83%", "61%", "47%", "76%"];
  return (
    <div class="skeleton-lines" role="status" aria-label={t("ui.loading")}>
      {Array.from({ length: props.lines ?? 4 }, (_, i) => (
        <Skeleton key={i} width={widths[i % widths.length]} />
      ))}
    </div>
  );
}

interface StateProps {
  icon: IconName;
  title: string;
  text?: ComponentChildren;
  action?: ComponentChildren;
}
/** Nothing here, and what to do about it. */
export function EmptyState(props: StateProps) {
  return (
    <div class="state" role="status">
      <span class="state-icon">
        <Icon name={props.icon} size={28} />
      </span>
      <p class="state-title">{props.title}</p>
      {props.text && <p class="state-text">{props.text}</p>}
      {props.action && <div class="state-action">{props.action}</div>}
    </div>
  );
}

/** What went wrong, in the server's words, and a way to try again. */
export function ErrorState(props: { error: unknown; retry?: () => void }) {
  const offline = props.error instanceof NetworkError;
  const detail = props.error instanceof ApiError ? props.error.message : undefined;
  return (
    <div class="state" role="alert">
      <span class="state-icon">
        <Icon name={offline ? "wifi-off" : "triangle-alert"} size={28} />
      </span>
      <p class="state-title">{t(offline ? "ui.offline_title" : "ui.error_title")}</p>
      <p class="state-text">{offline ? t("ui.offline_text") : (detail ?? t("ui.error_text"))}</p>
      {props.retry && (
        <div class="state-action">
          <Button icon="refresh-cw" onClick={props.retry}>
            {t("ui.retry")}
          </Button>
        </div>
      )}
    </div>
  );
}

/** An error's own words, for a line beside a button or in a toast. */
export function errorText(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  return t(error instanceof NetworkError ? "ui.offline_text" : "ui.error_text");
}

/** A note on the page itself. */
export function Notice(props: {
  tone?: Tone;
  icon?: IconName;
  children: ComponentChildren;
  action?: ComponentChildren;
}) {
  return (
    <div class={`notice notice-${props.tone ?? "neutral"}`} role={props.tone === "red" ? "alert" : undefined}>
      <Icon name={props.icon ?? (props.tone === "red" || props.tone === "amber" ? "triangle-alert" : "info")} />
      <div class="notice-text">{props.children}</div>
      {props.action}
    </div>
  );
}

/** Name and value, one under the other: the facts of a card. */
export function Facts(props: { items: readonly { label: string; value: ComponentChildren }[]; class?: string }) {
  return (
    <dl class={`facts ${props.class ?? ""}`}>
      {props.items.map((item) => (
        <div key={item.label} class="fact">
          <dt>{item.label}</dt>
          <dd>{item.value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function PageHeader(props: {
  title: ComponentChildren;
  subtitle?: ComponentChildren;
  actions?: ComponentChildren;
  back?: { href: string; label: string };
}) {
  return (
    <header class="page-header">
      <div class="page-header-words">
        {props.back && (
          <a class="page-back" href={props.back.href}>
            <Icon name="chevron-left" size={14} />
            {props.back.label}
          </a>
        )}
        <h1>{props.title}</h1>
        {props.subtitle && <p class="muted">{props.subtitle}</p>}
      </div>
      {props.actions && <div class="page-actions">{props.actions}</div>}
    </header>
  );
}

/** A QR code as the server tells it: on white in both themes, with the quiet zone that readers need. */
export function QrPicture(props: { picture: { size: number; path: string }; label: string }) {
  const quiet = 4; /* modules around it: ISO 18004 */
  const size = props.picture.size + 2 * quiet;
  return (
    <svg
      class="qr"
      viewBox={`${-quiet} ${-quiet} ${size} ${size}`}
      role="img"
      aria-label={props.label}
      shape-rendering="crispEdges"
    >
      <rect x={-quiet} y={-quiet} width={size} height={size} fill="#fff" />
      <path d={props.picture.path} fill="#000" />
    </svg>
  );
}
