// Deleting a customer, and bringing one back: from the toast, or from the card's address.
import { api, hasCode } from "../api/client";
import { formatInstant } from "../lib/format";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { navigate } from "../lib/router";
import { may } from "../shell/session";
import { Button, EmptyState, LinkButton, toast, toastError } from "../ui";

export async function restore(id: string): Promise<boolean> {
  try {
    await api.post("/customers/{id}/restore", { path: { id } });
    toast(t("profile.restored"));
    return true;
  } catch (error) {
    toastError(error);
    return false;
  }
}

export async function remove(id: string, name: string): Promise<void> {
  try {
    await api.delete("/customers/{id}", { path: { id } });
  } catch (error) {
    toastError(error);
    return;
  }
  navigate("/customers");
  toast(t("profile.deleted", { name }), {
    undo: () => void restore(id).then((done) => done && navigate(`/customers/${id}`)),
  });
}

/** Nobody has this address: was it a customer who was deleted? */
export function Missing({ id, error, onRestored }: { id: string; error: unknown; onRestored: () => void }) {
  const erased = hasCode(error, "customer_erased") ? error.message : null;
  const asks = !erased && may("customers_delete") && /^\d+$/.test(id);
  const gone = useLoad(`deleted ${asks ? id : ""}`, async (signal) =>
    asks ? api.get("/customers/{id}/deleted", { path: { id }, signal }) : null,
  );
  const one = gone.value;
  const back = <LinkButton href="/customers">{t("card.to_customers")}</LinkButton>;
  if (!one)
    return (
      <>
        <h1 class="hidden-text">{t("card.not_found")}</h1>
        <EmptyState icon="user-x" title={t("card.not_found")} text={erased ?? t("card.not_found_text")} action={back} />
      </>
    );
  const name = one.name || t("card.number", { number: String(one.number) });
  return (
    <>
      <h1 class="hidden-text">{name}</h1>
      <EmptyState
        icon="trash-2"
        title={t("profile.deleted", { name })}
        text={t("profile.deleted_text", { when: formatInstant(one.deleted_at) })}
        action={
          <>
            {back}
            <Button variant="primary" icon="undo-2" onClick={() => void restore(id).then((done) => done && onRestored())}>
              {t("profile.restore")}
            </Button>
          </>
        }
      />
    </>
  );
}
