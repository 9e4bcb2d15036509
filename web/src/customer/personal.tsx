// The column beside the card's tabs: personal data and consents. A value that is not known takes no
// line.
import type { ComponentChildren } from "preact";
import { formatBirthday, formatCountry, formatLanguage } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { Consents } from "../consent/section";
import { Privacy } from "../privacy/section";
import { FidelityOf } from "../fidelity/card";
import { TierCard } from "../tiers/card";
import { IconButton } from "../ui";
import { may } from "../shell/session";
import { copyText } from "./actions";
import { listAddress, type Customer } from "./model";

interface Line {
  label: string;
  value: ComponentChildren;
}

function Contacts(props: { kind: "tel" | "mailto"; copy: string; contacts: Customer["phones"] }) {
  return (
    <ul class="card-contacts">
      {props.contacts.map((contact) => (
        <li key={contact.value}>
          <a class="cut" href={`${props.kind}:${contact.value}`} title={contact.display}>
            {contact.display}
          </a>
          {contact.label && <span class="contact-label small muted">{t(`profile.label_${contact.label}`)}</span>}
          <IconButton icon="copy" iconSize={14} label={t(props.copy)} onClick={() => void copyText(contact.value)} />
        </li>
      ))}
    </ul>
  );
}

function Addresses({ customer }: { customer: Customer }) {
  return (
    <ul class="card-addresses">
      {customer.addresses.map((one, i) => {
        const place = [one.postcode, one.city].filter(Boolean).join(" ");
        const lines = [one.street, place, one.country && formatCountry(one.country)].filter(Boolean);
        return (
          <li key={i}>
            {one.kind && <span class="contact-label small muted">{t(`profile.label_${one.kind}`)}</span>}
            {lines.map((line) => (
              <span key={line} class="card-address">
                {line}
              </span>
            ))}
          </li>
        );
      })}
    </ul>
  );
}

function Dates({ dates }: { dates: Customer["dates"] }) {
  return (
    <ul>
      {dates.map((date, i) => {
        const two = (n: number) => String(n).padStart(2, "0");
        const day = `${date.year === null ? "-" : String(date.year).padStart(4, "0")}-${two(date.month)}-${two(date.day)}`;
        return (
          <li key={i}>
            {date.name}: <span class="muted">{formatBirthday(day)}</span>
          </li>
        );
      })}
    </ul>
  );
}

function birthdayWords(customer: Customer): string {
  const { birthday, age } = customer.row;
  const parts = [];
  if (birthday) parts.push(formatBirthday(birthday));
  if (age !== null) parts.push(tn("card.age", age));
  return parts.join(" · ");
}

function personalLines(customer: Customer): Line[] {
  const { row } = customer;
  const otherStores = customer.stores.filter((store) => store.name !== row.store);
  const lines: (Line | false | null | "")[] = [
    customer.phones.length > 0 && {
      label: t("card.phones"),
      value: <Contacts kind="tel" copy="card.copy_phone" contacts={customer.phones} />,
    },
    customer.emails.length > 0 && {
      label: t("card.emails"),
      value: <Contacts kind="mailto" copy="card.copy_email" contacts={customer.emails} />,
    },
    customer.first_name && { label: t("card.first_name"), value: customer.first_name },
    customer.last_name && { label: t("card.last_name"), value: customer.last_name },
    row.nickname && { label: t("card.nickname"), value: row.nickname },
    row.gender && { label: t("card.gender"), value: t(`card.gender_${row.gender}`) },
    (row.birthday || row.age !== null) && { label: t("card.birthday"), value: birthdayWords(customer) },
    customer.addresses.length > 0 && {
      label: t("card.address"),
      value: <Addresses customer={customer} />,
    },
    customer.dates.length > 0 && { label: t("card.dates"), value: <Dates dates={customer.dates} /> },
    row.language && { label: t("card.language"), value: formatLanguage(row.language) },
    row.store && { label: t("card.home_store"), value: <a href={listAddress("store", row.store)}>{row.store}</a> },
    otherStores.length > 0 && {
      label: t("card.other_stores"),
      value: otherStores.map((store) => store.name).join(", "),
    },
    row.source && { label: t("card.source"), value: <a href={listAddress("source", row.source)}>{row.source}</a> },
    customer.external_id && { label: t("card.external_id"), value: customer.external_id },
  ];
  return lines.filter((line): line is Line => !!line);
}

function Lines({ lines }: { lines: readonly Line[] }) {
  return (
    <dl class="card-lines">
      {lines.map((line) => (
        <div key={line.label}>
          <dt>{line.label}</dt>
          <dd>{line.value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Personal({ customer, onChange }: { customer: Customer; onChange: () => void }) {
  const lines = personalLines(customer);
  return (
    <>
      <section>
        <h2>
          {t("card.personal_title")}
          {may("customers_write") && (
            <a class="small" href={`/customers/${customer.row.id}/edit`}>
              {t("profile.edit_short")}
            </a>
          )}
        </h2>
        {lines.length ? <Lines lines={lines} /> : <p class="muted">{t("card.personal_none")}</p>}
      </section>
      <TierCard id={customer.row.id} />
      <FidelityOf id={customer.row.id} />
      <Consents customer={customer} onChange={onChange} />
      <Privacy customer={customer} />
    </>
  );
}
