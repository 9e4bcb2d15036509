// Signing in. In a demo the demo's people are offered to click on.
import { useEffect, useState } from "preact/hooks";
import { api, hasCode, type Schemas } from "../api/client";
import { fieldError } from "../shell/confirm";
import { t } from "../lib/i18n";
import { address, navigate } from "../lib/router";
import { enter, session } from "../shell/session";
import { Avatar, Button, errorText, Field, Icon, Input, Notice } from "../ui";
import { Entrance } from "./entrance";

type DemoLogin = Schemas["SetupState"]["demo_logins"][number];

/** Where to go afterwards: only to an address of our own. */
function nextAddress(): string {
  const next = address.peek().query.get("next") ?? "/";
  return next.startsWith("/") && !next.startsWith("//") ? next : "/";
}

function DemoLogins(props: { logins: readonly DemoLogin[]; onChoose: (login: DemoLogin) => void }) {
  return (
    <section class="demo-logins">
      <p class="muted small">{t("login.demo")}</p>
      {props.logins.map((login) => (
        <button key={login.email} type="button" class="demo-login" onClick={() => props.onChoose(login)}>
          <Avatar id={login.email} name={login.name} />
          <span class="demo-person">
            <span class="cut strong">{login.name}</span>
            <span class="cut muted small">{t(`role.${login.role}`)}</span>
          </span>
          <Icon name="arrow-right" />
        </button>
      ))}
    </section>
  );
}

export default function LoginPage() {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  /** null: not asked for */
  const [code, setCode] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [demo, setDemo] = useState<readonly DemoLogin[]>([]);

  useEffect(() => {
    if (session.peek()) navigate(nextAddress(), { replace: true });
    /* without the demo's people the form still works */
    api.get("/setup").then((state) => setDemo(state.demo_logins), () => setDemo([]));
  }, []);

  const signIn = async (who: { email: string; password: string; code?: string }) => {
    setBusy(true);
    setError(null);
    try {
      await enter(await api.post("/session", { body: { email: who.email, password: who.password, code: who.code } }));
      navigate(nextAddress(), { replace: true });
    } catch (failure) {
      setBusy(false);
      if (hasCode(failure, "session_code_needed")) {
        setCode("");
        return;
      }
      setError(failure);
      if (hasCode(failure, "session_wrong")) document.getElementsByName("password")[0]?.focus();
    }
  };
  return (
    <Entrance title={t(code === null ? "login.title" : "login.code_title")}>
      <form
        class="entrance-form"
        onSubmit={(event) => {
          event.preventDefault();
          void signIn({ email: email.trim(), password, code: code?.trim() });
        }}
      >
        {error !== null && !fieldError(error, "code") && <Notice tone="red">{errorText(error)}</Notice>}
        {code === null ? (
          <>
            <Field label={t("login.email")}>
              <Input
                type="email"
                name="email"
                autocomplete="username"
                inputMode="email"
                required
                autofocus
                value={email}
                onText={setEmail}
              />
            </Field>
            <Field label={t("login.password")}>
              <Input
                type="password"
                name="password"
                autocomplete="current-password"
                required
                value={password}
                onText={setPassword}
              />
            </Field>
          </>
        ) : (
          <Field label={t("login.code")} hint={t("login.code_hint")} error={fieldError(error, "code")}>
            <Input
              name="code"
              autocomplete="one-time-code"
              autocapitalize="off"
              required
              autofocus
              value={code}
              onText={setCode}
            />
          </Field>
        )}
        <Button type="submit" variant="primary" busy={busy}>
          {t("login.submit")}
        </Button>
        {code !== null && (
          <Button
            variant="ghost"
            onClick={() => {
              setCode(null);
              setError(null);
            }}
          >
            {t("login.back")}
          </Button>
        )}
      </form>
      {demo.length > 0 && code === null && <DemoLogins logins={demo} onChoose={(login) => void signIn(login)} />}
    </Entrance>
  );
}
