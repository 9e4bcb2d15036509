// What to say next: who bought is asked for an opinion, who did not is invited. The text is in the customer's
// language; it goes out by the person's own mail or phone, where the customer agreed.
import { useState } from "preact/hooks";
import { api, type Schemas } from "../api/client";
import { copyText } from "../customer/actions";
import type { Customer } from "../customer/model";
import { formatLanguage } from "../lib/format";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { Button, ErrorState, Field, LinkButton, TextArea } from "../ui";

function Way(props: { customer: Customer; channel: "sms" | "email"; text: string; subject: string }) {
  const { customer, channel } = props;
  const contact = (channel === "sms" ? customer.phones : customer.emails)[0];
  const consent = customer.consents.find((one) => one.channel === channel);
  const why = !contact
    ? t(`message.no_${channel}`)
    : customer.row.blocked
      ? t("message.blocked")
      : consent?.state !== "granted" || consent.suppressed
        ? t(`message.no_consent_${channel}`)
        : null;
  if (why) return <li class="small muted">{why}</li>;
  const body = encodeURIComponent(props.text);
  const href =
    channel === "sms"
      ? `sms:${contact!.value}?body=${body}`
      : `mailto:${encodeURIComponent(contact!.value)}?subject=${encodeURIComponent(props.subject)}&body=${body}`;
  return (
    <li>
      <LinkButton size="s" icon={channel === "sms" ? "message-square" : "mail"} href={href}>
        {t(`message.by_${channel}`)}
      </LinkButton>
    </li>
  );
}

function Written({ customer, message }: { customer: Customer; message: Schemas["ReadyMessage"] }) {
  const [text, setText] = useState(message.text);
  return (
    <div class="card-message-body">
      <Field label={t("message.text")} hint={t("message.language", { language: formatLanguage(message.language) })}>
        <TextArea rows={7} lang={message.language} value={text} onText={setText} />
      </Field>
      <ul class="card-message-ways">
        <li>
          <Button size="s" icon="copy" onClick={() => void copyText(text, t("message.copied"))}>
            {t("message.copy")}
          </Button>
        </li>
        <Way customer={customer} channel="sms" text={text} subject={message.subject} />
        <Way customer={customer} channel="email" text={text} subject={message.subject} />
      </ul>
    </div>
  );
}

export function ReadyMessage({ customer }: { customer: Customer }) {
  const { id } = customer.row;
  const bought = customer.purchases.operations > 0;
  const [open, setOpen] = useState(false);
  const ready = useLoad(`message ${open ? id : ""} ${bought}`, async (signal) =>
    open ? api.get("/customers/{id}/message", { path: { id }, signal }) : null,
  );
  const message = ready.value;
  return (
    <section class="card-message">
      <div class="card-message-head">
        <div>
          <p class="strong">{t(bought ? "message.opinion_title" : "message.invite_title")}</p>
          <p class="small muted">{t(bought ? "message.opinion_lead" : "message.invite_lead")}</p>
        </div>
        <Button icon="message-square" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t(bought ? "message.opinion_button" : "message.invite_button")}
        </Button>
      </div>
      {open && ready.error !== undefined && <ErrorState error={ready.error} retry={ready.reload} />}
      {open && message && <Written customer={customer} message={message} />}
    </section>
  );
}
