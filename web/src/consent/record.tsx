// Writing down what a customer said on a channel, or that nothing is to be sent there.
import { useState } from "preact/hooks";
import { api, ApiError } from "../api/client";
import { formatInstant, formatLanguage, region } from "../lib/format";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { Button, Dialog, errorText, Field, Input, Notice, Select, TextArea } from "../ui";
import { ChoosePictures, sendPicture } from "./evidence";
import {
  type Act,
  type Channel,
  channelName,
  type ConsentText,
  type History,
  type How,
  hows,
  howWords,
  type Kind,
  type Reason,
  reasons,
  reasonWords,
} from "./model";

/** The newest version of each language; the list has the newest first. */
function newest(texts: readonly ConsentText[], channel: Channel): ConsentText[] {
  const mine = texts.filter((text) => text.channel === channel);
  return mine.filter((text, i) => mine.findIndex((one) => one.language === text.language) === i);
}

function TextShown(props: { channel: Channel; value: string; onValue: (id: string) => void }) {
  const loaded = useLoad("consent texts", (signal) => api.get("/consent-texts", { signal }));
  const texts = newest(loaded.value?.items ?? [], props.channel);
  const chosen = texts.find((text) => text.id === props.value);
  if (loaded.value && texts.length === 0) return <p class="small muted">{t("consent.text_settings")}</p>;
  return (
    <div class="consent-shown">
      <Field label={t("consent.text")}>
        <Select
          value={props.value}
          options={[
            { value: "", label: t("consent.text_none") },
            ...texts.map((text) => ({
              value: text.id,
              label: t("consent.text_option", {
                language: formatLanguage(text.language),
                version: String(text.version),
              }),
            })),
          ]}
          onValue={props.onValue}
        />
      </Field>
      {chosen && (
        <blockquote class="consent-body" lang={chosen.language}>
          {chosen.body}
        </blockquote>
      )}
    </div>
  );
}

interface Draft {
  how: How;
  given_on: string;
  text_id: string;
  reason: Reason;
  note: string;
}

const explanations: Record<Kind, string> = {
  granted: "consent.law",
  refused: "consent.law",
  suppressed: "consent.suppressed_text",
  released: "consent.released_text",
};

function Fields(props: {
  channel: Channel;
  kind: Kind;
  draft: Draft;
  errorOf: (field: string) => string | null;
  onDraft: (part: Partial<Draft>) => void;
}) {
  const { channel, kind, draft, errorOf, onDraft } = props;
  const said = kind === "granted" || kind === "refused";
  return (
    <div class="form">
      {kind === "suppressed" && (
        <Field label={t("consent.reason")}>
          <Select
            value={draft.reason}
            options={reasons.map((reason) => ({ value: reason, label: reasonWords(reason) }))}
            onValue={(reason) => onDraft({ reason: reason as Reason })}
          />
        </Field>
      )}
      <div class="consent-pair">
        <Field label={t("consent.how")} error={errorOf("how")}>
          <Select
            value={draft.how}
            options={hows.map((how) => ({ value: how, label: howWords(how) }))}
            onValue={(how) => onDraft({ how: how as How })}
          />
        </Field>
        <Field label={t("consent.given_on")} error={errorOf("given_on")}>
          <Input
            type="date"
            max={region.value.today}
            value={draft.given_on}
            onText={(given_on) => onDraft({ given_on })}
          />
        </Field>
      </div>
      {said && (
        <TextShown channel={channel} value={draft.text_id} onValue={(text_id) => onDraft({ text_id })} />
      )}
      <Field label={t("consent.note")} hint={t("consent.note_hint")} error={errorOf("note")}>
        <TextArea rows={2} maxLength={500} value={draft.note} onText={(note) => onDraft({ note })} />
      </Field>
    </div>
  );
}

