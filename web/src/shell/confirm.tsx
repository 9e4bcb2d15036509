// The password asked again: whenever the server wants it for what was clicked, wherever that was. The
// request is repeated afterwards by itself; several that wait are served by one answer.
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { api, ApiError, onConfirmNeeded } from "../api/client";
import { t } from "../lib/i18n";
import { Button, Dialog, errorText, Field, Input, Notice } from "../ui";
import { session } from "./session";

const waiting = signal<((confirmed: boolean) => void)[]>([]);

onConfirmNeeded(() => new Promise((resolve) => (waiting.value = [...waiting.peek(), resolve])));

function settle(confirmed: boolean): void {
  const all = waiting.peek();
  waiting.value = [];
  for (const resolve of all) resolve(confirmed);
}

export function fieldError(error: unknown, field: string): string | null {
  return error instanceof ApiError && error.problem.field === field ? error.message : null;
}

function Form() {
  const needsCode = session.value?.second_step.on ?? false;
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = () => {
    if (busy) return;
    setBusy(true);
    setError(null);
    api
      .post("/session/confirm", { body: needsCode ? { password, code } : { password } })
      .then(() => settle(true))
      .catch((problem: unknown) => {
        setError(problem);
        setBusy(false);
      });
  };
  const elsewhere = error !== null && !fieldError(error, "password") && !fieldError(error, "code");
  return (
    <Dialog
      title={t("security.confirm_title")}
      onClose={() => settle(false)}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={() => settle(false)}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="primary" busy={busy} disabled={!password || (needsCode && !code)}>
            {t("security.confirm")}
          </Button>
        </>
      }
    >
      <div class="form">
        <p>{t("security.confirm_text")}</p>
        {elsewhere && <Notice tone="red">{errorText(error)}</Notice>}
        {/* so that a password manager knows whose password it is */}
        <input class="hidden-text" type="text" autocomplete="username" readOnly tabIndex={-1} aria-hidden="true" value={session.value?.staff.email} />
        <Field label={t("login.password")} error={fieldError(error, "password")}>
          <Input
            type="password"
            name="confirm-password"
            autocomplete="current-password"
            autofocus
            required
            value={password}
            onText={setPassword}
          />
        </Field>
        {needsCode && (
          <Field label={t("login.code")} hint={t("login.code_hint")} error={fieldError(error, "code")}>
            <Input name="confirm-code" autocomplete="one-time-code" autocapitalize="off" value={code} onText={setCode} />
          </Field>
        )}
      </div>
    </Dialog>
  );
}

export function ConfirmIdentity() {
  return waiting.value.length > 0 ? <Form /> : null;
}
