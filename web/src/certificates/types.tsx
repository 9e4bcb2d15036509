// Types of certificates: what they are worth, how long, for whom; made, changed, deleted, brought back.
import { useState } from "preact/hooks";
import { api, ApiError, hasCode } from "../api/client";
import { amountInField, currencySymbol, formatDay, formatMoney, formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import type { Loaded } from "../lib/load";
import { may } from "../shell/session";
import {
  Button,
  Checkbox,
  type Column,
  Dialog,
  EmptyState,
  ErrorState,
  errorText,
  Field,
  IconButton,
  Input,
  Menu,
  Notice,
  Segmented,
  SkeletonLines,
  Table,
  TextArea,
  toast,
  toastError,
} from "../ui";
import { type CertificateType, minorOf, worth } from "./model";

export type TypeList = Loaded<{ items: CertificateType[]; deleted: CertificateType[]; today: string }>;
type Kind = CertificateType["kind"];

/** As it is typed. */
interface Draft {
  name: string;
  description: string;
  kind: Kind;
  value: string;
  gift: string;
  partial: boolean;
  validDays: string;
  validUntil: string;
  perCustomer: string;
  stock: string;
}
const some = (n: number) => (n ? String(n) : "");

function draftOf(type: CertificateType | null): Draft {
  return {
    name: type?.name ?? "",
    description: type?.description ?? "",
    kind: type?.kind ?? "value",
    value: type?.value_minor ? amountInField(type.value_minor) : "",
    gift: type?.gift ?? "",
    partial: type?.partial ?? false,
    validDays: some(type?.valid_days ?? 0),
    validUntil: type?.valid_until ?? "",
    perCustomer: some(type?.per_customer ?? 0),
    stock: some(type?.stock ?? 0),
  };
}
/** A whole number; nothing typed is none; null: something else was typed. */
function wholeOf(text: string): number | null {
  const clean = text.replace(/[\s\u00a0\u202f]/g, "");
  if (!clean) return 0;
  return /^\d{1,8}$/.test(clean) ? Number(clean) : null;
}

function faultsOf(draft: Draft): Partial<Record<keyof Draft, string>> {
  const faults: Partial<Record<keyof Draft, string>> = {};
  if (!draft.name.trim()) faults.name = t("settings.required");
  if (draft.kind === "value" && minorOf(draft.value) === null) faults.value = t("certificates.amount_wrong");
  if (draft.kind === "gift" && !draft.gift.trim()) faults.gift = t("settings.required");
  for (const field of ["validDays", "perCustomer", "stock"] as const)
    if (wholeOf(draft[field]) === null) faults[field] = t("certificates.whole_wrong");
  return faults;
}
function bodyOf(draft: Draft) {
  return {
    name: draft.name.trim(),
    description: draft.description.trim(),
    kind: draft.kind,
    value_minor: draft.kind === "value" ? (minorOf(draft.value) ?? 0) : 0,
    gift: draft.kind === "gift" ? draft.gift.trim() : "",
    partial: draft.kind === "value" && draft.partial,
    valid_days: wholeOf(draft.validDays) ?? 0,
    per_customer: wholeOf(draft.perCustomer) ?? 0,
    stock: wholeOf(draft.stock) ?? 0,
    ...(draft.validUntil ? { valid_until: draft.validUntil } : {}),
  };
}
const fieldOf: Readonly<Record<string, keyof Draft>> = {
  name: "name",
  value_minor: "value",
  gift: "gift",
  valid_days: "validDays",
  valid_until: "validUntil",
  per_customer: "perCustomer",
  stock: "stock",
};

function WorthFields(props: { draft: Draft; set: (part: Partial<Draft>) => void; error: (field: keyof Draft) => string | null }) {
  const { draft, set, error } = props;
  return (
    <>
      <Segmented<Kind>
        label={t("certificates.kind")}
        value={draft.kind}
        onValue={(kind) => set({ kind })}
        options={[
          { value: "value", label: t("certificates.kind_value") },
          { value: "gift", label: t("certificates.kind_gift") },
        ]}
      />
      {draft.kind === "value" ? (
        <>
          <Field label={t("certificates.value", { currency: currencySymbol() })} error={error("value")}>
            <Input inputMode="decimal" autocomplete="off" value={draft.value} onText={(value) => set({ value })} />
          </Field>
          <Checkbox checked={draft.partial} onChecked={(partial) => set({ partial })} label={t("certificates.partial")} />
        </>
      ) : (
        <Field label={t("certificates.gift")} hint={t("certificates.gift_hint")} error={error("gift")}>
          <Input maxLength={120} value={draft.gift} onText={(gift) => set({ gift })} />
        </Field>
      )}
    </>
  );
}

function TypeDialog(props: { type: CertificateType | null; onClose: () => void; again: () => void }) {
  const { type } = props;
  const [draft, setDraft] = useState<Draft>(draftOf(type));
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const faults = faultsOf(draft);
  const refused = failure instanceof ApiError ? fieldOf[failure.problem.field ?? ""] : undefined;
  const set = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }));
  const error = (field: keyof Draft) =>
    (tried ? faults[field] : undefined) ?? (refused === field ? (failure as ApiError).message : null);
  const submit = () => {
    setTried(true);
    if (busy || Object.keys(faults).length > 0) return;
    setBusy(true);
    setFailure(null);
    const body = bodyOf(draft);
    const sent = type
      ? api.put("/certificate-types/{id}", { path: { id: type.id }, version: type.version, body })
      : api.post("/certificate-types", { body });
    sent
      .then((now) => {
        toast(t("certificates.type_saved", { name: now.name }));
        props.again();
        props.onClose();
      }, setFailure)
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={t(type ? "certificates.type_edit" : "certificates.type_new")}
      onClose={props.onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={props.onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="primary" busy={busy}>
            {t(type ? "settings.save" : "certificates.type_make")}
          </Button>
        </>
      }
    >
      <div class="form">
        <Field label={t("certificates.name")} error={error("name")}>
          <Input autofocus maxLength={80} value={draft.name} onText={(name) => set({ name })} />
        </Field>
        <WorthFields draft={draft} set={set} error={error} />
        <Field label={t("certificates.description")} hint={t("certificates.description_hint")}>
          <TextArea rows={2} maxLength={500} value={draft.description} onText={(description) => set({ description })} />
        </Field>
        <div class="certificate-pair">
          <Field label={t("certificates.valid_days")} hint={t("certificates.valid_days_hint")} error={error("validDays")}>
            <Input inputMode="numeric" value={draft.validDays} onText={(validDays) => set({ validDays })} />
          </Field>
          <Field label={t("certificates.valid_until")} error={error("validUntil")}>
            <Input type="date" value={draft.validUntil} onText={(validUntil) => set({ validUntil })} />
          </Field>
        </div>
        <div class="certificate-pair">
          <Field label={t("certificates.per_customer")} hint={t("certificates.no_limit")} error={error("perCustomer")}>
            <Input inputMode="numeric" value={draft.perCustomer} onText={(perCustomer) => set({ perCustomer })} />
          </Field>
          <Field label={t("certificates.stock")} hint={t("certificates.no_limit")} error={error("stock")}>
            <Input inputMode="numeric" value={draft.stock} onText={(stock) => set({ stock })} />
          </Field>
        </div>
        {type && type.issued > 0 && <p class="small muted">{t("certificates.issued_stay")}</p>}
        {failure !== null && !refused && (
          <Notice tone="red">{hasCode(failure, "stale") ? t("certificates.stale") : errorText(failure)}</Notice>
        )}
      </div>
    </Dialog>
  );
}

