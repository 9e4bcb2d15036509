// The consents on the card: what holds on each channel, how it came about, and changing it.
import { useState } from "preact/hooks";
import type { Schemas } from "../api/client";
import { t } from "../lib/i18n";
import { may } from "../shell/session";
import { Icon, IconButton, InstantText, Menu, type MenuItem, toast, toastError } from "../ui";
import { type Channel, channelName, type History, howWords, type Kind, reasonWords, undoAct } from "./model";
import { RecordDialog } from "./record";

type Customer = Schemas["Customer"];
type Consent = Customer["consents"][number];

function choices(consent: Consent, ask: (kind: Kind) => void): MenuItem[] {
  const items: MenuItem[] = [];
  if (consent.state !== "granted")
    items.push({ label: t("consent.accept"), icon: "check", onSelect: () => ask("granted") });
  if (consent.state !== "refused")
    items.push({ label: t("consent.refuse"), icon: "x", onSelect: () => ask("refused") });
  items.push("line");
  items.push(
    consent.suppressed
      ? { label: t("consent.release"), icon: "undo-2", onSelect: () => ask("released") }
      : { label: t("consent.suppress"), icon: "ban", onSelect: () => ask("suppressed") },
  );
  return items;
}

function Line({ consent, ask }: { consent: Consent; ask: (kind: Kind) => void }) {
  const shown = consent.suppressed ? "suppressed" : consent.state;
  const name = channelName(consent.channel);
  return (
    <li class={`channel channel-${shown}`}>
      <span class="channel-mark" aria-hidden="true" />
      <span>
        {name}
        {consent.at && (
          <span class="small muted channel-proof">
            {consent.suppressed && `${t(`consent.state_${consent.state}`)} · `}
            <InstantText at={consent.at} />
            {consent.how && ` · ${howWords(consent.how)}`}
          </span>
        )}
        {consent.suppressed && (
          <span class="small channel-proof consent-suppressed">
            {reasonWords(consent.suppressed)}
            {consent.suppressed_at && " · "}
            {consent.suppressed_at && <InstantText at={consent.suppressed_at} />}
          </span>
        )}
      </span>
      <span class="channel-state">{t(`consent.state_${shown}`)}</span>
      {may("customers_write") && (
        <Menu
          label={t("consent.menu", { channel: name })}
          items={choices(consent, ask)}
          button={(attributes) => (
            <IconButton icon="pencil" iconSize={14} label={t("consent.change", { channel: name })} {...attributes} />
          )}
        />
      )}
    </li>
  );
}

/** `onChange`: something was recorded; the card is to be read again. */
export function Consents({ customer, onChange }: { customer: Customer; onChange: () => void }) {
  const [asked, setAsked] = useState<{ channel: Channel; kind: Kind } | null>(null);
  const { id } = customer.row;
  const recorded = (history: History) => {
    const channel = asked!.channel;
    const act = history.channels.find((one) => one.channel === channel)?.undo_id;
    setAsked(null);
    onChange();
    toast(t("consent.recorded", { channel: channelName(channel) }), {
      undo: act
        ? () =>
            void undoAct(id, act).then(() => {
              toast(t("consent.undone"));
              onChange();
            }, toastError)
        : undefined,
    });
  };
  return (
    <section>
      <h2>{t("card.consent_title")}</h2>
      <ul class="card-consent-list">
        {customer.consents.map((consent) => (
          <Line
            key={consent.channel}
            consent={consent}
            ask={(kind) => setAsked({ channel: consent.channel, kind })}
          />
        ))}
      </ul>
      <p class="small muted">{t("card.consent_law")}</p>
      <p class="consent-links">
        <a href={`/customers/${id}/consents`}>
          <Icon name="shield-check" size={14} /> {t("consent.history")}
        </a>
      </p>
      {asked && (
        <RecordDialog
          customer={id}
          channel={asked.channel}
          kind={asked.kind}
          after={customer.consents.find((one) => one.channel === asked.channel)?.latest_id ?? null}
          onNewer={onChange}
          onClose={() => setAsked(null)}
          onRecorded={recorded}
        />
      )}
    </section>
  );
}
