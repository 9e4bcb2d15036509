// A segment's name, description, filters, and who may see it.
import { useState } from "preact/hooks";
import { ApiError, type Problem } from "../api/client";
import { t } from "../lib/i18n";
import { may, session } from "../shell/session";
import { Button, Dialog, errorText, Field, Input, Notice, Switch } from "../ui";
import { addSegment, changeSegment, type Draft, type Segment } from "./model";
import { QueryField } from "./query-field";

/** Only its owner can make a shared segment private. */
function mayTurnShared(segment: Segment | null): boolean {
  if (!may("segments_share")) return false;
  return !segment?.shared || segment.owner_id === session.value?.staff.id;
}

export function SegmentDialog(props: {
  /** null: a new one. */
  segment: Segment | null;
  start: Draft;
  onClose: () => void;
  onSaved: (segment: Segment) => void;
}) {
  const { segment } = props;
  const [draft, setDraft] = useState(props.start);
  const [failure, setFailure] = useState<{ error: unknown; of: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const set = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }));
  const name = draft.name.trim();
  const query = draft.query.trim();
  const submit = () => {
    setTried(true);
    if (busy || !name || !query) return;
    setFailure(null);
    setBusy(true);
    const clean = { ...draft, name, query, description: draft.description.trim() };
    (segment ? changeSegment(segment, clean) : addSegment(clean))
      .then(props.onSaved, (error: unknown) => setFailure({ error, of: query }))
      .finally(() => setBusy(false));
  };
  const problem: Problem | null = failure?.error instanceof ApiError ? failure.error.problem : null;
  const missing = (value: string) => (tried && !value ? t("settings.required") : null);
  const ofField = problem?.field === "name" || problem?.field === "query";
  return (
    <Dialog
      wide
      title={t(segment ? "segments.edit_title" : "segments.add_title")}
      onClose={props.onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={props.onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="primary" busy={busy}>
            {t(segment ? "settings.save" : "segments.add")}
          </Button>
        </>
      }
    >
      <div class="form">
        <Field label={t("segments.name")} error={missing(name) ?? (problem?.field === "name" ? problem.detail : null)}>
          <Input autofocus required maxLength={80} value={draft.name} onText={(text) => set({ name: text })} />
        </Field>
        <Field label={t("segments.description")}>
          <Input maxLength={500} value={draft.description} onText={(text) => set({ description: text })} />
        </Field>
        <QueryField
          value={draft.query}
          onText={(text) => set({ query: text })}
          refused={failure && problem?.field === "query" ? { of: failure.of, problem } : null}
        />
        {missing(query) && <p class="field-error">{missing(query)}</p>}
        <div class="segment-shared">
          <Switch
            label={t("segments.shared")}
            disabled={!mayTurnShared(segment)}
            checked={draft.shared}
            onChecked={(shared) => set({ shared })}
          />
          <p class="field-hint">{t(mayTurnShared(segment) ? "segments.shared_help" : "segments.shared_denied")}</p>
        </div>
        {failure && !ofField && <Notice tone="red">{errorText(failure.error)}</Notice>}
      </div>
    </Dialog>
  );
}
