// Who it is, at a glance, and what can be done.
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../lib/i18n";
import { TypeBadge } from "../typologies/badge";
import { WhyPanel } from "../typologies/why";
import { TierQuick } from "../tiers/card";
import { Badge, Icon, IconButton, LinkButton, Menu, type MenuItem } from "../ui";
import { MergesOf, MergeWith } from "../duplicates/merge-with";
import { Photo } from "../profile/photo";
import { remove } from "../profile/remove";
import { Tags } from "../profile/tags";
import { bulkEnded } from "../bulk/model";
import { Groups, useBelonging } from "./belonging";
import { setQuery } from "../lib/router";
import { may } from "../shell/session";
import { TaskDialog } from "../tasks/dialog";
import { copyText, setFavourite } from "./actions";
import { listAddress, type Customer } from "./model";

const channels = ["sms", "email", "push"] as const;

function ConsentDots({ customer }: { customer: Customer }) {
  return (
    <ul class="card-consents">
      {channels.map((channel) => {
        const state = customer.row.consent[channel];
        return (
          <li key={channel} class={`channel channel-${state}`}>
            <span class="channel-mark" aria-hidden="true" />
            {t(`card.consent_${channel}`)}
            <span class="hidden-text">{t(`card.consent_${state}`)}</span>
          </li>
        );
      })}
    </ul>
  );
}

/** What only those who may write are offered. */
function writingItems(customer: Customer, name: string, addTask: () => void): MenuItem[] {
  if (!may("customers_write")) return [];
  const { id } = customer.row;
  return [
    { label: t("profile.edit"), icon: "pencil", href: `/customers/${id}/edit` },
    { label: t("notes.add"), icon: "file-text", onSelect: () => setQuery({ tab: "notes" }) },
    { label: t("tasks.add"), icon: "list-checks", onSelect: addTask },
    ...(may("customers_delete")
      ? [{ label: t("profile.delete"), icon: "trash-2" as const, danger: true, onSelect: () => void remove(id, name) }]
      : []),
    "line",
  ];
}

/** What the menu opens over the card. */
type Opened = "merge" | "merges";

function mergeItems(open: (what: Opened) => void): MenuItem[] {
  if (!may("customers_merge")) return [];
  return [
    "line",
    { label: t("duplicates.merge_with"), icon: "users", onSelect: () => open("merge") },
    { label: t("duplicates.history"), icon: "undo-2", onSelect: () => open("merges") },
  ];
}

function menuItems(customer: Customer, favourite: () => void, writing: MenuItem[], merging: MenuItem[]): MenuItem[] {
  const { row } = customer;
  const phone = customer.phones[0];
  const email = customer.emails[0];
  const items: MenuItem[] = [
    ...writing.filter((item) => item === "line" || !item.danger),
    { label: t(row.favourite ? "card.favourite_remove" : "card.favourite_add"), icon: "heart", onSelect: favourite },
    "line",
    { label: t("card.copy_link"), icon: "link", onSelect: () => void copyText(location.origin + location.pathname) },
    { label: t("card.copy_number"), icon: "copy", onSelect: () => void copyText(String(row.number)) },
  ];
  if (phone) items.push({ label: t("card.copy_phone"), icon: "phone", onSelect: () => void copyText(phone.value) });
  if (email) items.push({ label: t("card.copy_email"), icon: "mail", onSelect: () => void copyText(email.value) });
  items.push(...merging, "line");
  if (may("audit_read"))
    items.push({ label: t("audit.history"), icon: "history", href: `/audit?entity_id=${row.id}` });
  if (row.store)
    items.push({
      label: t("card.same_store", { store: row.store }),
      icon: "store",
      href: listAddress("store", row.store),
    });
  items.push({ label: t("card.same_type"), icon: "users", href: listAddress("type", row.type) });
  const danger = writing.filter((item) => item !== "line" && item.danger);
  if (danger.length > 0) items.push("line", ...danger);
  return items;
}

