// On the card: the file of everything held on the customer, and erasure.
import { useState } from "preact/hooks";
import { api, ApiError, download, type Schemas } from "../api/client";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { navigate } from "../lib/router";
import { may } from "../shell/session";
import { Button, Dialog, ErrorState, errorText, Field, Input, Notice, SkeletonLines, toast } from "../ui";
import { Fates } from "./fates";

type Customer = Schemas["Customer"];

function FileDialog({ customer, onClose }: { customer: Customer; onClose: () => void }) {
  const { id, number } = customer.row;
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState<"zip" | "html" | null>(null);
  const make = (format: "zip" | "html") => {
    setBusy(format);
    setError(null);
    download("/customers/{id}/file", { path: { id }, query: { format } }, `customer-${number}.${format}`, "post")
      .then(onClose, setError)
      .finally(() => setBusy(null));
  };
  return (
    <Dialog
      title={t("privacy.file_title")}
      onClose={onClose}
      footer={
        <>
          <Button busy={busy === "html"} onClick={() => make("html")}>
            {t("privacy.file_html")}
          </Button>
          <Button variant="primary" icon="download" busy={busy === "zip"} onClick={() => make("zip")}>
            {t("privacy.file_zip")}
          </Button>
        </>
      }
    >
      <div class="form">
        {error !== null && <Notice tone="red">{errorText(error)}</Notice>}
        <p>{t("privacy.file_text")}</p>
        <p class="small muted">{t("privacy.file_zip_text")}</p>
      </div>
    </Dialog>
  );
}

function EraseDialog({ customer, onClose }: { customer: Customer; onClose: () => void }) {
  const { id, number, name, nickname } = customer.row;
  const preview = useLoad(`erasure ${id}`, (signal) => api.get("/customers/{id}/erasure", { path: { id }, signal }));
  const [typed, setTyped] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const right = typed.trim() === String(number);
  const erase = () => {
    if (busy || !right) return;
    setBusy(true);
    setError(null);
    api
      .post("/customers/{id}/erasure", { path: { id }, body: { number } })
      .then(() => {
        toast(t("privacy.erased", { number: String(number) }));
        navigate("/customers", { replace: true });
      }, setError)
      .finally(() => setBusy(false));
  };
  const fieldError = error instanceof ApiError && error.problem.field === "number" ? error.message : null;
  return (
    <Dialog
      title={t("privacy.erase_title", { name: name || nickname || t("card.number", { number: String(number) }) })}
      onClose={onClose}
      onSubmit={erase}
      footer={
        <>
          <Button onClick={onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="danger" busy={busy} disabled={!right}>
            {t("privacy.erase_confirm")}
          </Button>
        </>
      }
    >
      {preview.value ? (
        <div class="form">
          {error !== null && !fieldError && <Notice tone="red">{errorText(error)}</Notice>}
          <Fates tables={preview.value.tables} />
          <Field label={t("privacy.erase_number", { number: String(number) })} error={fieldError}>
            <Input inputMode="numeric" autocomplete="off" value={typed} onText={setTyped} />
          </Field>
        </div>
      ) : preview.error ? (
        <ErrorState error={preview.error} retry={preview.reload} />
      ) : (
        <SkeletonLines lines={6} />
      )}
    </Dialog>
  );
}

export function Privacy({ customer }: { customer: Customer }) {
  const [open, setOpen] = useState<"file" | "erase" | null>(null);
  if (!may("privacy")) return null;
  return (
    <section>
      <h2>{t("privacy.title")}</h2>
      <div class="privacy-actions">
        <Button size="s" icon="download" onClick={() => setOpen("file")}>
          {t("privacy.file")}
        </Button>
        <Button size="s" icon="trash-2" onClick={() => setOpen("erase")}>
          {t("privacy.erase")}
        </Button>
      </div>
      {open === "file" && <FileDialog customer={customer} onClose={() => setOpen(null)} />}
      {open === "erase" && <EraseDialog customer={customer} onClose={() => setOpen(null)} />}
    </section>
  );
}
