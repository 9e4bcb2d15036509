// Who works here, and what can be done with each.
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { t } from "../lib/i18n";
import type { Loaded } from "../lib/load";
import { navigate } from "../lib/router";
import { Sessions } from "../settings/sessions";
import { may, session } from "../shell/session";
import {
  Avatar,
  Badge,
  Button,
  type Column,
  ConfirmDialog,
  Dialog,
  EmptyState,
  ErrorState,
  IconButton,
  Input,
  InstantText,
  Menu,
  type MenuItem,
  SkeletonLines,
  Table,
  toast,
  toastError,
} from "../ui";
import { LinkDialog } from "./link";
import { isMe, mayChange, type Staff, type Store } from "./model";
import { type Invited, PersonDialog, restore } from "./person";

type Open =
  | { what: "person"; staff: Staff | null }
  | { what: "link"; invited: Invited }
  | { what: "reset" | "remove" | "sessions" | "step"; staff: Staff };

const searchFrom = 8;

function Person({ one }: { one: Staff }) {
  return (
    <span class="person">
      <Avatar id={one.id} name={one.name || one.email} />
      <span class="person-words">
        <span class="strong">
          {one.name || one.email} {isMe(one) && <Badge>{t("staff.you")}</Badge>}
          {one.second_step && (
            <Badge tone="green" icon="shield-check" title={t("staff.second_step")}>
              <span class="hidden-text">{t("staff.second_step")}</span>
            </Badge>
          )}
        </span>
        <span class="small muted cut">{one.email}</span>
      </span>
    </span>
  );
}

function storesText(one: Staff): string {
  if (one.role === "owner") return t("staff.stores_all");
  return one.stores.map((store) => store.name).join(", ") || t("staff.stores_none");
}

function actions(one: Staff, open: (what: Open) => void): MenuItem[] {
  const items: MenuItem[] = [
    { label: t("staff.edit"), icon: "pencil", onSelect: () => open({ what: "person", staff: one }) },
    {
      label: t(one.state === "invited" ? "staff.new_link" : "staff.reset_link"),
      icon: "link",
      onSelect: () => open({ what: "reset", staff: one }),
    },
  ];
  if (one.state === "active")
    items.push({ label: t("staff.sessions"), icon: "monitor", onSelect: () => open({ what: "sessions", staff: one }) });
  if (may("audit_read"))
    items.push({
      label: t("staff.history"),
      icon: "history",
      onSelect: () => navigate(`/audit?entity_id=${one.id}`),
    });
  if (one.second_step && !isMe(one) && session.value?.staff.role === "owner")
    items.push({ label: t("staff.reset_step"), icon: "lock", onSelect: () => open({ what: "step", staff: one }) });
  if (!isMe(one))
    items.push("line", {
      label: t("staff.remove"),
      icon: "user-x",
      danger: true,
      onSelect: () => open({ what: "remove", staff: one }),
    });
  return items;
}

function columns(open: (what: Open) => void): Column<Staff>[] {
  return [
    { key: "name", head: t("staff.name"), cell: (one) => <Person one={one} /> },
    { key: "role", head: t("staff.role"), cell: (one) => t(`role.${one.role}`) },
    { key: "stores", head: t("staff.stores"), wide: true, cell: (one) => <span class="muted">{storesText(one)}</span> },
    {
      key: "seen",
      head: t("staff.last_seen"),
      align: "right",
      wide: true,
      cell: (one) =>
        one.state === "invited" ? (
          <Badge tone="amber">{t("staff.state_invited")}</Badge>
        ) : (
          <InstantText at={one.last_seen_at} empty={t("staff.never_seen")} />
        ),
    },
    {
      key: "actions",
      head: <span class="hidden-text">{t("card.actions")}</span>,
      align: "right",
      width: "44px",
      cell: (one) =>
        mayChange(one) && (
          <Menu
            label={t("staff.actions_of", { name: one.name })}
            items={actions(one, open)}
            button={(attributes) => (
              <IconButton icon="ellipsis" label={t("staff.actions_of", { name: one.name })} {...attributes} />
            )}
          />
        ),
    },
  ];
}

/** Undo of a removal. */
async function takeBack(staff: Staff, onChange: () => void): Promise<void> {
  try {
    await api.post("/staff/{id}/restore", { path: { id: staff.id } });
    toast(t("staff.restored", { name: staff.name }));
    onChange();
  } catch (error) {
    toastError(error);
  }
}

