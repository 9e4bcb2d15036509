// Setting the second step up: scan, give a first code, keep the recovery codes. In the profile and,
// where it is required, in the place of every page.
import { useEffect, useState } from "preact/hooks";
import { api, type Schemas } from "../api/client";
import { t } from "../lib/i18n";
import { fieldError } from "../shell/confirm";
import { Button, ErrorState, errorText, Field, Input, Notice, QrPicture, SkeletonLines, toast, toastError } from "../ui";

type Secret = Schemas["TotpSecret"];

export function RecoveryCodes(props: { codes: readonly string[]; onDone: () => void }) {
  const copy = () =>
    navigator.clipboard.writeText(props.codes.join("\n")).then(() => toast(t("security.codes_copied")), toastError);
  return (
    <div class="form">
      <p>{t("security.codes_text")}</p>
      <ol class="recovery-codes" aria-label={t("security.codes_title")}>
        {props.codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div class="settings-save">
        <Button variant="primary" onClick={props.onDone}>
          {t("security.codes_kept")}
        </Button>
        <Button icon="copy" onClick={() => void copy()}>
          {t("security.codes_copy")}
        </Button>
      </div>
    </div>
  );
}

/** `onDone` when the codes were kept; the session still has to be loaded anew. */
export function SecondStepSetup(props: { onDone: () => void }) {
  const [secret, setSecret] = useState<Secret | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const [code, setCode] = useState("");
  const [failure, setFailure] = useState<unknown>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const start = () => {
    setFailure(null);
    api.post("/session/totp").then(setSecret, setFailure);
  };
  useEffect(start, []);
  const submit = (event: Event) => {
    event.preventDefault();
    if (busy || !code.trim()) return;
    setBusy(true);
    setError(null);
    api
      .put("/session/totp", { body: { code: code.trim() } })
      .then((answer) => {
        setCodes(answer.codes);
        toast(t("security.turned_on"));
      }, setError)
      .finally(() => setBusy(false));
  };
  if (codes) return <RecoveryCodes codes={codes} onDone={props.onDone} />;
  if (failure) return <ErrorState error={failure} retry={start} />;
  if (!secret) return <SkeletonLines lines={6} />;
  return (
    <form class="form second-step" onSubmit={submit} noValidate>
      <p>{t("security.scan")}</p>
      <QrPicture label={t("security.scan_picture")} picture={secret.picture} />
      <div class="field">
        <span class="field-label">{t("security.secret")}</span>
        <code class="secret">{secret.secret.match(/.{1,4}/g)?.join(" ")}</code>
      </div>
      {error !== null && !fieldError(error, "code") && <Notice tone="red">{errorText(error)}</Notice>}
      <Field label={t("security.first_code")} error={fieldError(error, "code")}>
        <Input name="first-code" inputMode="numeric" autocomplete="one-time-code" value={code} onText={setCode} />
      </Field>
      <Button type="submit" variant="primary" busy={busy} disabled={!code.trim()}>
        {t("security.turn_on")}
      </Button>
    </form>
  );
}
