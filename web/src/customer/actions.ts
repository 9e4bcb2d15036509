// What can be done from the card.
import { api } from "../api/client";
import { t } from "../lib/i18n";
import { toast, toastError } from "../ui";

export async function copyText(value: string, said = t("card.copied", { value })): Promise<void> {
  try {
    await navigator.clipboard.writeText(value);
    toast(said);
  } catch {
    /* no https, or the browser forbids it */
    toast(t("card.copy_failed"), { tone: "red" });
  }
}

/** Shown at once, taken back when the server refuses; the toast undoes it. */
export async function setFavourite(id: string, favourite: boolean, show: (favourite: boolean) => void): Promise<void> {
  show(favourite);
  const options = { path: { id } };
  try {
    if (favourite) await api.put("/customers/{id}/favourite", options);
    else await api.delete("/customers/{id}/favourite", options);
    toast(t(favourite ? "card.favourite_added" : "card.favourite_removed"), {
      undo: () => void setFavourite(id, !favourite, show),
    });
  } catch (error) {
    show(!favourite);
    toastError(error);
  }
}