async function restore(type: CertificateType, again: () => void): Promise<void> {
  try {
    await api.post("/certificate-types/{id}/restore", { path: { id: type.id } });
    again();
    toast(t("certificates.type_back", { name: type.name }));
  } catch (error) {
    toastError(error);
  }
}
async function remove(type: CertificateType, again: () => void): Promise<void> {
  try {
    await api.delete("/certificate-types/{id}", { path: { id: type.id } });
    again();
    toast(t("certificates.type_removed", { name: type.name }), { undo: () => void restore(type, again) });
  } catch (error) {
    toastError(error);
  }
}

function limitsOf(type: CertificateType): string {
  const parts = [
    type.valid_days ? tn("certificates.days", type.valid_days, { count: formatNumber(type.valid_days) }) : null,
    type.valid_until ? t("certificates.until", { day: formatDay(type.valid_until) }) : null,
    type.per_customer
      ? tn("certificates.each", type.per_customer, { count: formatNumber(type.per_customer) })
      : null,
    type.partial ? t("certificates.partly") : null,
  ].filter(Boolean);
  return parts.join(" · ") || t("certificates.for_ever");
}

function columns(edit: (type: CertificateType) => void, again: () => void): Column<CertificateType>[] {
  const all: Column<CertificateType>[] = [
    {
      key: "name",
      head: t("certificates.name"),
      cell: (type) => (
        <span class="certificate-lines">
          <span class="strong">{type.name}</span>
          <span class="small muted">{limitsOf(type)}</span>
        </span>
      ),
    },
    { key: "worth", head: t("certificates.worth"), align: "right", cell: (type) => worth(type) },
    {
      key: "open",
      head: t("certificates.state_open"),
      align: "right",
      cell: (type) => (
        <span class="certificate-lines">
          <span>{formatNumber(type.open)}</span>
          {type.open_minor > 0 && <span class="small muted">{formatMoney(type.open_minor)}</span>}
        </span>
      ),
    },
    {
      key: "redeemed",
      head: t("certificates.state_redeemed"),
      align: "right",
      wide: true,
      cell: (type) => formatNumber(type.redeemed),
    },
    {
      key: "stock",
      head: t("certificates.stock_left"),
      align: "right",
      wide: true,
      cell: (type) => (type.stock ? formatNumber(Math.max(0, type.stock - type.issued)) : "–"),
    },
  ];
  if (may("loyalty"))
    all.push({
      key: "actions",
      head: <span class="hidden-text">{t("card.actions")}</span>,
      align: "right",
      width: "44px",
      cell: (type) => (
        <Menu
          label={t("certificates.actions_of", { name: type.name })}
          items={[
            { label: t("certificates.type_edit"), icon: "pencil", onSelect: () => edit(type) },
            "line",
            { label: t("groups.remove"), icon: "trash-2", danger: true, onSelect: () => void remove(type, again) },
          ]}
          button={(attributes) => (
            <IconButton icon="ellipsis" label={t("certificates.actions_of", { name: type.name })} {...attributes} />
          )}
        />
      ),
    });
  return all;
}

