// The levels of a ladder, the lowest first: name, colour, threshold, what it brings.
import { currencySymbol, formatNumber } from "../lib/format";
import { t } from "../lib/i18n";
import { Button, Field, IconButton, Input, Select, TextArea } from "../ui";
import { TierBadge } from "./badge";
import type { Colour, Draft, DraftLevel, Preview } from "./model";

interface LevelsProps {
  draft: Draft;
  colours: readonly Colour[];
  most: number;
  preview: Preview | undefined;
  before: readonly { name: string; customers: number | null }[];
  disabled: boolean;
  onDraft: (draft: Draft) => void;
}

function Count({ level, preview, before }: { level: DraftLevel; preview: Preview | undefined; before: LevelsProps["before"] }) {
  const after = preview?.after.find((one) => one.tier === level.name)?.customers;
  const was = before.find((one) => one.name === level.name)?.customers ?? 0;
  if (after === undefined) return <span class="tier-count" />;
  return (
    <span class="tier-count">
      <span class="number">{formatNumber(after)}</span>
      {after !== was && (
        <span class="small muted" title={t("tiers.was", { count: formatNumber(was) })}>
          {after > was ? "+" : "−"}
          {formatNumber(Math.abs(after - was))}
        </span>
      )}
    </span>
  );
}

/** Money is typed in whole units, as thresholds are. */
function thresholdText(draft: Draft, level: DraftLevel): string {
  return String(draft.measure === "spend" ? Math.round(level.threshold / 100) : level.threshold);
}
function thresholdOf(draft: Draft, text: string): number {
  const value = Math.max(0, Math.min(1e10, Math.trunc(Number(text)) || 0));
  return draft.measure === "spend" ? value * 100 : value;
}

function LevelForm(props: LevelsProps & { at: number }) {
  const { draft, at, disabled } = props;
  const level = draft.tiers[at]!;
  const name = level.name || t("tiers.unnamed");
  const set = (change: Partial<DraftLevel>) =>
    props.onDraft({ ...draft, tiers: draft.tiers.map((one, i) => (i === at ? { ...one, ...change } : one)) });
  const move = (to: number) => {
    const tiers = [...draft.tiers];
    tiers.splice(to, 0, ...tiers.splice(at, 1));
    props.onDraft({ ...draft, tiers });
  };
  return (
    <li class="tier-level">
      <div class="tier-level-top">
        <TierBadge name={name} colour={level.colour} />
        <Count level={level} preview={props.preview} before={props.before} />
        {!disabled && (
          <span class="tier-level-order">
            <IconButton icon="arrow-up" iconSize={14} label={t("tiers.lower", { name })} disabled={at === 0} onClick={() => move(at - 1)} />
            <IconButton
              icon="arrow-down"
              iconSize={14}
              label={t("tiers.raise", { name })}
              disabled={at === draft.tiers.length - 1}
              onClick={() => move(at + 1)}
            />
            <IconButton
              icon="trash-2"
              iconSize={14}
              label={t("tiers.remove", { name })}
              onClick={() => props.onDraft({ ...draft, tiers: draft.tiers.filter((_, i) => i !== at) })}
            />
          </span>
        )}
      </div>
      <div class="tier-fields">
        <Field label={t("tiers.name")}>
          <Input disabled={disabled} maxLength={40} value={level.name} onText={(text) => set({ name: text })} />
        </Field>
        <Field label={t("tiers.colour")}>
          <Select
            disabled={disabled}
            value={level.colour}
            options={props.colours.map((one) => ({ value: one, label: t(`tiers.colour_${one}`) }))}
            onValue={(colour) => set({ colour: colour as Colour })}
          />
        </Field>
        {draft.measure !== "none" && (
          <Field
            label={t("tiers.from", { unit: draft.measure === "spend" ? currencySymbol() : t(`tiers.unit_${draft.measure}`) })}
            hint={level.threshold === 0 ? t("tiers.hand_only") : undefined}
          >
            <Input
              type="number"
              min={0}
              inputMode="numeric"
              disabled={disabled}
              value={thresholdText(draft, level)}
              onText={(text) => set({ threshold: thresholdOf(draft, text) })}
            />
          </Field>
        )}
      </div>
      <Field label={t("tiers.benefits")}>
        <TextArea
          disabled={disabled}
          rows={2}
          maxLength={1000}
          placeholder={t("tiers.benefits_hint")}
          value={level.benefits}
          onText={(benefits) => set({ benefits })}
        />
      </Field>
    </li>
  );
}

export function Levels(props: LevelsProps) {
  const { draft } = props;
  const add = () => {
    const top = draft.tiers.at(-1);
    const used = new Set(draft.tiers.map((one) => one.colour));
    const colour = props.colours.find((one) => !used.has(one)) ?? "slate";
    const threshold = top ? top.threshold * 2 : draft.measure === "spend" ? 50000 : 10;
    props.onDraft({ ...draft, tiers: [...draft.tiers, { name: "", colour, threshold, benefits: "" }] });
  };
  return (
    <>
      <ol class="tier-levels">
        {draft.tiers.map((one, at) => (
          <LevelForm key={one.id ?? `new ${at}`} {...props} at={at} />
        ))}
      </ol>
      {!props.disabled && (
        <Button icon="plus" disabled={draft.tiers.length >= props.most} onClick={add}>
          {t("tiers.add")}
        </Button>
      )}
    </>
  );
}
