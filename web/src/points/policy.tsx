// Settings → Loyalty: when points expire, when they can be spent, and what they are worth.
import { useState } from "preact/hooks";
import { api, type Schemas } from "../api/client";
import { minorOf } from "../earning/model";
import { amountInField, currencySymbol } from "../lib/format";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { isStale, Section, Versioned } from "../settings/section";
import { may } from "../shell/session";
import { Button, ErrorState, errorText, Field, Input, Notice, Segmented, SkeletonLines, toast } from "../ui";
import { amountOf } from "./model";

type Policy = Schemas["PointsPolicy"];
type Expiry = Policy["expiry"];
const expiries: readonly Expiry[] = ["never", "days", "month_end", "year_end"];
/** As src/crm/points/points.h has them. */
const most: Readonly<Record<Expiry, number>> = { never: 0, days: 3650, month_end: 120, year_end: 10 };
const usual: Readonly<Record<Expiry, string>> = { never: "0", days: "365", month_end: "12", year_end: "1" };
const lockedMost = 365;

/** What stands in the fields: numbers as they are typed. */
interface Draft {
  expiry: Expiry;
  count: string;
  locked: string;
  points: string;
  money: string;
}
function draftOf(policy: Policy): Draft {
  return {
    expiry: policy.expiry,
    count: String(policy.count),
    locked: String(policy.locked_days),
    points: policy.worth_points ? String(policy.worth_points) : "",
    money: policy.worth_points ? amountInField(policy.worth_minor, true) : "",
  };
}
function whole(text: string, least: number, limit: number): number | null {
  const n = /^\d{1,5}$/.test(text.trim()) ? Number(text) : NaN;
  return n >= least && n <= limit ? n : null;
}

type Values = Pick<Policy, "expiry" | "count" | "locked_days" | "worth_points" | "worth_minor">;
type Faults = Partial<Record<"count" | "locked" | "points" | "money", string>>;

function read(draft: Draft): { values: Values; faults: Faults } {
  const faults: Faults = {};
  const { expiry } = draft;
  const least = expiry === "days" ? 1 : 0;
  const count = expiry === "never" ? 0 : whole(draft.count, least, most[expiry]);
  const locked = whole(draft.locked, 0, lockedMost);
  const said = draft.points.trim() !== "" || draft.money.trim() !== "";
  const points = said ? amountOf(draft.points) : 0;
  const money = said ? minorOf(draft.money) : 0;
  if (count === null) faults.count = t("points.from_to", { least, most: most[expiry] });
  if (locked === null) faults.locked = t("points.from_to", { least: 0, most: lockedMost });
  if (points === null) faults.points = t("points.whole");
  if (money === null) faults.money = t("earning.money");
  return {
    faults,
    values: { expiry, count: count ?? 0, locked_days: locked ?? 0, worth_points: points ?? 0, worth_minor: money ?? 0 },
  };
}

async function patch(values: Values, version: number): Promise<Policy> {
  return await api.patch("/points/policy", { body: values, version });
}

function Fields(props: { draft: Draft; faults: Faults; disabled: boolean; set: (change: Partial<Draft>) => void }) {
  const { draft, faults, disabled, set } = props;
  return (
    <>
      <div class="field">
        <span class="field-label">{t("points.expiry")}</span>
        <Segmented<Expiry>
          label={t("points.expiry")}
          value={draft.expiry}
          onValue={(expiry) => !disabled && set({ expiry, count: usual[expiry] })}
          options={expiries.map((one) => ({ value: one, label: t(`points.expiry_${one}`) }))}
        />
      </div>
      {draft.expiry !== "never" && (
        <Field label={t(`points.count_${draft.expiry}`)} error={faults.count}>
          <Input inputMode="numeric" disabled={disabled} value={draft.count} onText={(count) => set({ count })} />
        </Field>
      )}
      <Field label={t("points.locked_days")} hint={t("points.locked_hint")} error={faults.locked}>
        <Input inputMode="numeric" disabled={disabled} value={draft.locked} onText={(locked) => set({ locked })} />
      </Field>
      <div class="earning-pair">
        <Field label={t("points.worth_points")} hint={t("points.worth_hint")} error={faults.points}>
          <Input inputMode="numeric" disabled={disabled} value={draft.points} onText={(points) => set({ points })} />
        </Field>
        <Field label={t("points.worth_money", { currency: currencySymbol() })} error={faults.money}>
          <Input inputMode="decimal" disabled={disabled} value={draft.money} onText={(money) => set({ money })} />
        </Field>
      </div>
    </>
  );
}

function Editor(props: { kept: Policy; onKept: (kept: Policy) => void; reload: () => void }) {
  const { kept } = props;
  const [draft, setDraft] = useState(() => draftOf(kept));
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const disabled = !may("settings");
  const { values, faults } = read(draft);
  const before = read(draftOf(kept)).values;
  const dirty = JSON.stringify(values) !== JSON.stringify(before) || Object.keys(faults).length > 0;
  const take = (next: Policy, words: string, undo?: () => void) => {
    props.onKept(next);
    setDraft(draftOf(next));
    toast(t(words), { undo });
  };
  const failed = (cause: unknown) => {
    setError(cause);
    if (isStale(cause)) props.reload();
  };
  const save = () => {
    setBusy(true);
    setError(null);
    patch(values, kept.version)
      .then(
        (next) =>
          take(next, "points.policy_saved", () => {
            patch(before, next.version).then((back) => take(back, "settings.undone"), failed);
          }),
        failed,
      )
      .finally(() => setBusy(false));
  };
  return (
    <>
      {error !== null && !isStale(error) && <Notice tone="red">{errorText(error)}</Notice>}
      <Fields draft={draft} faults={faults} disabled={disabled} set={(change) => setDraft({ ...draft, ...change })} />
      {!disabled && (
        <div class="settings-save">
          <Button variant="primary" busy={busy} disabled={!dirty || Object.keys(faults).length > 0} onClick={save}>
            {t("settings.save")}
          </Button>
          {dirty && (
            <Button variant="ghost" onClick={() => setDraft(draftOf(kept))}>
              {t("settings.discard")}
            </Button>
          )}
        </div>
      )}
    </>
  );
}

export function PolicySettings() {
  const loaded = useLoad("points policy", (signal) => api.get("/points/policy", { signal }));
  return (
    <Section title={t("points.policy")} text={t(may("settings") ? "points.policy_text" : "settings.merchant_readonly")}>
      {loaded.value ? (
        <Versioned loaded={loaded} version={(kept) => kept.version}>
          {(kept, form) => <Editor kept={kept} onKept={form.set} reload={form.reload} />}
        </Versioned>
      ) : loaded.error ? (
        <ErrorState error={loaded.error} retry={loaded.reload} />
      ) : (
        <SkeletonLines lines={5} />
      )}
    </Section>
  );
}