export function Types({ list }: { list: TypeList }) {
  const [open, setOpen] = useState<{ type: CertificateType | null } | null>(null);
  const add = may("loyalty") && (
    <Button variant="primary" icon="plus" onClick={() => setOpen({ type: null })}>
      {t("certificates.type_new")}
    </Button>
  );
  if (list.error && !list.value) return <ErrorState error={list.error} retry={list.reload} />;
  if (!list.value) return <SkeletonLines lines={4} />;
  const { items, deleted } = list.value;
  return (
    <>
      <Table
        label={t("certificates.types")}
        columns={columns((type) => setOpen({ type }), list.reload)}
        rows={items}
        rowKey={(type) => type.id}
        empty={
          <EmptyState
            icon="gift"
            title={t("certificates.types_empty")}
            text={t("certificates.types_empty_text")}
            action={add || undefined}
          />
        }
      />
      {items.length > 0 && <div class="certificate-add">{add}</div>}
      {deleted.length > 0 && may("loyalty") && (
        <details class="groups-deleted">
          <summary>{t("groups.deleted")}</summary>
          <ul>
            {deleted.map((type) => (
              <li key={type.id}>
                <span class="cut">{type.name}</span>
                <Button size="s" icon="undo-2" onClick={() => void restore(type, list.reload)}>
                  {t("groups.restore")}
                </Button>
              </li>
            ))}
          </ul>
        </details>
      )}
      {open && <TypeDialog type={open.type} onClose={() => setOpen(null)} again={list.reload} />}
    </>
  );
}