function States({ customer: { row, blocked }, name }: { customer: Customer; name: string }) {
  const [why, setWhy] = useState(false);
  return (
    <>
      <button type="button" class="type-button" title={t("why.open")} aria-haspopup="dialog" onClick={() => setWhy(true)}>
        <TypeBadge type={row.type} />
        <span class="hidden-text">{t("why.open")}</span>
      </button>
      {why && <WhyPanel id={row.id} name={name} onClose={() => setWhy(false)} />}
      <TierQuick id={row.id} />
      {row.anonymous && <Badge>{t("card.anonymous")}</Badge>}
      {row.blocked && (
        <Badge tone="red" icon="ban">
          {blocked?.reason ? `${t("card.blocked")}: ${blocked.reason}` : t("card.blocked")}
        </Badge>
      )}
      <span class={row.active ? "card-state" : "card-state muted"}>
        {t(row.active ? "card.active" : "card.inactive")}
      </span>
    </>
  );
}

export function CardHeader(props: {
  customer: Customer;
  name: string;
  onFavourite: (favourite: boolean) => void;
  onChange: () => void;
  onTasks: () => void;
}) {
  const { customer } = props;
  const [opened, setOpened] = useState<Opened | null>(null);
  const [adding, setAdding] = useState(false);
  const { row } = customer;
  const phone = customer.phones[0];
  const email = customer.emails[0];
  const belonging = useBelonging(customer);
  const ended = bulkEnded.value;
  const seen = useRef(ended);
  useEffect(() => {
    if (seen.current !== ended) props.onChange();
    seen.current = ended;
  }, [ended]);
  const favourite = () => void setFavourite(row.id, !row.favourite, props.onFavourite);
  return (
    <header class="card-header">
      <Photo customer={customer} onChange={props.onChange} />
      <div class="card-who">
        <div class="card-name">
          <h1>{props.name}</h1>
          {row.nickname && row.nickname !== props.name && (
            <span class="card-nickname">{t("card.nickname_quoted", { nickname: row.nickname })}</span>
          )}
        </div>
        <p class="card-line">
          <States customer={customer} name={props.name} />
          {(row.name || row.nickname) && <span class="muted">{t("card.number", { number: String(row.number) })}</span>}
          {row.store && (
            <a class="card-quiet" href={listAddress("store", row.store)}>
              {row.store}
            </a>
          )}
        </p>
        <div class="card-line">
          <ConsentDots customer={customer} />
          <Tags customer={customer} onChange={props.onChange} />
          <Groups customer={customer} />
        </div>
      </div>
      <div class="card-actions">
        {may("customers_write") && (
          <LinkButton icon="pencil" href={`/customers/${row.id}/edit`}>
            {t("profile.edit_short")}
          </LinkButton>
        )}
        {phone && (
          <a
            class="icon-button icon-button-edged"
            href={`tel:${phone.value}`}
            title={t("card.call", { phone: phone.display })}
            aria-label={t("card.call", { phone: phone.display })}
          >
            <Icon name="phone" />
          </a>
        )}
        {email && (
          <a
            class="icon-button icon-button-edged"
            href={`mailto:${email.value}`}
            title={t("card.write", { email: email.display })}
            aria-label={t("card.write", { email: email.display })}
          >
            <Icon name="mail" />
          </a>
        )}
        <IconButton
          icon="heart"
          variant="secondary"
          filled={row.favourite}
          aria-pressed={row.favourite}
          label={t(row.favourite ? "card.favourite_remove" : "card.favourite_add")}
          onClick={favourite}
        />
        <Menu
          label={t("card.actions")}
          items={menuItems(
            customer,
            favourite,
            [...belonging.items, ...writingItems(customer, props.name, () => setAdding(true))],
            mergeItems(setOpened),
          )}
          button={(attributes) => (
            <IconButton icon="ellipsis" variant="secondary" label={t("card.actions")} {...attributes} />
          )}
        />
      </div>
      {belonging.dialog}
      {opened === "merge" && <MergeWith id={row.id} onClose={() => setOpened(null)} />}
      {opened === "merges" && <MergesOf id={row.id} onClose={() => setOpened(null)} />}
      {adding && <TaskDialog customer={row.id} task={null} onClose={() => setAdding(false)} onSaved={props.onTasks} />}
    </header>
  );
}
