// /customers/{id}/edit: the personal data of a customer. Saving sends what was changed; when somebody else
// saved meanwhile, both come together field by field.
import { useEffect, useState } from "preact/hooks";
import { api, ApiError, hasCode } from "../api/client";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { navigate } from "../lib/router";
import type { PageProps } from "../pages";
import { session } from "../shell/session";
import { Button, EmptyState, ErrorState, errorText, LinkButton, Notice, PageHeader, SkeletonLines, toast } from "../ui";
import { type Choices, Conflict } from "./conflict";
import { bodyOf, changedFields, type Draft, draftOf, meet, type Profile, refusalOf, take } from "./draft";
import { ProfileForm } from "./form";
import { useSame } from "./same";

const read = (id: string) => api.get("/customers/{id}/profile", { path: { id } });

/** The stores that the person may choose. */
export function useStores(): ReadonlyMap<string, string> {
  const loaded = useLoad("stores", (signal) => api.get("/stores", { signal }));
  const staff = session.value!.staff;
  const all = staff.sees_chain ? (loaded.value?.items ?? []) : staff.stores;
  return new Map(all.map((store) => [store.id, store.name]));
}

/** The browser asks before a page with changes is closed. */
export function useKept(dirty: boolean): void {
  useEffect(() => {
    if (!dirty) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [dirty]);
}

export function nameOf(profile: Profile): string {
  const name = [profile.first_name, profile.last_name].filter(Boolean).join(" ");
  return name || profile.nickname || t("card.number", { number: String(profile.number) });
}

/** Shows what was refused: the first field that says so. */
export function showRefusal(): void {
  setTimeout(() => document.querySelector<HTMLElement>('.profile-page [aria-invalid="true"]')?.focus());
}

function useEditing(profile: Profile) {
  const [base, setBase] = useState(() => draftOf(profile));
  const [draft, setDraft] = useState(base);
  const [version, setVersion] = useState(profile.version);
  const [choices, setChoices] = useState<Choices | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const { id } = profile;

  const meetThem = async (mine: Draft) => {
    const theirs = await read(id);
    const now = draftOf(theirs);
    const meeting = meet(base, mine, now);
    setBase(now);
    setVersion(theirs.version);
    setDraft(meeting.draft);
    if (meeting.theirs.length === 0) await send(now, meeting.draft, theirs.version); /* another part of the card */
    else setChoices({ meeting, now, version: theirs.version, chosen: {} });
  };
  const send = async (from: Draft, to: Draft, of: number) => {
    const names = changedFields(from, to);
    if (names.length > 0) {
      const body = bodyOf(to, names);
      try {
        await api.patch("/customers/{id}/profile", { path: { id }, version: of, body });
      } catch (error) {
        if (!hasCode(error, "stale")) throw error;
        await meetThem(to);
        return;
      }
      toast(t("profile.saved"));
    }
    navigate(`/customers/${id}`, { replace: true });
  };
  const save = async () => {
    if (busy) return;
    setBusy(true);
    setFailure(null);
    const to = { ...draft };
    if (choices)
      for (const name of choices.meeting.both) if (choices.chosen[name] === "theirs") take(to, choices.now, name);
    setChoices(null);
    setDraft(to);
    try {
      await send(base, to, version);
    } catch (error) {
      setFailure(error);
      showRefusal();
    } finally {
      setBusy(false);
    }
  };
  return { draft, setDraft, base, choices, setChoices, failure, busy, save };
}

function Editor({ profile }: { profile: Profile }) {
  const editing = useEditing(profile);
  const { draft, choices, failure } = editing;
  const stores = useStores();
  const same = useSame(draft, profile.id);
  const problem = failure instanceof ApiError ? failure.problem : null;
  const refusal = refusalOf(problem?.field, problem?.detail ?? "");
  useKept(changedFields(editing.base, draft).length > 0);
  return (
    <form
      class="profile-page"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void editing.save();
      }}
    >
      <PageHeader
        title={t("profile.edit_title", { name: nameOf(profile) })}
        back={{ href: `/customers/${profile.id}`, label: t("profile.back") }}
      />
      {choices && (
        <Conflict
          choices={choices}
          mine={draft}
          stores={stores}
          onChoose={(name, whose) => editing.setChoices({ ...choices, chosen: { ...choices.chosen, [name]: whose } })}
        />
      )}
      <ProfileForm
        draft={draft}
        set={(part) => editing.setDraft((now) => ({ ...now, ...part }))}
        refusal={refusal}
        stores={stores}
        same={same}
      />
      <footer class="profile-foot">
        {failure !== null && <Notice tone="red">{errorText(failure)}</Notice>}
        <LinkButton href={`/customers/${profile.id}`}>{t("ui.cancel")}</LinkButton>
        <Button type="submit" variant="primary" busy={editing.busy}>
          {t(choices ? "profile.save_so" : "settings.save")}
        </Button>
      </footer>
    </form>
  );
}

export default function EditPage({ params }: PageProps) {
  const id = params["id"] ?? "";
  const loaded = useLoad(`profile ${id}`, (signal) => api.get("/customers/{id}/profile", { path: { id }, signal }));
  const missing = loaded.error instanceof ApiError && [404, 400].includes(loaded.error.status);
  return (
    <div class="page">
      {loaded.value ? (
        <Editor key={id} profile={loaded.value} />
      ) : missing ? (
        <EmptyState
          icon="user-x"
          title={t("card.not_found")}
          text={t("card.not_found_text")}
          action={<LinkButton href="/customers">{t("card.to_customers")}</LinkButton>}
        />
      ) : loaded.error ? (
        <ErrorState error={loaded.error} retry={loaded.reload} />
      ) : (
        <SkeletonLines lines={8} />
      )}
    </div>
  );
}
