// Settings: the tiers and the rule. Who would move is told while it is typed, before anything is saved.
import { useEffect, useState } from "preact/hooks";
import { api, ApiError } from "../api/client";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { usePreview } from "../lib/preview";
import { may } from "../shell/session";
import { isStale, Versioned } from "../settings/section";
import { Button, EmptyState, ErrorState, errorText, Field, Input, Notice, Select, SkeletonLines, toast } from "../ui";
import { Levels } from "./levels";
import { type Draft, draftOf, type Ladder, type Measure, sameDraft } from "./model";
import { Moves } from "./moves";

const lookAgainMs = 1000;
const measures: readonly Measure[] = ["spend", "visits", "points", "none"];

function numberOf(text: string, most: number): number {
  return Math.max(0, Math.min(most, Math.trunc(Number(text)) || 0));
}

function Rule(props: { draft: Draft; disabled: boolean; onDraft: (draft: Draft) => void }) {
  const { draft, disabled } = props;
  const set = (change: Partial<Draft>) => props.onDraft({ ...draft, ...change });
  return (
    <>
      <Field label={t("tiers.measure")} hint={t(`tiers.measure_${draft.measure}_hint`)}>
        <Select
          disabled={disabled}
          value={draft.measure}
          options={measures.map((one) => ({ value: one, label: t(`tiers.measure_${one}`) }))}
          onValue={(measure) => set({ measure: measure as Measure })}
        />
      </Field>
      {draft.measure !== "none" && (
        <div class="tier-rule">
          <Field label={t("tiers.period")} hint={t(`tiers.period_${draft.period}_hint`)}>
            <Select
              disabled={disabled}
              value={draft.period}
              options={["year", "months", "ever"].map((one) => ({ value: one, label: t(`tiers.period_${one}`) }))}
              onValue={(period) => set({ period: period as Draft["period"] })}
            />
          </Field>
          {draft.period === "months" && (
            <Field label={t("tiers.months")}>
              <Input
                type="number"
                min={1}
                max={60}
                disabled={disabled}
                value={String(draft.months)}
                onText={(text) => set({ months: Math.max(1, numberOf(text, 60)) })}
              />
            </Field>
          )}
          <Field label={t("tiers.grace")} hint={t("tiers.grace_hint")}>
            <Input
              type="number"
              min={0}
              max={366}
              disabled={disabled}
              value={String(draft.grace_days)}
              onText={(text) => set({ grace_days: numberOf(text, 366) })}
            />
          </Field>
        </div>
      )}
    </>
  );
}

function Editor({ kept, onKept, reload }: { kept: Ladder; onKept: (kept: Ladder) => void; reload: () => void }) {
  const [draft, setDraft] = useState(() => draftOf(kept));
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const disabled = !may("settings");
  const was = draftOf(kept);
  const dirty = !sameDraft(draft, was);
  const nameless = draft.tiers.some((one) => !one.name.trim());
  const verdict = usePreview(draft, !disabled && !nameless, kept.version, (signal) =>
    api.post("/tiers/preview", { body: { ...draft, limit: 0 }, signal }),
  );
  const told = verdict && sameDraft(verdict.of, draft) ? verdict : null;
  const problem = told?.error instanceof ApiError ? told.error : null;
  const save = () => {
    setBusy(true);
    setError(null);
    api
      .put("/tiers", { body: draft, version: kept.version })
      .then(
        (next) => {
          onKept(next);
          toast(t("tiers.saved"));
        },
        (cause: unknown) => {
          setError(cause);
          if (isStale(cause)) reload();
        },
      )
      .finally(() => setBusy(false));
  };
  return (
    <>
      {error !== null && !isStale(error) && <Notice tone="red">{errorText(error)}</Notice>}
      {kept.moving && (
        <Notice>
          <p role="status">{t("tiers.moving")}</p>
        </Notice>
      )}
      {draft.tiers.length === 0 && <EmptyState icon="star" title={t("tiers.empty")} text={t("tiers.empty_text")} />}
      {draft.tiers.length > 0 && <Rule draft={draft} disabled={disabled} onDraft={setDraft} />}
      <Levels
        draft={draft}
        colours={kept.colours}
        most={kept.most}
        preview={verdict?.preview}
        before={kept.tiers}
        disabled={disabled}
        onDraft={setDraft}
      />
      {!disabled && (
        <>
          {problem && <p class="field-error">{problem.message}</p>}
          {dirty && told?.preview && <Moves before={was.tiers} draft={draft} preview={told.preview} />}
          <div class="settings-save">
            <Button variant="primary" busy={busy} disabled={!dirty || nameless || problem !== null} onClick={save}>
              {t("settings.save")}
            </Button>
            {dirty && (
              <Button variant="ghost" onClick={() => setDraft(was)}>
                {t("settings.discard")}
              </Button>
            )}
          </div>
        </>
      )}
    </>
  );
}

export function TierSettings() {
  const loaded = useLoad("tiers", (signal) => api.get("/tiers", { signal }));
  const moving = loaded.value?.moving;
  useEffect(() => {
    if (!moving) return;
    const timer = setInterval(loaded.reload, lookAgainMs);
    return () => clearInterval(timer);
  }, [moving]);
  return (
    <section class="settings-section tiers" id="tiers">
      <header>
        <h2>{t("tiers.levels")}</h2>
        <p class="muted">{t(may("settings") ? "tiers.text" : "settings.merchant_readonly")}</p>
      </header>
      <div class="form">
        {loaded.value ? (
          <Versioned loaded={loaded} version={(kept) => kept.version}>
            {(kept, form) => <Editor kept={kept} onKept={form.set} reload={form.reload} />}
          </Versioned>
        ) : loaded.error ? (
          <ErrorState error={loaded.error} retry={loaded.reload} />
        ) : (
          <SkeletonLines lines={8} />
        )}
      </div>
    </section>
  );
}
