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

export function ValueRow({ one, base }: { one: Value; base: number }) {
  const chosen = hasValue(terms.value, one.field, one.value);
  const excluded = hasValue(terms.value, one.field, one.value, true);
  const share = one.count === null || base === 0 ? 0 : Math.min(1, one.count / base);
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
        {one.count !== null && (
          <span class="value-count" title={formatNumber(one.count)}>
            {formatCompact(one.count)}
          </span>
        )}
        {one.count !== null && (
          <span class="value-bar" aria-hidden="true">
            <span style={{ width: `${share * 100}%` }} />
          </span>
        )}
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
