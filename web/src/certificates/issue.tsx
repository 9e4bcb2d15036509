// A certificate for one customer: which, why, and a word with it.
import { useRef, useState } from "preact/hooks";
import { api, ApiError, newKey } from "../api/client";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { Button, Dialog, errorText, Field, Input, LinkButton, Notice, Select, SkeletonLines, TextArea, toast } from "../ui";
import { changed, voidOne, worth } from "./model";
import { may } from "../shell/session";

export function IssueDialog(props: { customer: string; name: string; onClose: () => void }) {
  const types = useLoad("certificate types", (signal) => api.get("/certificate-types", { signal }));
  const [type, setType] = useState("");
  const [reason, setReason] = useState("");
  const [message, setMessage] = useState("");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const act = useRef({ of: "", key: "" });
  const items = types.value?.items ?? [];
  const submit = () => {
    setTried(true);
    if (busy || !type) return;
    const body = { type_id: type, reason: reason.trim(), message: message.trim() };
    const of = JSON.stringify(body);
    if (act.current.of !== of) act.current = { of, key: newKey() };
    setBusy(true);
    setFailure(null);
    api
      .post("/customers/{id}/certificates", { path: { id: props.customer }, body, key: act.current.key })
      .then(({ certificate }) => {
        changed.value++;
        toast(
          t("certificates.issued_to", { name: certificate.type }),
          may("loyalty") ? { undo: () => void voidOne(certificate, t("certificates.undone_reason")) } : {},
        );
        props.onClose();
      }, setFailure)
      .finally(() => setBusy(false));
  };
  const refused = failure instanceof ApiError && failure.problem.field === "type_id" ? failure.message : null;
  return (
    <Dialog
      title={t("certificates.issue_title", { name: props.name })}
      onClose={props.onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={props.onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="primary" busy={busy} disabled={items.length === 0}>
            {t("certificates.issue")}
          </Button>
        </>
      }
    >
      <div class="form">
        {types.error !== undefined && !types.value && <Notice tone="red">{errorText(types.error)}</Notice>}
        {!types.value && !types.error && <SkeletonLines lines={3} />}
        {types.value && items.length === 0 && (
          <>
            <p>{t("certificates.types_empty")}</p>
            <LinkButton href="/certificates?tab=types">{t("certificates.types")}</LinkButton>
          </>
        )}
        {items.length > 0 && (
          <>
            <Field label={t("certificates.type")} error={refused ?? (tried && !type ? t("settings.required") : null)}>
              <Select
                value={type}
                onValue={setType}
                options={[
                  { value: "", label: t("bulk.choose") },
                  ...items.map((one) => ({ value: one.id, label: `${one.name} (${worth(one)})` })),
                ]}
              />
            </Field>
            <Field label={t("certificates.reason")} hint={t("certificates.reason_hint")}>
              <Input maxLength={200} value={reason} onText={setReason} />
            </Field>
            <Field label={t("certificates.message")} hint={t("certificates.message_hint")}>
              <TextArea rows={2} maxLength={500} value={message} onText={setMessage} />
            </Field>
          </>
        )}
        {failure !== null && !refused && <Notice tone="red">{errorText(failure)}</Notice>}
      </div>
    </Dialog>
  );
}
