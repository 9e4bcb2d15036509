// The filter rail: every field the base knows, each value with its count under the other filters.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { currencySymbol, formatMonth } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { isTexts, stored } from "../lib/stored";
import { Icon, IconButton, Input, SkeletonLines } from "../ui";
import { type Control, railGroups, type RailField } from "./fields";
import { findTerm, hasValue, keyValue, setWritten } from "./query";
import { toggle, type Value, ValueCount, ValueRow } from "./rail-value";
import { SegmentValues } from "./rail-segments";
import { counts, facets, lookAt } from "./rows";
import { railFocus, setFilters, terms } from "./state";
import { fieldText, periodText, valueText } from "./words";

/** Fields opened or closed by hand, against what they are by default. */
const turned = stored<string[]>("customers.fields", [], isTexts);

/** What the counts are shares of: everybody under the other filters. */
function baseOf(list: readonly Value[]): number {
  return Math.max(counts.value?.matching ?? 0, ...list.map((one) => one.count ?? 0));
}

/** Their values tell of everybody: "none of them" is not worth a line. */
const complete = ["consent", "has"];

function valuesOf(field: string): Value[] {
  const facet = facets.value.get(field);
  if (!facet) return [];
  const list: Value[] = facet.values.map((one) => {
    const value = keyValue(one.key);
    return { field, value, text: valueText(field, value, one.label), count: one.count };
  });
  const asked = hasValue(terms.peek(), field, "none");
  if (asked || (facet.unknown > 0 && !complete.includes(field)))
    list.push({ field, value: "none", text: valueText(field, "none"), count: facet.unknown });
  return list;
}

/** Without case and accents: what people type when they look for something. */
function plainText(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}

function Values({ field, first }: { field: string; first: number }) {
  const all = useSignal(false);
  const search = useSignal("");
  const list = valuesOf(field);
  if (!facets.value.has(field)) return <SkeletonLines lines={Math.min(first, 5)} />;
  const needle = plainText(search.value.trim());
  const isOn = (one: Value) =>
    hasValue(terms.value, field, one.value) || hasValue(terms.value, field, one.value, true);
  const shown = all.value
    ? list.filter((one) => plainText(one.text).includes(needle))
    : list.filter((one, i) => i < first || isOn(one));
  const base = baseOf(list);
  return (
    <>
      {all.value && list.length > 10 && (
        <Input
          icon="search"
          type="search"
          class="value-search"
          placeholder={t("filters.search_values", { count: list.length })}
          aria-label={t("filters.search_values", { count: list.length })}
          value={search.value}
          onText={(text) => (search.value = text)}
        />
      )}
      <ul class={`values ${all.value && list.length > 12 ? "values-long" : ""}`}>
        {shown.map((one) => (
          <ValueRow key={one.value} one={one} base={base} />
        ))}
        {shown.length === 0 && <li class="muted small">{t("filters.no_value")}</li>}
      </ul>
      {list.length > first && (
        <button type="button" class="value-more" aria-expanded={all.value} onClick={() => (all.value = !all.value)}>
          {all.value ? t("filters.fewer") : t("filters.all", { count: list.length })}
        </button>
      )}
    </>
  );
}

const typingDelayMs = 250;

/** Two edges; a lonely range is written as >= or <=. They say nothing of several ranges. */
function RangeInputs({ field, unit }: { field: string; unit: "number" | "money" | "days" | "tenths" }) {
  const values = findTerm(terms.value, field)?.values ?? [];
  const value = values.length === 1 && /^(\d[\d.]*)?\.\.|^[<>]=|^\d+(\.\d+)?$/.test(values[0]!) ? values[0]! : null;
  const read = (): [string, string] => {
    if (!value) return ["", ""];
    if (value.startsWith(">=")) return [value.slice(2), ""];
    if (value.startsWith("<=")) return ["", value.slice(2)];
    const [from = "", to = from] = value.split("..");
    return [from, to];
  };
  const [from, to] = read();
  const draft = useRef({ from, to });
  const timer = useRef(0);
  draft.current = { from, to };
  const write = (edge: "from" | "to", text: string) => {
    const clean = text.trim().replace(",", ".");
    if (clean && !/^\d+(\.\d+)?$/.test(clean)) return;
    const next = { ...draft.current, [edge]: clean };
    draft.current = next;
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      /* half-typed: 3 of 35 is not yet below 20 */
      if (next.from && next.to && Number(next.from) > Number(next.to)) return;
      const written =
        next.from && next.to ? `${next.from}..${next.to}` : next.from ? `>=${next.from}` : next.to && `<=${next.to}`;
      setFilters((now) => setWritten(now, field, written ? [written] : []));
    }, typingDelayMs);
  };
  const mark = unit === "money" ? currencySymbol() : unit === "days" ? t("filters.days") : "";
  const edge = (name: "from" | "to", shown: string) => (
    <span class="range-edge">
      <Input
        inputMode="decimal"
        autocomplete="off"
        placeholder={t(`filters.${name}`)}
        aria-label={`${fieldText(field)}: ${t(`filters.${name}`)}${mark && `, ${mark}`}`}
        value={shown}
        onText={(text) => write(name, text)}
      />
      {mark && <span class="range-mark">{mark}</span>}
    </span>
  );
  return (
    <div class="range">
      {edge("from", from)}
      <span class="muted" aria-hidden="true">
        –
      </span>
      {edge("to", to)}
    </div>
  );
}

