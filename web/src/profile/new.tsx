// /customers/new: a customer made by hand. Before it is saved, who has the same phone or e-mail is shown.
import { useState } from "preact/hooks";
import { api, ApiError } from "../api/client";
import { t } from "../lib/i18n";
import { address, navigate } from "../lib/router";
import { session } from "../shell/session";
import { Button, Dialog, errorText, Field, Input, LinkButton, Notice, PageHeader, toast, toastError } from "../ui";
import { bodyOf, changedFields, type Draft, emptyDraft, refusalOf } from "./draft";
import { showRefusal, useKept, useStores } from "./edit";
import { ProfileForm } from "./form";
import { askSame, isSomebody, type Same, SameList, useSame } from "./same";

function firstDraft(): Draft {
  const { stores } = session.value!.staff;
  return {
    ...emptyDraft,
    store_id: stores.length === 1 ? stores[0]!.id : "",
    phones: [{ value: "", label: null }],
    emails: [{ value: "", label: null }],
  };
}

export default function NewPage() {
  const [draft, setDraft] = useState(firstDraft);
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [doubt, setDoubt] = useState<Same | null>(null);
  const [broughtBy, setBroughtBy] = useState(address.peek().query.get("brought_by") ?? "");
  const stores = useStores();
  const same = useSame(draft);
  const names = changedFields(emptyDraft, draft);
  const problem = failure instanceof ApiError ? failure.problem : null;
  useKept(names.length > 1);
  const make = async (sure: boolean) => {
    if (busy) return;
    setBusy(true);
    setFailure(null);
    setDoubt(null);
    try {
      const others = sure ? null : await askSame(draft, undefined);
      if (isSomebody(others)) {
        setDoubt(others);
        return;
      }
      const made = await api.post("/customers", { body: bodyOf(draft, names) });
      toast(t("profile.made"));
      if (broughtBy.trim())
        await api
          .put("/customers/{id}/brought-by", { path: { id: made.id }, body: { code: broughtBy.trim(), how: "registration" } })
          .catch(toastError); /* the customer is there all the same */
      navigate(`/customers/${made.id}`, { replace: true });
    } catch (error) {
      setFailure(error);
      showRefusal();
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="page">
      <form
        class="profile-page"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void make(false);
        }}
      >
        <PageHeader title={t("profile.new_title")} back={{ href: "/customers", label: t("card.back") }} />
        <ProfileForm
          draft={draft}
          set={(part) => setDraft((now) => ({ ...now, ...part }))}
          refusal={refusalOf(problem?.field, problem?.detail ?? "")}
          stores={stores}
          same={same}
        />
        <Field class="profile-brought" label={t("referrals.brought_by")} hint={t("referrals.code_hint")}>
          <Input autocomplete="off" maxLength={40} value={broughtBy} onText={setBroughtBy} />
        </Field>
        <footer class="profile-foot">
          {failure !== null && <Notice tone="red">{errorText(failure)}</Notice>}
          <LinkButton href="/customers">{t("ui.cancel")}</LinkButton>
          <Button type="submit" variant="primary" busy={busy}>
            {t("profile.make")}
          </Button>
        </footer>
      </form>
      {doubt && (
        <Dialog
          title={t("profile.doubt_title")}
          onClose={() => setDoubt(null)}
          footer={
            <>
              <Button onClick={() => setDoubt(null)}>{t("profile.doubt_back")}</Button>
              <Button variant="primary" onClick={() => void make(true)}>
                {t("profile.doubt_make")}
              </Button>
            </>
          }
        >
          <p>{t("profile.doubt_text")}</p>
          <SameList same={doubt} />
        </Dialog>
      )}
    </div>
  );
}
