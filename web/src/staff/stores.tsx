// The stores: added by hand or by imports, renamed here.
import { useState } from "preact/hooks";
import { api, ApiError } from "../api/client";
import { listAddress } from "../customer/model";
import { formatNumber } from "../lib/format";
import { t } from "../lib/i18n";
import type { Loaded } from "../lib/load";
import { may } from "../shell/session";
import {
  Button,
  type Column,
  Dialog,
  EmptyState,
  errorText,
  ErrorState,
  Field,
  IconButton,
  Input,
  SkeletonLines,
  Table,
  toast,
} from "../ui";
import type { Staff, Store } from "./model";

function StoreDialog(props: { store: Store | null; onClose: () => void; onSaved: (store: Store) => void }) {
  const { store } = props;
  const [name, setName] = useState(store?.name ?? "");
  const [city, setCity] = useState(store?.city ?? "");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const send = () => {
    const body = { name: name.trim(), city: city.trim() };
    return store
      ? api.patch("/stores/{id}", { path: { id: store.id }, version: store.version, body })
      : api.post("/stores", { body: body.city ? body : { name: body.name } });
  };
  const submit = () => {
    setTried(true);
    if (busy || !name.trim()) return;
    setError(null);
    setBusy(true);
    send()
      .then(props.onSaved, setError)
      .finally(() => setBusy(false));
  };
  const nameless = tried && !name.trim() ? t("settings.required") : null;
  const ofCity = error instanceof ApiError && error.problem.field === "city";
  return (
    <Dialog
      title={t(store ? "store.edit_title" : "store.add_title")}
      onClose={props.onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={props.onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="primary" busy={busy}>
            {t(store ? "settings.save" : "store.add")}
          </Button>
        </>
      }
    >
      <div class="form">
        <Field label={t("store.name")} error={nameless ?? (error && !ofCity ? errorText(error) : null)}>
          <Input autofocus required value={name} onText={setName} />
        </Field>
        <Field label={t("store.city")} error={ofCity ? errorText(error) : null}>
          <Input value={city} onText={setCity} />
        </Field>
      </div>
    </Dialog>
  );
}

function columns(staff: readonly Staff[], edit: (store: Store) => void): Column<Store>[] {
  return [
    {
      key: "name",
      head: t("store.name"),
      cell: (store) => (
        <a class="strong quiet-link" href={listAddress("store", store.name)}>
          {store.name}
        </a>
      ),
    },
    { key: "city", head: t("store.city"), wide: true, cell: (store) => <span class="muted">{store.city ?? "–"}</span> },
    {
      key: "staff",
      head: t("store.staff"),
      align: "right",
      wide: true,
      cell: (store) => formatNumber(staff.filter((one) => one.stores.some((mine) => mine.id === store.id)).length),
    },
    { key: "customers", head: t("store.customers"), align: "right", cell: (store) => formatNumber(store.customers) },
    {
      key: "actions",
      head: <span class="hidden-text">{t("card.actions")}</span>,
      align: "right",
      width: "44px",
      cell: (store) =>
        may("stores_manage") && (
          <IconButton icon="pencil" label={t("store.rename", { name: store.name })} onClick={() => edit(store)} />
        ),
    },
  ];
}

export function Stores(props: { stores: Loaded<{ items: Store[] }>; staff: readonly Staff[] }) {
  const { stores } = props;
  const [open, setOpen] = useState<{ store: Store | null } | null>(null);
  return (
    <>
      <div class="panel-bar">
        <span />
        {may("stores_manage") && (
          <Button variant="primary" icon="plus" onClick={() => setOpen({ store: null })}>
            {t("store.add")}
          </Button>
        )}
      </div>
      {stores.error ? (
        <ErrorState error={stores.error} retry={stores.reload} />
      ) : !stores.value ? (
        <SkeletonLines lines={4} />
      ) : (
        <Table
          label={t("store.list")}
          columns={columns(props.staff, (store) => setOpen({ store }))}
          rows={stores.value.items}
          rowKey={(store) => store.id}
          empty={<EmptyState icon="store" title={t("store.none")} text={t("store.none_text")} />}
        />
      )}
      {open && (
        <StoreDialog
          store={open.store}
          onClose={() => setOpen(null)}
          onSaved={(store) => {
            setOpen(null);
            stores.reload();
            toast(t(open.store ? "store.saved" : "store.added", { name: store.name }));
          }}
        />
      )}
    </>
  );
}