function DayInput(props: { text: string; value: string; min?: string; max?: string; onDay: (day: string) => void }) {
  return (
    <label>
      <span class="muted small">{props.text}</span>
      <Input
        type="date"
        value={props.value}
        min={props.min || undefined}
        max={props.max || undefined}
        onChange={(event) => props.onDay((event.currentTarget as HTMLInputElement).value)}
      />
    </label>
  );
}

function DayInputs({ field }: { field: string }) {
  const value = findTerm(terms.value, field)?.values[0] ?? "";
  const parts = /^(?:>=)?(\d{4}-\d\d-\d\d)?(?:\.\.|<=)?(\d{4}-\d\d-\d\d)?$/.exec(value);
  const from = parts?.[1] ?? "";
  const to = parts?.[2] ?? "";
  const write = (nextFrom: string, nextTo: string) => {
    const written =
      nextFrom && nextTo ? `${nextFrom}..${nextTo}` : nextFrom ? `>=${nextFrom}` : nextTo && `<=${nextTo}`;
    setFilters((now) => setWritten(now, field, written ? [written] : []));
  };
  return (
    <div class="day-range">
      <DayInput text={t("filters.from")} value={from} max={to} onDay={(day) => write(day, to)} />
      <DayInput text={t("filters.to")} value={to} min={from} onDay={(day) => write(from, day)} />
    </div>
  );
}

/** Ranges are counted while somebody looks at them. */
function useRanges(field: string): void {
  useEffect(() => lookAt(field), [field]);
}

/** All of them: the highest are last, and matter most. */
const rangesShown = 40;

function RangeFilter({ field, unit }: { field: string; unit: "number" | "money" | "days" | "tenths" }) {
  useRanges(field);
  return (
    <>
      <RangeInputs field={field} unit={unit} />
      <Values field={field} first={rangesShown} />
    </>
  );
}

/** null: not counted yet. */
function countOf(field: string, value: string): number | null {
  const facet = facets.value.get(field);
  if (value === "none") return facet?.unknown ?? null;
  return facet?.values.find((one) => one.key === value)?.count ?? null;
}

/** One of several: a second click takes it off. */
function Preset(props: { field: string; value: string; text: string }) {
  const { field, value } = props;
  const count = countOf(field, value);
  const chosen = hasValue(terms.value, field, value);
  return (
    <li class={`value ${chosen ? "value-chosen" : ""}`}>
      <button
        type="button"
        class="value-button"
        aria-pressed={chosen}
        onClick={() => setFilters((now) => setWritten(now, field, chosen ? [] : [value]))}
      >
        <span class="preset-dot" />
        <span class="value-text cut">{props.text}</span>
        <ValueCount count={count} base={Math.max(counts.value?.matching ?? 0, count ?? 0)} />
      </button>
    </li>
  );
}

function Period({ field, presets }: { field: string; presets: readonly string[] }) {
  useRanges(field);
  return (
    <>
      <ul class="values">
        {presets.map((value) => (
          <Preset
            key={value}
            field={field}
            value={value}
            text={value === "none" ? t("period.never") : periodText(value)}
          />
        ))}
      </ul>
      <DayInputs field={field} />
    </>
  );
}

const birthdayPresets = ["today", "next_7d", "next_1m"];

function Birthday() {
  useRanges("birthday");
  const monthCounts = Array.from({ length: 12 }, (_, i) => countOf("birthday", `month=${i + 1}`));
  const most = Math.max(1, ...monthCounts.map((count) => count ?? 0));
  const chosen = (month: number) =>
    findTerm(terms.value, "birthday")?.values.some((one) => one.replace(/^month=/i, "") === String(month)) ?? false;
  const turn = (month: number) => {
    const months = Array.from({ length: 12 }, (_, i) => i + 1).filter((m) => chosen(m) !== (m === month));
    const written = months.map((m, i) => (i ? String(m) : `month=${m}`));
    setFilters((now) => setWritten(now, "birthday", written));
  };
  return (
    <>
      <ul class="values">
        {birthdayPresets.map((value) => (
          <Preset key={value} field="birthday" value={value} text={valueText("birthday", value)} />
        ))}
      </ul>
      <div class="months" role="group" aria-label={t("filters.months")}>
        {monthCounts.map((count, i) => (
          <button
            key={i}
            type="button"
            class="month"
            aria-pressed={chosen(i + 1)}
            title={count === null ? formatMonth(i + 1) : `${formatMonth(i + 1)}: ${tn("customers.all", count)}`}
            onClick={() => turn(i + 1)}
          >
            {formatMonth(i + 1, "short")}
            <span class="month-share" aria-hidden="true">
              <span style={{ width: `${((count ?? 0) / most) * 100}%` }} />
            </span>
          </button>
        ))}
      </div>
    </>
  );
}

