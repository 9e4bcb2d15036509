// A value of the rail: chosen, left out, or neither, with its count under the other filters.
import { formatCompact, formatNumber } from "../lib/format";
import { t } from "../lib/i18n";
import { Icon, IconButton } from "../ui";
import { hasValue, toggleValue } from "./query";
import { setFilters, terms } from "./state";

export interface Value {
  field: string;
  /** As it stands in a query, without quotes. */
  value: string;
  text: string;
  count: number | null;
}

export function toggle(field: string, value: string, negated = false): void {
  setFilters((now) => toggleValue(now, field, value, negated));
}

/** How many have it, and as which part of all. */
export function ValueCount({ count, base }: { count: number | null; base: number }) {
  if (count === null) return null;
  const share = base === 0 ? 0 : Math.min(1, count / base);
  return (
    <>
      <span class="value-count" title={formatNumber(count)}>
        {formatCompact(count)}
      </span>
      <span class="value-bar" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </span>
    </>
  );
}

export function ValueRow({ one, base }: { one: Value; base: number }) {
  const chosen = hasValue(terms.value, one.field, one.value);
  const excluded = hasValue(terms.value, one.field, one.value, true);
  return (
    <li class={`value ${chosen ? "value-chosen" : ""} ${excluded ? "value-excluded" : ""}`}>
      <button
        type="button"
        class="value-button"
        role="checkbox"
        aria-checked={chosen}
        title={one.text}
        onClick={() => toggle(one.field, one.value, excluded)}
      >
        <span class="checkbox-box">
          <Icon name={excluded ? "minus" : "check"} size={12} />
        </span>
        <span class="value-text cut">{one.text}</span>
        <ValueCount count={one.count} base={base} />
      </button>
      <IconButton
        class="value-exclude"
        icon="ban"
        iconSize={14}
        label={t(excluded ? "filters.include" : "filters.exclude", { value: one.text })}
        aria-pressed={excluded}
        onClick={() => toggle(one.field, one.value, true)}
      />
    </li>
  );
}