/** What somebody else recorded on the channel while this dialog was open. */
function Newer({ act, kind }: { act: Act; kind: Kind }) {
  const words = t("consent.newer", {
    state: t(`consent.state_${act.state}`),
    how: howWords(act.how),
    by: act.staff ?? t("consent.proof_program"),
    when: formatInstant(act.recorded_at),
  });
  return (
    <Notice tone="amber">
      {words} {t(act.state === kind ? "consent.newer_same" : "consent.newer_look")}
    </Notice>
  );
}

export function RecordDialog(props: {
  customer: string;
  channel: Channel;
  kind: Kind;
  /** The channel's latest act that the reader has seen: another one in between is told, not passed over. */
  after: string | null;
  onNewer: () => void;
  onClose: () => void;
  onRecorded: (history: History) => void;
}) {
  const { channel, customer, kind } = props;
  const { today } = region.value;
  const [draft, setDraft] = useState<Draft>({
    how: "paper",
    given_on: today,
    text_id: "",
    reason: "stop",
    note: "",
  });
  const [pictures, setPictures] = useState<File[]>([]);
  const [recorded, setRecorded] = useState<History | null>(null);
  const [newer, setNewer] = useState<Act | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const said = kind === "granted" || kind === "refused";
  const noteMissing = kind === "released" && !draft.note.trim();
  const errorOf = (field: string) => {
    if (field === "note" && tried && noteMissing) return t("consent.required");
    return error instanceof ApiError && error.problem.field === field ? error.message : null;
  };
  const elsewhere = error !== null && !["how", "given_on", "note"].some((field) => errorOf(field));
  const record = () =>
    api.post("/customers/{id}/consents", {
      path: { id: customer },
      body: {
        channel,
        state: kind,
        how: draft.how,
        given_on: draft.given_on && draft.given_on !== today ? draft.given_on : undefined,
        text_id: draft.text_id || undefined,
        reason: kind === "suppressed" ? draft.reason : undefined,
        note: draft.note.trim() || undefined,
        after_id: newer?.id ?? props.after ?? "none",
      },
    });
  /** The act stands; what could not be sent stays in the dialog, to be sent again. */
  const sendPictures = async (history: History) => {
    const act = history.channels.find((one) => one.channel === channel)!.latest_id!;
    let now = history;
    for (let left = pictures; left.length > 0; setPictures(left)) {
      now = await sendPicture(customer, act, left[0]!);
      left = left.slice(1);
    }
    props.onRecorded(now);
  };
  const showNewer = async () => {
    const history = await api.get("/customers/{id}/consents", { path: { id: customer } });
    setNewer(history.acts.findLast((act) => act.channel === channel) ?? null);
    props.onNewer();
  };
  const submit = async () => {
    setTried(true);
    if (busy || noteMissing) return;
    setBusy(true);
    setError(null);
    try {
      const history = recorded ?? (await record());
      setRecorded(history);
      await sendPictures(history);
    } catch (problem) {
      if (problem instanceof ApiError && problem.status === 412) await showNewer().catch(setError);
      else setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const close = () => (recorded ? props.onRecorded(recorded) : props.onClose());
  return (
    <Dialog
      title={t(`consent.title_${kind}`, { channel: channelName(channel) })}
      onClose={close}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={close}>{t(recorded ? "ui.close" : "ui.cancel")}</Button>
          <Button type="submit" variant="primary" busy={busy} disabled={newer?.state === kind}>
            {t(recorded ? "consent.paper_again" : newer ? "consent.record_anyway" : "consent.record")}
          </Button>
        </>
      }
    >
      <div class="form">
        {newer ? <Newer act={newer} kind={kind} /> : <Notice tone="amber">{t(explanations[kind])}</Notice>}
        {elsewhere && (
          <Notice tone="red">
            {recorded && `${t("consent.paper_left")} `}
            {errorText(error)}
          </Notice>
        )}
        {!recorded && (
          <Fields
            channel={channel}
            kind={kind}
            draft={draft}
            errorOf={errorOf}
            onDraft={(part) => setDraft((now) => ({ ...now, ...part }))}
          />
        )}
        {said && <ChoosePictures files={pictures} onFiles={setPictures} />}
      </div>
    </Dialog>
  );
}