function Letters() {
  const facet = facets.value.get("initial");
  const byKey = new Map(facet?.values.map((one) => [keyValue(one.key).toUpperCase(), one.count]));
  return (
    <div class="letters" role="group" aria-label={fieldText("initial")}>
      {[...byKey].map(([letter, count]) => {
        const chosen = hasValue(terms.value, "initial", letter);
        return (
          <button
            key={letter}
            type="button"
            class="letter"
            aria-pressed={chosen}
            title={tn("customers.all", count)}
            disabled={count === 0 && !chosen}
            onClick={() => toggle("initial", letter)}
          >
            {letter}
          </button>
        );
      })}
    </div>
  );
}

function Marks({ marks }: Extract<Control, { kind: "marks" }>) {
  const list = marks.map((mark) => ({
    field: mark.field,
    value: mark.value,
    text: t(`mark.${mark.text}`),
    count: facets.value.get(mark.field)?.values.find((one) => one.key === mark.value)?.count ?? null,
  }));
  const base = baseOf(list);
  return (
    <ul class="values">
      {list.map((one) => (
        <ValueRow key={one.field + one.value} one={one} base={base} />
      ))}
    </ul>
  );
}

function Inside({ field, control }: RailField) {
  switch (control.kind) {
    case "values":
      return <Values field={field} first={control.first} />;
    case "range":
      return <RangeFilter field={field} unit={control.unit} />;
    case "period":
      return <Period field={field} presets={control.presets} />;
    case "birthday":
      return <Birthday />;
    case "letters":
      return <Letters />;
    case "segments":
      return <SegmentValues />;
    case "marks":
      return <Marks {...control} />;
  }
}

function fieldsOf(one: RailField): string[] {
  return one.control.kind === "marks" ? one.control.marks.map((mark) => mark.field) : [one.field];
}

/** A field that can be opened; closed, it still tells how many of its values are chosen. */
function Section({ one }: { one: RailField }) {
  const { field, control } = one;
  const open = turned.value.includes(field) !== (one.open ?? false);
  const fields = fieldsOf(one);
  const chosen = terms.value.filter((term) => fields.includes(term.field)).flatMap((term) => term.values).length;
  const counted = control.kind === "values" || control.kind === "letters";
  const hidden = counted && facets.value.size > 0 && !facets.value.get(field)?.values.length && chosen === 0;
  if (hidden) return null;
  const turn = () => {
    turned.value = turned.value.includes(field)
      ? turned.value.filter((name) => name !== field)
      : [...turned.value, field];
  };
  return (
    <section class="rail-section">
      <h4>
        <button type="button" class="rail-heading" aria-expanded={open} onClick={turn}>
          <span class="cut">{fieldText(field)}</span>
          {chosen > 0 && <span class="rail-chosen">{chosen}</span>}
          <Icon name="chevron-down" size={14} />
        </button>
      </h4>
      {open && (
        <div class="rail-inside">
          <Inside {...one} />
        </div>
      )}
    </section>
  );
}

export function FilterFields() {
  return (
    <>
      {railGroups.map((group) => (
        <section key={group.id} class="rail-group">
          <h3 class="rail-group-title">{t(`filters.group_${group.id}`)}</h3>
          {group.fields.map((one) => (
            <Section key={one.field} one={one} />
          ))}
        </section>
      ))}
    </>
  );
}

export function FilterRail(props: { onClose: () => void }) {
  const rail = useRef<HTMLElement>(null);
  const asked = railFocus.value;
  useEffect(() => {
    if (asked > 0) rail.current?.querySelector<HTMLElement>(".rail-heading")?.focus();
  }, [asked]);
  return (
    <aside class="rail" ref={rail} aria-label={t("filters.title")}>
      <div class="rail-top">
        <h2 class="rail-title">{t("filters.title")}</h2>
        <IconButton icon="chevrons-left" label={t("filters.hide")} onClick={props.onClose} />
      </div>
      <FilterFields />
    </aside>
  );
}

