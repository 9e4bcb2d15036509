// How one signs in: the password, the second step, the open sessions.
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { t } from "../lib/i18n";
import { fieldError } from "../shell/confirm";
import { loadSession, session } from "../shell/session";
import { Badge, Button, Dialog, errorText, Field, Input, Notice, toast, toastError } from "../ui";
import { RecoveryCodes, SecondStepSetup } from "./second-step";
import { Section } from "./section";
import { Sessions } from "./sessions";

const passwordMin = 10;

function CodeField(props: { code: string; error: unknown; onCode: (code: string) => void }) {
  return (
    <Field label={t("login.code")} hint={t("login.code_hint")} error={fieldError(props.error, "code")}>
      <Input name="code" autocomplete="one-time-code" autocapitalize="off" value={props.code} onText={props.onCode} />
    </Field>
  );
}

function PasswordField(props: { label: string; password: string; error: unknown; onPassword: (text: string) => void }) {
  return (
    <Field label={props.label} error={fieldError(props.error, "password")}>
      <Input
        type="password"
        name="password"
        autocomplete="current-password"
        autofocus
        required
        value={props.password}
        onText={props.onPassword}
      />
    </Field>
  );
}

/** A dialog that sends something and says what was wrong at its field. */
function useSending(done: () => void) {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const send = (work: () => Promise<unknown>) => {
    if (busy) return;
    setBusy(true);
    setError(null);
    work()
      .then(done, setError)
      .finally(() => setBusy(false));
  };
  return { error, busy, send };
}

function Elsewhere({ error, fields }: { error: unknown; fields: readonly string[] }) {
  if (error === null || fields.some((field) => fieldError(error, field))) return null;
  return <Notice tone="red">{errorText(error)}</Notice>;
}

function PasswordDialog({ onClose }: { onClose: () => void }) {
  const [password, setPassword] = useState("");
  const [next, setNext] = useState("");
  const [code, setCode] = useState("");
  const withCode = session.value!.second_step.on;
  const { error, busy, send } = useSending(() => {
    toast(t("security.password_changed"));
    onClose();
  });
  const submit = () =>
    send(async () => {
      session.value = await api.put("/session/password", {
        body: { password, new_password: next, ...(withCode ? { code } : {}) },
      });
    });
  return (
    <Dialog
      title={t("security.password_change")}
      onClose={onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="primary" busy={busy} disabled={!password || !next}>
            {t("security.password_change")}
          </Button>
        </>
      }
    >
      <div class="form">
        <Elsewhere error={error} fields={["password", "new_password", "code"]} />
        <PasswordField label={t("security.password_now")} password={password} error={error} onPassword={setPassword} />
        {withCode && <CodeField code={code} error={error} onCode={setCode} />}
        <Field
          label={t("security.password_new")}
          hint={t("security.password_hint", { least: passwordMin })}
          error={fieldError(error, "new_password")}
        >
          <Input type="password" name="new-password" autocomplete="new-password" value={next} onText={setNext} />
        </Field>
      </div>
    </Dialog>
  );
}

function TurnOffDialog({ onClose }: { onClose: () => void }) {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const { error, busy, send } = useSending(() => {
    toast(t("security.turned_off"));
    void loadSession().catch(toastError);
    onClose();
  });
  return (
    <Dialog
      title={t("security.off_title")}
      onClose={onClose}
      onSubmit={() => send(() => api.post("/session/totp/off", { body: { password, code } }))}
      footer={
        <>
          <Button onClick={onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="danger" busy={busy} disabled={!password || !code}>
            {t("security.step_turn_off")}
          </Button>
        </>
      }
    >
      <div class="form">
        <p>{t("security.off_text")}</p>
        <Elsewhere error={error} fields={["password", "code"]} />
        <PasswordField label={t("login.password")} password={password} error={error} onPassword={setPassword} />
        <CodeField code={code} error={error} onCode={setCode} />
      </div>
    </Dialog>
  );
}

function CodesDialog(props: { codes: readonly string[]; onClose: () => void }) {
  return (
    <Dialog title={t("security.codes_title")} onClose={props.onClose}>
      <RecoveryCodes codes={props.codes} onDone={props.onClose} />
    </Dialog>
  );
}

type Open = { what: "password" } | { what: "set_up" } | { what: "off" } | { what: "codes"; codes: readonly string[] };

function SecondStep({ setOpen }: { setOpen: (open: Open) => void }) {
  const step = session.value!.second_step;
  const renew = () =>
    api.post("/session/totp/codes").then((answer) => setOpen({ what: "codes", codes: answer.codes }), toastError);
  return (
    <div class="field">
      <span class="field-label">{t("security.step")}</span>
      <p>
        {t(step.on ? "security.step_on" : "security.step_off")}{" "}
        {step.required && <span class="muted">{t("security.step_required")}</span>}
      </p>
      {step.on && (
        <p>
          <Badge tone={step.codes_left < 3 ? "amber" : "neutral"}>
            {t("security.step_codes_left", { count: step.codes_left })}
          </Badge>
        </p>
      )}
      <div class="settings-save">
        {!step.on && <Button onClick={() => setOpen({ what: "set_up" })}>{t("security.step_set_up")}</Button>}
        {step.on && <Button onClick={() => void renew()}>{t("security.step_renew")}</Button>}
        {step.on && !step.required && (
          <Button variant="ghost" onClick={() => setOpen({ what: "off" })}>
            {t("security.step_turn_off")}
          </Button>
        )}
      </div>
    </div>
  );
}

export function Security() {
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const closeAndLoad = () => {
    close();
    void loadSession().catch(toastError);
  };
  return (
    <Section title={t("security.title")} text={t("security.text")}>
      <div class="field">
        <span class="field-label">{t("security.password")}</span>
        <div>
          <Button onClick={() => setOpen({ what: "password" })}>{t("security.password_change")}</Button>
        </div>
      </div>
      <SecondStep setOpen={setOpen} />
      <div class="field">
        <span class="field-label">{t("security.sessions")}</span>
        <Sessions staffId={null} />
      </div>
      {open?.what === "password" && <PasswordDialog onClose={close} />}
      {open?.what === "off" && <TurnOffDialog onClose={close} />}
      {open?.what === "set_up" && (
        <Dialog title={t("login.must_title")} onClose={closeAndLoad}>
          <SecondStepSetup onDone={closeAndLoad} />
        </Dialog>
      )}
      {open?.what === "codes" && <CodesDialog codes={open.codes} onClose={closeAndLoad} />}
    </Section>
  );
}
