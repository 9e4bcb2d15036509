// The notes on a customer: pinned ones first; one's own are changed in place.
import { useState } from "preact/hooks";
import { api, hasCode, type Schemas } from "../api/client";
import { t } from "../lib/i18n";
import { type Loaded, useLoad } from "../lib/load";
import { may } from "../shell/session";
import { Button, ErrorState, errorText, Field, Icon, IconButton, InstantText, Notice, SkeletonLines, TextArea, toast, toastError } from "../ui";

export type Note = Schemas["Note"];
type NoteList = Schemas["NoteList"];

export function useNotes(customer: string): Loaded<NoteList> {
  return useLoad(`notes ${customer}`, (signal) => api.get("/customers/{id}/notes", { path: { id: customer }, signal }));
}

function Editor(props: {
  start: string;
  save: (text: string) => Promise<unknown>;
  onClose?: () => void;
  label: string;
  button: string;
}) {
  const [text, setText] = useState(props.start);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const submit = async () => {
    if (busy || !text.trim()) return;
    setBusy(true);
    setFailure(null);
    try {
      await props.save(text.trim());
      if (!props.onClose) setText("");
      props.onClose?.();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      class="note-editor"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Field label={props.label} quiet>
        <TextArea
          rows={props.onClose ? 4 : 2}
          maxLength={4000}
          placeholder={t("notes.placeholder")}
          value={text}
          autofocus={!!props.onClose}
          onText={setText}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void submit();
          }}
        />
      </Field>
      {failure !== null && (
        <Notice tone="red">{hasCode(failure, "stale") ? t("notes.stale") : errorText(failure)}</Notice>
      )}
      <div class="note-editor-end">
        {props.onClose && <Button onClick={props.onClose}>{t("ui.cancel")}</Button>}
        <Button type="submit" variant={text.trim() ? "primary" : "secondary"} busy={busy}>
          {props.button}
        </Button>
      </div>
    </form>
  );
}

function One({ note, customer, onChange }: { note: Note; customer: string; onChange: () => void }) {
  const [editing, setEditing] = useState(false);
  const path = { id: customer, id2: note.id };
  const pin = () =>
    void api
      .patch("/customers/{id}/notes/{id2}", { path, version: note.version, body: { pinned: !note.pinned } })
      .then(onChange, toastError);
  const remove = async () => {
    try {
      await api.delete("/customers/{id}/notes/{id2}", { path });
      onChange();
      toast(t("notes.deleted"), {
        undo: () => void api.post("/customers/{id}/notes/{id2}/restore", { path }).then(onChange, toastError),
      });
    } catch (error) {
      toastError(error);
    }
  };
  if (editing)
    return (
      <li class="note">
        <Editor
          start={note.text}
          label={t("notes.edit")}
          button={t("settings.save")}
          onClose={() => setEditing(false)}
          save={async (text) => {
            await api.patch("/customers/{id}/notes/{id2}", { path, version: note.version, body: { text } });
            onChange();
          }}
        />
      </li>
    );
  return (
    <li class={`note ${note.pinned ? "note-pinned" : ""}`}>
      <p class="note-text">{note.text}</p>
      <div class="note-foot">
        <span class="small muted">
          {note.pinned && <Icon name="pin" size={12} label={t("notes.pinned")} />}
          {note.author} · <InstantText at={note.created_at} />
          {note.updated_at !== note.created_at && ` · ${t("notes.changed")}`}
        </span>
        {may("customers_write") && (
          <span class="note-actions">
            <IconButton
              icon={note.pinned ? "pin-off" : "pin"}
              iconSize={14}
              aria-pressed={note.pinned}
              label={t(note.pinned ? "notes.unpin" : "notes.pin")}
              onClick={pin}
            />
            {note.may_change && (
              <IconButton icon="pencil" iconSize={14} label={t("notes.edit")} onClick={() => setEditing(true)} />
            )}
            {note.may_delete && (
              <IconButton icon="trash-2" iconSize={14} label={t("notes.delete")} onClick={() => void remove()} />
            )}
          </span>
        )}
      </div>
    </li>
  );
}

export function Notes({ customer, notes }: { customer: string; notes: Loaded<NoteList> }) {
  const items = notes.value?.items;
  return (
    <section class="card-section">
      <header>
        <h2>{t("notes.title")}</h2>
      </header>
      {may("customers_write") && (
        <Editor
          start=""
          label={t("notes.add")}
          button={t("notes.add")}
          save={async (text) => {
            await api.post("/customers/{id}/notes", { path: { id: customer }, body: { text } });
            notes.reload();
          }}
        />
      )}
      {items ? (
        items.length > 0 ? (
          <ul class="notes">
            {items.map((note) => (
              <One key={note.id} note={note} customer={customer} onChange={notes.reload} />
            ))}
          </ul>
        ) : (
          <p class="muted">{t("notes.none")}</p>
        )
      ) : notes.error ? (
        <ErrorState error={notes.error} retry={notes.reload} />
      ) : (
        <SkeletonLines lines={3} />
      )}
    </section>
  );
}

/** What must not be overlooked, on the overview. */
export function PinnedNotes({ notes }: { notes: Loaded<NoteList> }) {
  const pinned = notes.value?.items.filter((note) => note.pinned) ?? [];
  if (pinned.length === 0) return null;
  return (
    <ul class="notes-pinned" aria-label={t("notes.pinned")}>
      {pinned.map((note) => (
        <li key={note.id}>
          <Icon name="pin" size={14} />
          <span>
            <span class="note-text">{note.text}</span>{" "}
            <span class="small muted">
              {note.author} · <InstantText at={note.created_at} />
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}
