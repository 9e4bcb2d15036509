// What the customer belongs to, and the block: groups and blocking from the card, as bulk actions of one.
import { useState } from "preact/hooks";
import { BulkDialog } from "../bulk/dialog";
import type { Action } from "../bulk/model";
import { t } from "../lib/i18n";
import { Icon, type MenuItem } from "../ui";
import { listAddress, type Customer } from "./model";

/** The groups, each a way to the others in it. */
export function Groups({ customer }: { customer: Customer }) {
  if (customer.groups.length === 0) return null;
  return (
    <ul class="card-tags" aria-label={t("nav.groups")}>
      {customer.groups.map((group) => (
        <li key={group.id}>
          <a href={listAddress("group", group.name)} title={`${t("field.group")}: ${group.name}`}>
            <Icon name="users" size={12} />
            {group.name}
          </a>
        </li>
      ))}
    </ul>
  );
}

/** Entries of the "···" menu, and the dialog that they open. */
export function useBelonging(customer: Customer) {
  const [open, setOpen] = useState<Action | null>(null);
  const item = (action: Action, icon: "users" | "ban" | "circle-check", danger = false): MenuItem => ({
    label: t(`bulk.do.${action}`),
    icon,
    danger,
    onSelect: () => setOpen(action),
  });
  const items: MenuItem[] = [item("group_add", "users")];
  if (customer.groups.length) items.push(item("group_remove", "users"));
  items.push(customer.row.blocked ? item("unblock", "circle-check") : item("block", "ban", true));
  const close = () => setOpen(null);
  return {
    items,
    dialog: open && (
      <BulkDialog action={open} selection={{ ids: [customer.row.id] }} onClose={close} onStarted={close} />
    ),
  };
}