function Dialogs(props: {
  open: Open;
  stores: readonly Store[];
  setOpen: (open: Open | null) => void;
  reload: () => void;
}) {
  const { open, setOpen, reload } = props;
  const [busy, setBusy] = useState(false);
  const close = () => setOpen(null);
  const run = (work: () => Promise<void>) => {
    setBusy(true);
    work()
      .catch((error: unknown) => {
        toastError(error);
        close();
      })
      .finally(() => setBusy(false));
  };
  const newLink = (staff: Staff) =>
    run(async () => {
      const link = await api.post("/staff/{id}/invitation", { path: { id: staff.id } });
      setOpen({ what: "link", invited: { staff, link } });
      reload();
    });
  const remove = (staff: Staff) =>
    run(async () => {
      await api.delete("/staff/{id}", { path: { id: staff.id } });
      toast(t("staff.removed", { name: staff.name }), { undo: () => void takeBack(staff, reload) });
      close();
      reload();
    });

  const resetStep = (staff: Staff) =>
    run(async () => {
      await api.delete("/staff/{id}/totp", { path: { id: staff.id } });
      toast(t("staff.reset_step_done", { name: staff.name }));
      close();
      reload();
    });

  switch (open.what) {
    case "person":
      return (
        <PersonDialog
          staff={open.staff}
          stores={props.stores}
          onClose={close}
          onInvited={(invited) => {
            setOpen({ what: "link", invited });
            reload();
          }}
          onSaved={(now, before) => {
            close();
            reload();
            toast(t("staff.saved", { name: now.name }), { undo: () => void restore(now, before, reload) });
          }}
        />
      );
    case "link":
      return <LinkDialog invited={open.invited} onClose={close} />;
    case "reset":
      return (
        <ConfirmDialog
          title={t(open.staff.state === "invited" ? "staff.new_link" : "staff.reset_title")}
          text={t(open.staff.state === "invited" ? "staff.new_link_text" : "staff.reset_text", {
            name: open.staff.name,
          })}
          confirm={t("staff.make_link")}
          busy={busy}
          onConfirm={() => newLink(open.staff)}
          onClose={close}
        />
      );
    case "sessions":
      return (
        <Dialog title={t("security.sessions_of", { name: open.staff.name })} onClose={close}>
          <Sessions staffId={open.staff.id} />
        </Dialog>
      );
    case "step":
      return (
        <ConfirmDialog
          title={t("staff.reset_step_title", { name: open.staff.name })}
          text={t("staff.reset_step_text")}
          confirm={t("staff.reset_step")}
          danger
          busy={busy}
          onConfirm={() => resetStep(open.staff)}
          onClose={close}
        />
      );
    case "remove":
      return (
        <ConfirmDialog
          title={t("staff.remove_title", { name: open.staff.name })}
          text={t("staff.remove_text", { name: open.staff.name })}
          confirm={t("staff.remove")}
          danger
          busy={busy}
          onConfirm={() => remove(open.staff)}
          onClose={close}
        />
      );
  }
}

export function People(props: { staff: Loaded<{ items: Staff[] }>; stores: readonly Store[] }) {
  const { staff } = props;
  const [open, setOpen] = useState<Open | null>(null);
  const [text, setText] = useState("");
  const all = staff.value?.items ?? [];
  const wanted = text.trim().toLocaleLowerCase();
  const rows = all.filter((one) => `${one.name} ${one.email}`.toLocaleLowerCase().includes(wanted));
  return (
    <>
      <div class="panel-bar">
        {all.length >= searchFrom ? (
          <Input
            type="search"
            icon="search"
            class="panel-search"
            aria-label={t("staff.search")}
            placeholder={t("staff.search")}
            value={text}
            onText={setText}
          />
        ) : (
          <span />
        )}
        {may("staff_manage") && (
          <Button variant="primary" icon="user-plus" onClick={() => setOpen({ what: "person", staff: null })}>
            {t("staff.invite")}
          </Button>
        )}
      </div>
      {staff.error ? (
        <ErrorState error={staff.error} retry={staff.reload} />
      ) : !staff.value ? (
        <SkeletonLines lines={6} />
      ) : (
        <>
          <Table
            label={t("staff.list")}
            columns={columns(setOpen)}
            rows={rows}
            rowKey={(one) => one.id}
            empty={<EmptyState icon="search-x" title={t("staff.none_found")} />}
          />
          {all.length === 1 && <EmptyState icon="user-plus" title={t("staff.alone")} text={t("staff.alone_text")} />}
        </>
      )}
      {open && <Dialogs open={open} stores={props.stores} setOpen={setOpen} reload={staff.reload} />}
    </>
  );
}
