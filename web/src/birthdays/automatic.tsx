// Automatic greetings: their rules, and whom they will reach in the coming week.
import { useState } from "preact/hooks";
import { api, ApiError } from "../api/client";
import { nameOf } from "../customers/ticked";
import { formatDay, formatNumber } from "../lib/format";
import { language, languageNames, languages, t, tn } from "../lib/i18n";
import { type Loaded, useLoad } from "../lib/load";
import { fieldError } from "../shell/confirm";
import { isStale, Versioned } from "../settings/section";
import { may } from "../shell/session";
import { Avatar, Badge, Button, ErrorState, errorText, Field, Icon, Input, Notice, Select, SkeletonLines, Switch, TextArea, toast } from "../ui";
import type { Coming, Rules } from "./model";

function bodyOf(rules: Rules) {
  const { automatic, points, hour, days_ahead, leap, messages } = rules;
  return {
    automatic,
    points,
    hour,
    days_ahead,
    leap,
    message_en: messages.en,
    message_fr: messages.fr,
    message_it: messages.it,
    message_es: messages.es,
    message_ru: messages.ru,
  };
}

function Messages({ draft, disabled, error, onDraft }: { draft: Rules; disabled: boolean; error: unknown; onDraft: (rules: Rules) => void }) {
  const [shown, setShown] = useState(language.value);
  const wrong = languages.map((code) => fieldError(error, `message_${code}`)).find((text) => text !== null);
  return (
    <>
      <Field label={t("birthdays.language")}>
        <Select
          value={shown}
          onValue={(code) => setShown(languages.find((one) => one === code) ?? shown)}
          options={languages.map((code) => ({
            value: code,
            label: draft.messages[code] ? languageNames[code] : t("birthdays.language_empty", { language: languageNames[code] }),
          }))}
        />
      </Field>
      <Field label={t("birthdays.message")} hint={t("birthdays.automatic_message_hint")} error={wrong}>
        <TextArea
          rows={3}
          maxLength={500}
          disabled={disabled}
          value={draft.messages[shown]}
          onText={(text) => onDraft({ ...draft, messages: { ...draft.messages, [shown]: text } })}
        />
      </Field>
    </>
  );
}

function Numbers({ draft, disabled, error, onDraft }: { draft: Rules; disabled: boolean; error: unknown; onDraft: (rules: Rules) => void }) {
  const hours = Array.from({ length: 24 }, (_, hour) => ({ value: String(hour), label: `${String(hour).padStart(2, "0")}:00` }));
  const number = (text: string) => Math.max(0, Math.trunc(Number(text) || 0));
  return (
    <div class="birthday-numbers">
      <Field label={t("birthdays.points")} error={fieldError(error, "points")}>
        <Input type="number" inputMode="numeric" min={0} max={1000000} disabled={disabled} value={String(draft.points)} onText={(text) => onDraft({ ...draft, points: number(text) })} />
      </Field>
      <Field label={t("birthdays.days_ahead")} error={fieldError(error, "days_ahead")}>
        <Input type="number" inputMode="numeric" min={0} max={30} disabled={disabled} value={String(draft.days_ahead)} onText={(text) => onDraft({ ...draft, days_ahead: number(text) })} />
      </Field>
      <Field label={t("birthdays.hour")}>
        <Select disabled={disabled} value={String(draft.hour)} options={hours} onValue={(hour) => onDraft({ ...draft, hour: Number(hour) })} />
      </Field>
      <Field label={t("birthdays.leap")}>
        <Select
          disabled={disabled}
          value={draft.leap}
          options={(["february", "march"] as const).map((one) => ({ value: one, label: t(`birthdays.leap_${one}`) }))}
          onValue={(leap) => onDraft({ ...draft, leap: leap === "march" ? "march" : "february" })}
        />
      </Field>
    </div>
  );
}

