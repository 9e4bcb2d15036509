// What holds for the whole shop; the owner changes it.
import { useMemo, useState } from "preact/hooks";
import { api, ApiError, type Schemas } from "../api/client";
import { language, languageNames, languages, t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { enter, may } from "../shell/session";
import { Button, errorText, ErrorState, Field, Input, Notice, Select, SkeletonLines, Switch, toast } from "../ui";
import { countries, currencies, timeIn, timeZones } from "./choices";
import { Section } from "./section";

type Merchant = Schemas["Merchant"];
const names = ["name", "currency", "time_zone", "country", "language", "associates_see_chain", "second_step_from"] as const;
const policies = ["nobody", "owner", "manager", "associate"] as const;
type Values = Pick<Merchant, (typeof names)[number]>;

function valuesOf(merchant: Merchant): Values {
  const { name, currency, time_zone, country, language: main, associates_see_chain, second_step_from } = merchant;
  return { name, currency, time_zone, country, language: main, associates_see_chain, second_step_from };
}
function changedOf(draft: Values, merchant: Merchant): Partial<Values> {
  return Object.fromEntries(names.filter((name) => draft[name] !== merchant[name]).map((name) => [name, draft[name]]));
}

/** Saves, and lets the session know: money, days and the shop's name are shown everywhere. */
async function save(change: Partial<Values>, version: number): Promise<Merchant> {
  const merchant = await api.patch("/merchant", { body: change, version });
  await enter(await api.get("/session"));
  return merchant;
}

function Fields(props: {
  draft: Values;
  disabled: boolean;
  error: unknown;
  /** Saving was asked for: what is missing is said. */
  tried: boolean;
  onDraft: (draft: Values) => void;
}) {
  const { draft, disabled } = props;
  const tag = language.value;
  const choices = useMemo(
    () => ({
      currency: currencies(draft.currency),
      country: countries(draft.country),
      zone: timeZones(draft.time_zone),
    }),
    [tag],
  );
  const set = (change: Partial<Values>) => props.onDraft({ ...draft, ...change });
  const nameless = props.tried && !draft.name.trim() ? t("settings.required") : null;
  const errorOf = (field: string) =>
    props.error instanceof ApiError && props.error.problem.field === field ? props.error.message : null;
  return (
    <>
      <Field label={t("settings.merchant_name")} error={nameless ?? errorOf("name")}>
        <Input required disabled={disabled} value={draft.name} onText={(name) => set({ name })} />
      </Field>
      <Field label={t("settings.currency")} hint={t("settings.currency_help")} error={errorOf("currency")}>
        <Select
          value={draft.currency}
          disabled={disabled}
          options={choices.currency}
          onValue={(currency) => set({ currency })}
        />
      </Field>
      <Field
        label={t("settings.time_zone")}
        hint={t("settings.time_zone_help", { time: timeIn(draft.time_zone) })}
        error={errorOf("time_zone")}
      >
        <Select
          value={draft.time_zone}
          disabled={disabled}
          options={choices.zone}
          onValue={(time_zone) => set({ time_zone })}
        />
      </Field>
      <Field label={t("settings.country")} hint={t("settings.country_help")} error={errorOf("country")}>
        <Select
          value={draft.country}
          disabled={disabled}
          options={choices.country}
          onValue={(country) => set({ country })}
        />
      </Field>
      <Field
        label={t("settings.merchant_language")}
        hint={t("settings.merchant_language_help")}
        error={errorOf("language")}
      >
        <Select
          value={draft.language}
          disabled={disabled}
          options={languages.map((code) => ({ value: code, label: languageNames[code] }))}
          onValue={(code) => set({ language: code as Values["language"] })}
        />
      </Field>
      <div class="field">
        <Switch
          checked={draft.associates_see_chain}
          disabled={disabled}
          onChecked={(associates_see_chain) => set({ associates_see_chain })}
          label={t("settings.chain")}
        />
        <p class="field-hint">{t("settings.chain_help")}</p>
      </div>
      <Field label={t("security.policy")} hint={t("security.policy_help")} error={errorOf("second_step_from")}>
        <Select
          value={draft.second_step_from}
          disabled={disabled}
          options={policies.map((one) => ({ value: one, label: t(`security.policy_${one}`) }))}
          onValue={(from) => set({ second_step_from: from as Values["second_step_from"] })}
        />
      </Field>
    </>
  );
}

function Form(props: { merchant: Merchant; onChange: (merchant: Merchant) => void; reload: () => void }) {
  const { merchant } = props;
  const [draft, setDraft] = useState(valuesOf(merchant));
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const disabled = !may("settings");
  const change = changedOf(draft, merchant);
  const dirty = Object.keys(change).length > 0;

  const failed = (problem: unknown) => {
    setError(problem);
    if (problem instanceof ApiError && problem.status === 412) props.reload();
  };
  const saved = (next: Merchant, words: string, undo?: () => void) => {
    props.onChange(next);
    setDraft(valuesOf(next));
    toast(t(words), { undo });
  };
  const putBack = (next: Merchant, before: Merchant) => {
    save(changedOf(valuesOf(before), next), next.version).then((m) => saved(m, "settings.undone"), failed);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (busy || !dirty || !draft.name.trim()) return;
    setBusy(true);
    setError(null);
    save(change, merchant.version)
      .then((next) => saved(next, "settings.saved", () => putBack(next, merchant)), failed)
      .finally(() => setBusy(false));
  };
  const stale = error instanceof ApiError && error.status === 412;
  const elsewhere =
    error !== null && !stale && !(error instanceof ApiError && names.some((name) => name === error.problem.field));
  return (
    <form class="settings-merchant" onSubmit={submit} noValidate>
      <Section
        title={t("settings.merchant")}
        text={t(disabled ? "settings.merchant_readonly" : "settings.merchant_text")}
      >
        {stale && (
          <Notice tone="amber">
            <p class="strong">{t("settings.conflict")}</p>
            <p>{t("settings.conflict_text")}</p>
          </Notice>
        )}
        {elsewhere && <Notice tone="red">{errorText(error)}</Notice>}
        <Fields draft={draft} disabled={disabled} error={error} tried={tried} onDraft={setDraft} />
        {!disabled && (
          <div class="settings-save">
            <Button type="submit" variant="primary" busy={busy} disabled={!dirty}>
              {t("settings.save")}
            </Button>
            {dirty && (
              <>
                <Button variant="ghost" onClick={() => setDraft(valuesOf(merchant))}>
                  {t("settings.discard")}
                </Button>
                <span class="muted">{t("settings.unsaved")}</span>
              </>
            )}
          </div>
        )}
      </Section>
    </form>
  );
}

export function MerchantSettings() {
  const loaded = useLoad("merchant", (signal) => api.get("/merchant", { signal }));
  if (loaded.value) return <Form merchant={loaded.value} onChange={loaded.set} reload={loaded.reload} />;
  if (loaded.error) return <ErrorState error={loaded.error} retry={loaded.reload} />;
  return (
    <Section title={t("settings.merchant")}>
      <SkeletonLines lines={8} />
    </Section>
  );
}
