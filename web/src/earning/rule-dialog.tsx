// One earning rule: what it gives, and when.
import { useState } from "preact/hooks";
import { amountInField, currencySymbol } from "../lib/format";
import { t } from "../lib/i18n";
import { Button, Dialog, Field, Input, Segmented, Select } from "../ui";
import { everyDay, type Kind, kinds, minorOf, type Places, type Rule, weekdayName } from "./model";

const wholeNumber = /^\d{1,6}$/;

/** What stands in the fields: numbers as they are typed. */
interface Draft {
  rule: Rule;
  points: string;
  per: string;
  percent: string;
  minimum: string;
}
function draftOf(rule: Rule): Draft {
  return {
    rule,
    points: String(rule.points ?? 1),
    per: amountInField(rule.per_minor ?? 100, true),
    percent: String(rule.percent ?? 200),
    minimum: rule.minimum_minor ? amountInField(rule.minimum_minor, true) : "",
  };
}

type Faults = Partial<Record<"name" | "points" | "per" | "percent" | "minimum" | "to" | "weekdays", string>>;

function within(text: string, least: number, most: number): boolean {
  return wholeNumber.test(text) && Number(text) >= least && Number(text) <= most;
}

/** The rule, or what is missing. */
function read({ rule, points, per, percent, minimum }: Draft): { rule: Rule; faults: Faults } {
  const perMinor = minorOf(per);
  const minimumMinor = minimum.trim() ? minorOf(minimum) : 0;
  const faults: Faults = {};
  if (!rule.name.trim()) faults.name = t("settings.required");
  if (rule.kind !== "multiplier" && !within(points, 1, 100_000)) faults.points = t("earning.whole", { least: 1, most: 100_000 });
  if (rule.kind === "amount" && !perMinor) faults.per = t("earning.money");
  if (rule.kind === "multiplier" && !within(percent, 101, 1000)) faults.percent = t("earning.whole", { least: 101, most: 1000 });
  if (minimumMinor === null) faults.minimum = t("earning.money");
  if (rule.to && rule.to < rule.from) faults.to = t("problem.earning_period");
  if (rule.weekdays.length === 0) faults.weekdays = t("problem.earning_weekdays");
  return {
    faults,
    rule: {
      ...rule,
      name: rule.name.trim(),
      points: rule.kind === "multiplier" ? null : Number(points),
      per_minor: rule.kind === "amount" ? perMinor : null,
      rounding: rule.kind === "amount" ? (rule.rounding ?? "steps") : null,
      percent: rule.kind === "multiplier" ? Number(percent) : null,
      minimum_minor: minimumMinor ?? 0,
    },
  };
}

interface PartProps {
  draft: Draft;
  faults: Faults;
  set: (change: Partial<Draft>) => void;
  setRule: (change: Partial<Rule>) => void;
}

function Gift({ draft, faults, set, setRule }: PartProps) {
  const { rule } = draft;
  if (rule.kind === "multiplier")
    return (
      <Field label={t("earning.percent")} hint={t("earning.percent_hint")} error={faults.percent}>
        <Input inputMode="numeric" value={draft.percent} onText={(percent) => set({ percent })} />
      </Field>
    );
  const points = (
    <Field label={t("earning.points")} error={faults.points}>
      <Input inputMode="numeric" value={draft.points} onText={(text) => set({ points: text })} />
    </Field>
  );
  if (rule.kind === "visit") return points;
  return (
    <>
      <div class="earning-pair">
        {points}
        <Field label={t("earning.per", { currency: currencySymbol() })} error={faults.per}>
          <Input inputMode="decimal" value={draft.per} onText={(per) => set({ per })} />
        </Field>
      </div>
      <Segmented
        label={t("earning.rounding")}
        value={rule.rounding ?? "steps"}
        onValue={(rounding) => setRule({ rounding })}
        options={[
          { value: "steps", label: t("earning.rounding_steps") },
          { value: "down", label: t("earning.rounding_down") },
        ]}
      />
    </>
  );
}

