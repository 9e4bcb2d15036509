// All groups: how many customers are in each, and what can be done with it.
import { useState } from "preact/hooks";
import { api, ApiError } from "../api/client";
import { formatNumber } from "../lib/format";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import {
  Button,
  type Column,
  Dialog,
  EmptyState,
  ErrorState,
  errorText,
  Field,
  IconButton,
  Input,
  InstantText,
  Menu,
  type MenuItem,
  Notice,
  PageHeader,
  SkeletonLines,
  Table,
} from "../ui";
import { addGroup, changeGroup, type Draft, type Group, groupAddress, removeGroup, restoreGroup } from "./model";

function GroupDialog(props: { group: Group | null; onClose: () => void; again: () => void }) {
  const { group } = props;
  const [draft, setDraft] = useState<Draft>({ name: group?.name ?? "", description: group?.description ?? "" });
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const name = draft.name.trim();
  const submit = () => {
    setTried(true);
    if (busy || !name) return;
    setBusy(true);
    setFailure(null);
    const clean = { name, description: draft.description.trim() };
    (group ? changeGroup(group, clean, props.again) : addGroup(clean, props.again))
      .then(props.onClose, setFailure)
      .finally(() => setBusy(false));
  };
  const ofName = failure instanceof ApiError && failure.problem.field === "name" ? failure.problem.detail : null;
  return (
    <Dialog
      title={t(group ? "groups.edit_title" : "groups.new")}
      onClose={props.onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={props.onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="primary" busy={busy}>
            {t(group ? "settings.save" : "groups.make")}
          </Button>
        </>
      }
    >
      <div class="form">
        <Field label={t("groups.name")} error={tried && !name ? t("settings.required") : ofName}>
          <Input autofocus required maxLength={80} value={draft.name} onText={(text) => setDraft({ ...draft, name: text })} />
        </Field>
        <Field label={t("groups.description")}>
          <Input
            maxLength={500}
            value={draft.description}
            onText={(text) => setDraft({ ...draft, description: text })}
          />
        </Field>
        {failure !== null && !ofName && <Notice tone="red">{errorText(failure)}</Notice>}
      </div>
    </Dialog>
  );
}

function actionsOf(one: Group, edit: (group: Group) => void, again: () => void): MenuItem[] {
  const items: MenuItem[] = [{ label: t("groups.open"), icon: "users", href: groupAddress(one) }];
  if (one.may_change)
    items.push({ label: t("groups.edit"), icon: "pencil", onSelect: () => edit(one) }, "line", {
      label: t("groups.remove"),
      icon: "trash-2",
      danger: true,
      onSelect: () => void removeGroup(one, again),
    });
  return items;
}

function columns(edit: (group: Group) => void, again: () => void): Column<Group>[] {
  return [
    {
      key: "name",
      head: t("groups.name"),
      cell: (one) => (
        <span class="segment-name">
          <a class="strong quiet-link" href={groupAddress(one)}>
            {one.name}
          </a>
          {one.description && <span class="small muted segment-words">{one.description}</span>}
        </span>
      ),
    },
    {
      key: "customers",
      head: t("groups.customers"),
      align: "right",
      width: "110px",
      cell: (one) => <span class="strong">{formatNumber(one.customers)}</span>,
    },
    { key: "staff", head: t("groups.staff"), wide: true, cell: (one) => <span class="muted">{one.staff ?? "–"}</span> },
    {
      key: "changed",
      head: t("groups.changed"),
      align: "right",
      wide: true,
      cell: (one) => (
        <span class="muted">
          <InstantText at={one.updated_at} />
        </span>
      ),
    },
    {
      key: "actions",
      head: <span class="hidden-text">{t("card.actions")}</span>,
      align: "right",
      width: "44px",
      cell: (one) => (
        <Menu
          label={t("groups.actions_of", { name: one.name })}
          items={actionsOf(one, edit, again)}
          button={(attributes) => (
            <IconButton icon="ellipsis" label={t("groups.actions_of", { name: one.name })} {...attributes} />
          )}
        />
      ),
    },
  ];
}

function Deleted({ groups, again }: { groups: readonly Group[]; again: () => void }) {
  if (groups.length === 0) return null;
  return (
    <details class="groups-deleted">
      <summary>{t("groups.deleted")}</summary>
      <ul>
        {groups.map((one) => (
          <li key={one.id}>
            <span class="cut">{one.name}</span>
            {one.may_change && (
              <Button size="s" icon="undo-2" onClick={() => void restoreGroup(one, again)}>
                {t("groups.restore")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

export default function GroupsPage() {
  const [open, setOpen] = useState<{ group: Group | null } | null>(null);
  const list = useLoad("groups", (signal) => api.get("/groups", { signal }));
  const add = () => setOpen({ group: null });
  return (
    <div class="page groups">
      <PageHeader
        title={t("nav.groups")}
        subtitle={t("groups.lead")}
        actions={
          (list.value?.items.length ?? 0) > 0 && (
            <Button variant="primary" icon="plus" onClick={add}>
              {t("groups.new")}
            </Button>
          )
        }
      />
      {list.error && !list.value ? (
        <ErrorState error={list.error} retry={list.reload} />
      ) : !list.value ? (
        <SkeletonLines lines={6} />
      ) : (
        <>
          <Table
            label={t("nav.groups")}
            columns={columns((group) => setOpen({ group }), list.reload)}
            rows={list.value.items}
            rowKey={(one) => one.id}
            empty={
              <EmptyState
                icon="users"
                title={t("groups.empty_title")}
                text={t("groups.empty_text")}
                action={
                  <Button variant="primary" icon="plus" onClick={add}>
                    {t("groups.new")}
                  </Button>
                }
              />
            }
          />
          <Deleted groups={list.value.deleted} again={list.reload} />
        </>
      )}
      {open && <GroupDialog group={open.group} onClose={() => setOpen(null)} again={list.reload} />}
    </div>
  );
}