function RulesForm({ loaded, kept, onSaved }: { loaded: Loaded<Rules>; kept: Rules; onSaved: () => void }) {
  const [draft, setDraft] = useState(kept);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const disabled = !may("settings");
  const dirty = JSON.stringify(bodyOf(draft)) !== JSON.stringify(bodyOf(kept));
  const elsewhere = error !== null && !isStale(error) && !(error instanceof ApiError && error.problem.field);
  const put = (rules: Rules, version: number) => api.patch("/birthdays/rules", { body: bodyOf(rules), version });
  const save = (event: Event) => {
    event.preventDefault();
    if (busy || !dirty) return;
    setBusy(true);
    setError(null);
    put(draft, kept.version)
      .then(
        (next) => {
          loaded.set(next);
          onSaved();
          toast(t("birthdays.saved"), {
            undo: () => {
              put(kept, next.version).then((back) => {
                loaded.set(back);
                onSaved();
              }, setError);
            },
          });
        },
        (problem: unknown) => {
          setError(problem);
          if (isStale(problem)) loaded.reload();
        },
      )
      .finally(() => setBusy(false));
  };
  return (
    <form class="form birthday-rules" onSubmit={save} noValidate>
      {elsewhere && <Notice tone="red">{errorText(error)}</Notice>}
      <Switch checked={draft.automatic} disabled={disabled} label={t("birthdays.automatic_on")} onChecked={(automatic) => setDraft({ ...draft, automatic })} />
      <Numbers draft={draft} disabled={disabled} error={error} onDraft={setDraft} />
      <Messages draft={draft} disabled={disabled} error={error} onDraft={setDraft} />
      <p class="small muted">{t("birthdays.kept")}</p>
      {!disabled && (
        <div>
          <Button type="submit" variant="primary" busy={busy} disabled={!dirty}>
            {t("birthdays.save")}
          </Button>
        </div>
      )}
    </form>
  );
}

function ComingDay({ day, automatic }: { day: Coming["days"][number]; automatic: boolean }) {
  const silent = day.customers - day.blocked - day.consenting;
  const parts = [tn("birthdays.births", day.customers)];
  if (day.greeted > 0) parts.push(tn("birthdays.coming_greeted", day.greeted));
  if (silent > 0) parts.push(tn("birthdays.coming_silent", silent));
  if (day.blocked > 0) parts.push(tn("birthdays.done_blocked", day.blocked));
  return (
    <li>
      <details>
        <summary>
          <Icon name="chevron-right" size={14} />
          <span class="strong">{formatDay(day.day, "long")}</span>
          <span class="muted small">{parts.join(" · ")}</span>
        </summary>
        {automatic && day.on !== day.day && <p class="small muted">{t("birthdays.coming_on", { day: formatDay(day.on) })}</p>}
        <ul class="birthday-people">
          {day.items.map(({ customer, points, message }) => (
            <li key={customer.id}>
              <Avatar id={customer.id} name={customer.name} photo={customer.photo} consent={customer.consent.sms === "granted"} />
              <span class="birthday-who">
                <a class="strong cut" href={`/customers/${customer.id}`}>
                  {nameOf(customer)}
                </a>
                <span class="muted small">{customer.blocked ? t("birthdays.coming_blocked") : (message ?? t("birthdays.coming_no_message"))}</span>
              </span>
              {points > 0 && <Badge tone="accent">{tn("birthdays.plus_points", points, { count: formatNumber(points) })}</Badge>}
            </li>
          ))}
        </ul>
        {day.items.length < day.customers && (
          <p class="small">
            <a href={`/birthdays?day=${day.day}`}>{t("birthdays.coming_all", { count: formatNumber(day.customers) })}</a>
          </p>
        )}
      </details>
    </li>
  );
}

export function Automatic() {
  const rules = useLoad("birthday rules", (signal) => api.get("/birthdays/rules", { signal }));
  const coming = useLoad("birthdays coming", (signal) => api.get("/birthdays/coming", { signal }));
  return (
    <div class="birthday-automatic">
      <section>
        <h2>{t("birthdays.rules")}</h2>
        {rules.value ? (
          <Versioned loaded={rules} version={(kept) => kept.version}>
            {(kept, form) => <RulesForm loaded={form} kept={kept} onSaved={coming.reload} />}
          </Versioned>
        ) : rules.error ? (
          <ErrorState error={rules.error} retry={rules.reload} />
        ) : (
          <SkeletonLines lines={6} />
        )}
      </section>
      <section>
        <h2>{t("birthdays.coming")}</h2>
        {coming.value ? (
          <>
            <p class="muted">{t(coming.value.automatic ? "birthdays.coming_text" : "birthdays.coming_off")}</p>
            <ul class="birthday-coming">
              {coming.value.days.map((day) => (
                <ComingDay key={day.day} day={day} automatic={coming.value!.automatic} />
              ))}
            </ul>
          </>
        ) : coming.error ? (
          <ErrorState error={coming.error} retry={coming.reload} />
        ) : (
          <SkeletonLines lines={8} />
        )}
      </section>
    </div>
  );
}