function Weekdays({ draft, faults, setRule }: PartProps) {
  const { weekdays } = draft.rule;
  const toggle = (day: number) =>
    setRule({ weekdays: everyDay.filter((one) => weekdays.includes(one) !== (one === day)) });
  return (
    <fieldset class="earning-days">
      <legend class="field-label">{t("earning.weekdays")}</legend>
      {everyDay.map((day) => (
        <button
          key={day}
          type="button"
          class="earning-day"
          aria-pressed={weekdays.includes(day)}
          aria-label={weekdayName(day, "long")}
          onClick={() => toggle(day)}
        >
          {weekdayName(day, "short")}
        </button>
      ))}
      {faults.weekdays && <p class="field-error">{faults.weekdays}</p>}
    </fieldset>
  );
}

function Conditions(props: PartProps & { places: Places }) {
  const { draft, faults, set, setRule, places } = props;
  const { rule } = draft;
  const choices = (all: string, list: Places["stores"]) => [
    { value: "", label: all },
    ...list.map((one) => ({ value: one.id, label: one.name })),
  ];
  return (
    <>
      <div class="earning-pair">
        <Field label={t("earning.from")} hint={t("earning.from_hint")}>
          <Input type="date" required value={rule.from} onText={(from) => from && setRule({ from })} />
        </Field>
        <Field label={t("earning.to")} hint={t("earning.to_hint")} error={faults.to}>
          <Input type="date" value={rule.to ?? ""} onText={(to) => setRule({ to: to || null })} />
        </Field>
      </div>
      <Weekdays {...props} />
      <div class="earning-pair">
        <Field label={t("earning.store")}>
          <Select value={rule.store_id ?? ""} onValue={(id) => setRule({ store_id: id || null })} options={choices(t("earning.all_stores"), places.stores)} />
        </Field>
        <Field label={t("earning.minimum", { currency: currencySymbol() })} error={faults.minimum}>
          <Input inputMode="decimal" placeholder="0" value={draft.minimum} onText={(minimum) => set({ minimum })} />
        </Field>
      </div>
      {places.tiers.length > 0 && (
        <Field label={t("earning.tier")}>
          <Select value={rule.tier_id ?? ""} onValue={(id) => setRule({ tier_id: id || null })} options={choices(t("earning.all_tiers"), places.tiers)} />
        </Field>
      )}
    </>
  );
}

export function RuleDialog(props: {
  rule: Rule;
  isNew: boolean;
  places: Places;
  onClose: () => void;
  onRule: (rule: Rule) => void;
}) {
  const [draft, setDraft] = useState(() => draftOf(props.rule));
  const [tried, setTried] = useState(false);
  const told = read(draft);
  const faults = tried ? told.faults : {};
  const set = (change: Partial<Draft>) => setDraft((now) => ({ ...now, ...change }));
  const setRule = (change: Partial<Rule>) => setDraft((now) => ({ ...now, rule: { ...now.rule, ...change } }));
  const done = () => {
    setTried(true);
    if (Object.keys(told.faults).length === 0) props.onRule(told.rule);
  };
  const parts = { draft, faults, set, setRule };
  return (
    <Dialog
      title={t(props.isNew ? "earning.add_title" : "earning.edit_title")}
      onClose={props.onClose}
      onSubmit={done}
      footer={
        <>
          <Button onClick={props.onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="primary">
            {t(props.isNew ? "earning.add_to_list" : "earning.apply")}
          </Button>
        </>
      }
    >
      <div class="form">
        <Segmented<Kind>
          label={t("earning.kind")}
          value={draft.rule.kind}
          onValue={(kind) => setRule({ kind })}
          options={kinds.map((kind) => ({ value: kind, label: t(`earning.kind_${kind}`) }))}
        />
        <Field label={t("earning.name")} hint={t("earning.name_hint")} error={faults.name}>
          <Input autofocus maxLength={60} value={draft.rule.name} onText={(name) => setRule({ name })} />
        </Field>
        <Gift {...parts} />
        <Conditions {...parts} places={props.places} />
      </div>
    </Dialog>
  );
}
