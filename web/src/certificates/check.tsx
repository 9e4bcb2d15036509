// A code typed or scanned: what it is worth, and redeeming it, whole or in part.
import { useRef, useState } from "preact/hooks";
import { api, ApiError, newKey } from "../api/client";
import { amountInField, currencySymbol, formatMoney } from "../lib/format";
import { t } from "../lib/i18n";
import { may } from "../shell/session";
import { Button, errorText, Field, Input, Notice, toast } from "../ui";
import { StateBadge } from "./list";
import { type Certificate, changed, type Detail, leftOf, minorOf, nameOf, takeBack, validity, worth } from "./model";

function Redeem({ one, onDone }: { one: Certificate; onDone: (now: Detail) => void }) {
  const [amount, setAmount] = useState(one.kind === "value" ? amountInField(one.left_minor) : "");
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  /* the same act, however often the button is pressed; another one when something in it changes */
  const act = useRef({ of: "", key: "" });
  const minor = one.partial ? minorOf(amount) : one.left_minor;
  const wrong = one.kind === "value" && (minor === null || minor > one.left_minor);
  const go = () => {
    if (busy || wrong) return;
    const body = {
      code: one.code,
      note: note.trim(),
      ...(one.kind === "value" && one.partial && minor ? { amount_minor: minor } : {}),
    };
    const of = JSON.stringify(body);
    if (act.current.of !== of) act.current = { of, key: newKey() };
    setBusy(true);
    setFailure(null);
    api
      .post("/certificates/redeem", { body, key: act.current.key })
      .then((now) => {
        changed.value++;
        toast(
          t("certificates.redeemed", { worth: one.kind === "gift" ? one.gift : formatMoney(minor ?? 0) }),
          may("loyalty") ? { undo: () => void takeBack(one, t("certificates.undone_reason")) } : {},
        );
        onDone(now);
      }, setFailure)
      .finally(() => setBusy(false));
  };
  return (
    <form
      class="certificate-redeem"
      onSubmit={(event) => {
        event.preventDefault();
        go();
      }}
    >
      {one.partial && (
        <Field
          label={t("certificates.amount", { currency: currencySymbol() })}
          error={wrong ? t("certificates.amount_most", { amount: formatMoney(one.left_minor) }) : null}
        >
          <Input inputMode="decimal" autocomplete="off" value={amount} onText={setAmount} />
        </Field>
      )}
      <Field label={t("certificates.note")}>
        <Input maxLength={200} autocomplete="off" value={note} onText={setNote} />
      </Field>
      <Button type="submit" variant="primary" icon="check" busy={busy} disabled={wrong}>
        {one.kind === "gift" ? t("certificates.hand_over") : t("certificates.redeem", { amount: formatMoney(minor ?? one.left_minor) })}
      </Button>
      {failure !== null && <Notice tone="red">{errorText(failure)}</Notice>}
    </form>
  );
}

function Found({ detail, onDetail }: { detail: Detail; onDetail: (now: Detail) => void }) {
  const one = detail.certificate;
  return (
    <div class="certificate-found" role="status">
      <p class="certificate-head">
        <span class="certificate-worth">{worth(one)}</span> <StateBadge one={one} />
      </p>
      <p>
        <a class="strong quiet-link" href={`/certificates/${one.id}`}>
          {one.type}
        </a>{" "}
        <span class="muted">{[leftOf(one), validity(one), nameOf(one.customer)].filter(Boolean).join(" · ")}</span>
      </p>
      {one.description && <p class="muted">{one.description}</p>}
      {one.state === "open" && may("customers_write") && <Redeem key={one.version} one={one} onDone={onDetail} />}
    </div>
  );
}

export function Check() {
  const [code, setCode] = useState("");
  const [found, setFound] = useState<Detail | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const look = () => {
    if (busy || !code.trim()) return;
    setBusy(true);
    setFailure(null);
    setFound(null);
    api
      .get("/certificates/by-code", { query: { code: code.trim() } })
      .then(setFound, setFailure)
      .finally(() => setBusy(false));
  };
  const refused = failure instanceof ApiError ? failure.message : null;
  return (
    <section class="certificate-check" aria-label={t("certificates.check")}>
      <form
        class="certificate-ask"
        onSubmit={(event) => {
          event.preventDefault();
          look();
        }}
      >
        <Field label={t("certificates.check")} hint={t("certificates.check_hint")} error={refused}>
          <Input
            class="certificate-typed"
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            maxLength={40}
            placeholder={t("certificates.placeholder")}
            value={code}
            onText={setCode}
          />
        </Field>
        <Button type="submit" icon="search" busy={busy}>
          {t("certificates.look")}
        </Button>
      </form>
      {failure !== null && !refused && <Notice tone="red">{errorText(failure)}</Notice>}
      {found && <Found detail={found} onDetail={setFound} />}
    </section>
  );
}
