// The texts that customers are shown when they are asked: versions, per channel and language.
import { useEffect, useState } from "preact/hooks";
import { api, ApiError } from "../api/client";
import { formatInstant } from "../lib/format";
import { isLanguage, type Language, language as reading, languageNames, languages, t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { Section } from "../settings/section";
import { may } from "../shell/session";
import { Button, ErrorState, errorText, Field, Notice, Segmented, Select, SkeletonLines, TextArea, toast } from "../ui";
import { type Channel, channelName, channels, type ConsentText } from "./model";

function Versions({ versions }: { versions: readonly ConsentText[] }) {
  if (versions.length === 0) return null;
  return (
    <details class="consent-versions">
      <summary>{t("consent.texts_older")}</summary>
      <ol>
        {versions.map((text) => (
          <li key={text.id}>
            <p class="small muted">
              {[t("consent.texts_version", { version: String(text.version) }), formatInstant(text.created_at), text.staff]
                .filter(Boolean)
                .join(" · ")}
            </p>
            <blockquote class="consent-body" lang={text.language}>
              {text.body}
            </blockquote>
          </li>
        ))}
      </ol>
    </details>
  );
}

function Editor(props: {
  channel: Channel;
  language: Language;
  versions: readonly ConsentText[];
  onSaved: (texts: ConsentText[]) => void;
  reload: () => void;
}) {
  const current = props.versions[0];
  const [body, setBody] = useState(current?.body ?? "");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => setBody(current?.body ?? ""), [current?.id]);
  const readOnly = !may("settings");
  const next = String((current?.version ?? 0) + 1);
  const dirty = body.trim() !== (current?.body ?? "") && body.trim() !== "";
  const save = (event: Event) => {
    event.preventDefault();
    if (busy || !dirty) return;
    setBusy(true);
    setError(null);
    api
      .post("/consent-texts", {
        body: { channel: props.channel, language: props.language, body: body.trim(), after_version: current?.version ?? 0 },
      })
      .then(
        (texts) => {
          props.onSaved(texts.items);
          toast(t("consent.texts_saved", { version: next }));
        },
        (problem: unknown) => {
          setError(problem);
          if (problem instanceof ApiError && problem.status === 412) props.reload();
        },
      )
      .finally(() => setBusy(false));
  };
  const stale = error instanceof ApiError && error.status === 412;
  return (
    <form class="form" onSubmit={save} noValidate>
      {stale && <Notice tone="amber">{t("consent.texts_conflict")}</Notice>}
      <Field
        label={t("consent.texts_body")}
        hint={current ? t("consent.texts_version", { version: String(current.version) }) : t("consent.texts_none")}
        error={error && !stale ? errorText(error) : null}
      >
        <TextArea rows={6} maxLength={4000} lang={props.language} disabled={readOnly} value={body} onText={setBody} />
      </Field>
      {!readOnly && (
        <div class="settings-save">
          <Button type="submit" variant="primary" busy={busy} disabled={!dirty}>
            {t("consent.texts_save", { version: next })}
          </Button>
        </div>
      )}
      <Versions versions={props.versions.slice(1)} />
    </form>
  );
}

export function ConsentTexts() {
  const loaded = useLoad("consent texts", (signal) => api.get("/consent-texts", { signal }));
  const [channel, setChannel] = useState<Channel>("sms");
  const [chosen, setChosen] = useState<Language>(reading.value);
  const texts = loaded.value?.items;
  return (
    <Section title={t("consent.texts_title")} text={t("consent.texts_about")}>
      <Segmented<Channel>
        label={t("consent.filter")}
        value={channel}
        onValue={setChannel}
        options={channels.map((one) => ({ value: one, label: channelName(one) }))}
      />
      <Field label={t("consent.texts_language")}>
        <Select
          value={chosen}
          options={languages.map((code) => ({ value: code, label: languageNames[code] }))}
          onValue={(code) => isLanguage(code) && setChosen(code)}
        />
      </Field>
      {texts ? (
        <Editor
          key={`${channel} ${chosen}`}
          channel={channel}
          language={chosen}
          versions={texts.filter((text) => text.channel === channel && text.language === chosen)}
          onSaved={(items) => loaded.set({ items })}
          reload={loaded.reload}
        />
      ) : loaded.error ? (
        <ErrorState error={loaded.error} retry={loaded.reload} />
      ) : (
        <SkeletonLines lines={6} />
      )}
    </Section>
  );
}
