// The photo in the card's header: chosen from a file, taken with a phone's camera, or taken away.
import { useRef, useState } from "preact/hooks";
import { api } from "../api/client";
import { upload } from "../api/upload";
import type { Customer } from "../customer/model";
import { t } from "../lib/i18n";
import { lighter, pictureTypes } from "../lib/picture";
import { may } from "../shell/session";
import { Avatar, ConfirmDialog, Icon, Menu, type MenuItem, toast, toastError } from "../ui";

export function Photo({ customer, onChange }: { customer: Customer; onChange: () => void }) {
  const { row } = customer;
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const face = (
    <Avatar
      id={row.id}
      name={row.name}
      photo={row.photo && `${row.photo}?size=large`}
      consent={row.consent.sms === "granted"}
      size="l"
    />
  );
  if (!may("customers_write")) return face;
  const send = async (input: HTMLInputElement) => {
    const chosen = input.files?.[0];
    input.value = "";
    if (!chosen) return;
    setBusy(true);
    try {
      await upload(`/customers/${row.id}/photo`, {}, await lighter(chosen), () => undefined).answer;
      onChange();
      toast(t("photo.saved"));
    } catch (error) {
      toastError(error);
    } finally {
      setBusy(false);
    }
  };
  const remove = async () => {
    setAsking(false);
    try {
      await api.delete("/customers/{id}/photo", { path: { id: row.id } });
      onChange();
      toast(t("photo.removed"));
    } catch (error) {
      toastError(error);
    }
  };
  const items: MenuItem[] = [
    { label: t("photo.choose"), icon: "upload", onSelect: () => file.current?.click() },
    { label: t("photo.take"), icon: "camera", onSelect: () => camera.current?.click() },
  ];
  if (row.photo) items.push("line", { label: t("photo.remove"), icon: "trash-2", danger: true, onSelect: () => setAsking(true) });
  return (
    <span class="photo" aria-busy={busy}>
      <Menu
        label={t("photo.menu")}
        align="start"
        items={items}
        button={(attributes) => (
          <button type="button" class="photo-button" title={t("photo.menu")} {...attributes}>
            {face}
            <span class="hidden-text">{t("photo.menu")}</span>
            <span class="photo-badge" aria-hidden="true">
              <Icon name="camera" size={12} />
            </span>
          </button>
        )}
      />
      <input ref={file} type="file" accept={pictureTypes} hidden onChange={(event) => void send(event.currentTarget)} />
      <input ref={camera} type="file" accept={pictureTypes} capture="user" hidden onChange={(event) => void send(event.currentTarget)} />
      {asking && (
        <ConfirmDialog
          danger
          title={t("photo.remove_title")}
          text={t("photo.remove_text")}
          confirm={t("photo.remove")}
          onConfirm={() => void remove()}
          onClose={() => setAsking(false)}
        />
      )}
    </span>
  );
}
