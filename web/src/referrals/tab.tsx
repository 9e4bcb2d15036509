// Referrals on the card: the customer's code and link, how they came, and whom they brought.
import { useState } from "preact/hooks";
import { api, ApiError, type Schemas } from "../api/client";
import { t, tn } from "../lib/i18n";
import { formatNumber } from "../lib/format";
import { type Loaded, useLoad } from "../lib/load";
import { may } from "../shell/session";
import { Badge, Button, Dialog, errorText, ErrorState, Field, Input, InstantText, Notice, QrPicture, SkeletonLines, toast, toastError } from "../ui";
import { Person, standing } from "./model";

type Referrals = Schemas["CustomerReferrals"];

function Code({ customer, load }: { customer: string; load: Loaded<Referrals> }) {
  const [busy, setBusy] = useState(false);
  const code = load.value!.code;
  const make = () => {
    setBusy(true);
    api
      .put("/customers/{id}/referral-code", { path: { id: customer } })
      .then(load.set, toastError)
      .finally(() => setBusy(false));
  };
  if (!code)
    return (
      <p>
        <span class="muted">{t("referrals.no_code")}</span>{" "}
        {may("customers_write") && (
          <Button size="s" icon="plus" busy={busy} onClick={make}>
            {t("referrals.make_code")}
          </Button>
        )}
      </p>
    );
  const copy = (text: string) => navigator.clipboard.writeText(text).then(() => toast(t("referrals.copied")), toastError);
  return (
    <div class="referral-code">
      <QrPicture picture={code.picture} label={t("referrals.picture")} />
      <div class="referral-words">
        <p class="referral-text">
          <code>{code.text}</code>
        </p>
        <p class="small muted referral-link">{code.link}</p>
        <p>
          <Button size="s" icon="copy" onClick={() => void copy(code.text)}>
            {t("referrals.copy_code")}
          </Button>{" "}
          <Button size="s" icon="link" onClick={() => void copy(code.link)}>
            {t("referrals.copy_link")}
          </Button>
        </p>
        <p class="small muted">{t("referrals.link_hint")}</p>
      </div>
    </div>
  );
}

function EnterDialog(props: { customer: string; load: Loaded<Referrals>; onClose: () => void }) {
  const [code, setCode] = useState("");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const submit = () => {
    setTried(true);
    if (busy || !code.trim()) return;
    setBusy(true);
    setFailure(null);
    api
      .put("/customers/{id}/brought-by", { path: { id: props.customer }, body: { code: code.trim() } })
      .then((now) => {
        props.load.set(now);
        toast(t("referrals.entered"));
        props.onClose();
      }, setFailure)
      .finally(() => setBusy(false));
  };
  const refused = failure instanceof ApiError && failure.problem.field === "code" ? failure.message : null;
  return (
    <Dialog
      title={t("referrals.enter_title")}
      onClose={props.onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={props.onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="primary" busy={busy}>
            {t("settings.save")}
          </Button>
        </>
      }
    >
      <div class="form">
        <Field
          label={t("referrals.code_of")}
          hint={t("referrals.code_hint")}
          error={refused ?? (tried && !code.trim() ? t("settings.required") : null)}
        >
          <Input autofocus autocomplete="off" maxLength={40} value={code} onText={setCode} />
        </Field>
        {failure !== null && !refused && <Notice tone="red">{errorText(failure)}</Notice>}
      </div>
    </Dialog>
  );
}

function Came({ customer, load }: { customer: string; load: Loaded<Referrals> }) {
  const [entering, setEntering] = useState(false);
  const { came } = load.value!;
  const remove = () =>
    api.delete("/customers/{id}/brought-by", { path: { id: customer } }).then(() => {
      toast(t("referrals.removed"));
      load.reload();
    }, toastError);
  return (
    <section class="card-section">
      <header>
        <h2>{t("referrals.came")}</h2>
        {!came && may("customers_write") && (
          <Button size="s" icon="plus" onClick={() => setEntering(true)}>
            {t("referrals.enter")}
          </Button>
        )}
        {came && !came.bringer_rewarded && !came.brought_rewarded && may("loyalty") && (
          <Button size="s" icon="x" onClick={() => void remove()}>
            {t("referrals.remove")}
          </Button>
        )}
      </header>
      {came ? (
        <p>
          <Person who={came.bringer} /> <Badge tone={standing(came, "brought").tone}>{standing(came, "brought").text}</Badge>
        </p>
      ) : (
        <p class="muted">{t("referrals.came_alone")}</p>
      )}
      {entering && <EnterDialog customer={customer} load={load} onClose={() => setEntering(false)} />}
    </section>
  );
}

export function CustomerReferrals({ customer }: { customer: string }) {
  const load = useLoad(`referrals ${customer}`, (signal) =>
    api.get("/customers/{id}/referrals", { path: { id: customer }, signal }),
  );
  const now = load.value;
  if (!now && load.error) return <ErrorState error={load.error} retry={load.reload} />;
  if (!now) return <SkeletonLines lines={4} />;
  return (
    <>
      <section class="card-section">
        <h2>{t("referrals.code")}</h2>
        <Code customer={customer} load={load} />
      </section>
      <Came customer={customer} load={load} />
      <section class="card-section">
        <h2>{tn("referrals.brought", now.brought.length, { count: formatNumber(now.brought.length) })}</h2>
        {now.brought.length === 0 && <p class="muted">{t("referrals.nobody")}</p>}
        <ul class="referral-list">
          {now.brought.map((one) => (
            <li key={one.id}>
              <Person who={one.brought} />
              <Badge tone={standing(one, "bringer").tone}>{standing(one, "bringer").text}</Badge>
              <span class="small muted">
                <InstantText at={one.at} />
              </span>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
