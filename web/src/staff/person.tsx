// Inviting somebody, and changing somebody's name, role and stores: the same form.
import { useState } from "preact/hooks";
import { api, ApiError } from "../api/client";
import { isLanguage, language, languageNames, languages, t } from "../lib/i18n";
import { Button, Checkbox, Dialog, errorText, Field, Input, Notice, Select, toast, toastError } from "../ui";
import { type InvitationLink, type Role, rolesToGive, type Staff, type Store, storesToGive } from "./model";

interface Draft {
  email: string;
  name: string;
  role: Role;
  storeIds: readonly string[];
  language: string;
}

export interface Invited {
  staff: Staff;
  link: InvitationLink;
}

function fieldError(error: unknown, field: string): string | null {
  if (!(error instanceof ApiError)) return null;
  const inside = error.problem.errors?.find((one) => one.field === field);
  if (inside) return inside.detail;
  return error.problem.field === field ? error.message : null;
}

function StoreChoice(props: {
  draft: Draft;
  stores: readonly Store[];
  error: string | null;
  onDraft: (draft: Draft) => void;
}) {
  const { draft } = props;
  if (draft.role === "owner") return <p class="muted">{t("staff.stores_owner")}</p>;
  const toggle = (id: string, on: boolean) =>
    props.onDraft({
      ...draft,
      storeIds: on ? [...draft.storeIds, id] : draft.storeIds.filter((one) => one !== id),
    });
  return (
    <fieldset class="store-choice">
      <legend class="field-label">{t("staff.stores")}</legend>
      <div class="store-list">
        {props.stores.map((store) => (
          <Checkbox
            key={store.id}
            checked={draft.storeIds.includes(store.id)}
            onChecked={(on) => toggle(store.id, on)}
            label={store.name}
          />
        ))}
      </div>
      <p class={props.error ? "field-error" : "field-hint"} role={props.error ? "alert" : undefined}>
        {props.error ?? t("staff.stores_help")}
      </p>
    </fieldset>
  );
}

export function PersonDialog(props: {
  /** null: somebody new */
  staff: Staff | null;
  stores: readonly Store[];
  onClose: () => void;
  onInvited: (invited: Invited) => void;
  onSaved: (staff: Staff, before: Staff) => void;
}) {
  const { staff } = props;
  const [draft, setDraft] = useState<Draft>({
    email: staff?.email ?? "",
    name: staff?.name ?? "",
    role: staff?.role ?? "associate",
    storeIds: staff?.stores.map((store) => store.id) ?? [],
    language: staff?.language ?? language.value,
  });
  const [error, setError] = useState<unknown>(null);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);

  const nameless = !draft.name.trim();
  const storeless = draft.role !== "owner" && draft.storeIds.length === 0;

  async function send(): Promise<void> {
    const chosen = isLanguage(draft.language) ? draft.language : "en";
    const common = {
      name: draft.name.trim(),
      role: draft.role,
      store_ids: draft.role === "owner" ? [] : [...draft.storeIds],
      language: chosen,
    };
    if (staff) {
      const options = { path: { id: staff.id }, version: staff.version, body: common };
      props.onSaved(await api.patch("/staff/{id}", options), staff);
    } else {
      const made = await api.post("/staff", { body: { ...common, email: draft.email.trim() } });
      props.onInvited({ staff: made.staff, link: made.invitation });
    }
  }
  function submit(): void {
    if (busy) return;
    setTried(true);
    setError(null);
    if (nameless || storeless) return;
    setBusy(true);
    send()
      .catch(setError)
      .finally(() => setBusy(false));
  }

  const known = ["email", "name", "role", "store_ids"];
  const elsewhere = error !== null && !known.some((field) => fieldError(error, field));
  return (
    <Dialog
      title={staff ? t("staff.edit_title", { name: staff.name }) : t("staff.invite_title")}
      onClose={props.onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={props.onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="primary" busy={busy}>
            {t(staff ? "settings.save" : "staff.send_invite")}
          </Button>
        </>
      }
    >
      <div class="form">
        {elsewhere && <Notice tone="red">{errorText(error)}</Notice>}
        {!staff && (
          <Field label={t("staff.email")} error={fieldError(error, "email")}>
            <Input
              type="email"
              autofocus
              autocomplete="off"
              required
              value={draft.email}
              onText={(email) => setDraft({ ...draft, email })}
            />
          </Field>
        )}
        <Field label={t("staff.name")} error={tried && nameless ? t("settings.required") : fieldError(error, "name")}>
          <Input
            autofocus={!!staff}
            autocomplete="off"
            required
            value={draft.name}
            onText={(name) => setDraft({ ...draft, name })}
          />
        </Field>
        <Field label={t("staff.role")} hint={t(`staff.role_${draft.role}_text`)} error={fieldError(error, "role")}>
          <Select
            value={draft.role}
            options={[...new Set([...rolesToGive(), draft.role])].map((role) => ({
              value: role,
              label: t(`role.${role}`),
            }))}
            onValue={(role) => setDraft({ ...draft, role: role as Role })}
          />
        </Field>
        <StoreChoice
          draft={draft}
          stores={storesToGive(props.stores)}
          error={tried && storeless ? t("staff.stores_needed") : fieldError(error, "store_ids")}
          onDraft={setDraft}
        />
        <Field label={t("staff.language")}>
          <Select
            value={draft.language}
            options={languages.map((code) => ({ value: code, label: languageNames[code] }))}
            onValue={(code) => setDraft({ ...draft, language: code })}
          />
        </Field>
      </div>
    </Dialog>
  );
}

/** Puts role, name and stores back as they were. */
export async function restore(now: Staff, before: Staff, onChange: () => void): Promise<void> {
  try {
    await api.patch("/staff/{id}", {
      path: { id: now.id },
      version: now.version,
      body: {
        name: before.name,
        role: before.role,
        store_ids: before.stores.map((store) => store.id),
        language: before.language,
      },
    });
    toast(t("staff.undo_role"));
    onChange();
  } catch (error) {
    toastError(error);
  }
}
