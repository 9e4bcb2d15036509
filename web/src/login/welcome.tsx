// An invitation's link: the first owner, or new staff, chooses a name and a password.
import { useEffect, useState } from "preact/hooks";
import { api, ApiError, type Schemas } from "../api/client";
import { language, t } from "../lib/i18n";
import { address, navigate } from "../lib/router";
import { enter } from "../shell/session";
import { Button, EmptyState, ErrorState, errorText, Field, Input, LinkButton, Notice, SkeletonLines } from "../ui";
import { Entrance } from "./entrance";

const shortestPassword = 10;

type Loaded = { invitation: Schemas["Invitation"] } | { error: unknown } | null;

function Form({ invitation, token }: { invitation: Schemas["Invitation"]; token: string }) {
  const [name, setName] = useState(invitation.name);
  // the first owner is invited without an address and gives it here
  const asksEmail = !invitation.email;
  const [email, setEmail] = useState(invitation.email);
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const field = error instanceof ApiError ? error.problem.field : undefined;
  const nameError = tried && !name.trim() ? t("welcome.name_missing") : field === "name" ? errorText(error) : null;
  const emailError =
    tried && asksEmail && !email.trim() ? t("welcome.email_missing") : field === "email" ? errorText(error) : null;
  const passwordError =
    tried && password.length < shortestPassword
      ? t("welcome.password_short", { least: shortestPassword })
      : field === "password"
        ? errorText(error)
        : null;

  const submit = async (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (!name.trim() || !email.trim() || password.length < shortestPassword) return;
    setBusy(true);
    setError(null);
    try {
      const own = { token, name: name.trim(), password, language: language.peek() };
      const body = asksEmail ? { ...own, email: email.trim() } : own;
      await enter(await api.post("/invitation", { body }));
      navigate("/customers", { replace: true });
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <form class="entrance-form" onSubmit={submit} noValidate>
      {error !== null && !field && <Notice tone="red">{errorText(error)}</Notice>}
      <Field label={t("login.email")} error={emailError}>
        <Input
          type="email"
          name="email"
          autocomplete="username"
          required
          value={email}
          onText={setEmail}
          readOnly={!asksEmail}
          autofocus={asksEmail}
        />
      </Field>
      <Field label={t("welcome.name")} error={nameError}>
        <Input name="name" autocomplete="name" required value={name} onText={setName} autofocus={!asksEmail} />
      </Field>
      <Field
        label={t("welcome.password")}
        hint={passwordError ? undefined : t("welcome.password_hint", { least: shortestPassword })}
        error={passwordError}
      >
        <Input
          type="password"
          name="password"
          autocomplete="new-password"
          required
          value={password}
          onText={setPassword}
        />
      </Field>
      <Button type="submit" variant="primary" busy={busy}>
        {t("welcome.submit")}
      </Button>
    </form>
  );
}

export default function WelcomePage() {
  const token = address.value.query.get("token") ?? "";
  const [loaded, setLoaded] = useState<Loaded>(null);
  const load = () => {
    setLoaded(null);
    api
      .get("/invitation", { query: { token } })
      .then((invitation) => setLoaded({ invitation }), (error: unknown) => setLoaded({ error }));
  };
  useEffect(load, [token]);

  if (loaded && "error" in loaded) {
    const gone = loaded.error instanceof ApiError && loaded.error.status < 500;
    return (
      <Entrance title={t("welcome.title")}>
        {gone ? (
          <EmptyState
            icon="link"
            title={t("welcome.gone_title")}
            text={t("welcome.gone_text")}
            action={<LinkButton href="/login">{t("login.title")}</LinkButton>}
          />
        ) : (
          <ErrorState error={loaded.error} retry={load} />
        )}
      </Entrance>
    );
  }
  return (
    <Entrance
      title={t("welcome.title")}
      text={
        loaded &&
        t("welcome.text", { merchant: loaded.invitation.merchant, role: t(`role.${loaded.invitation.role}`) })
      }
    >
      {loaded ? <Form invitation={loaded.invitation} token={token} /> : <SkeletonLines />}
    </Entrance>
  );
}
