// Certificates issued, in a list: of the shop, or of one customer.
import { useState } from "preact/hooks";
import { t } from "../lib/i18n";
import { may } from "../shell/session";
import { Badge, Button, type Column, Dialog, errorText, Field, IconButton, InstantText, Input, Menu, Notice, Table } from "../ui";
import { type Certificate, leftOf, nameOf, takeBack, tones, validity, voidOne, worth } from "./model";

export function StateBadge({ one }: { one: Certificate }) {
  return <Badge tone={tones[one.state]}>{t(`certificates.state_${one.state}`)}</Badge>;
}

/** Why it becomes worthless, or what was done comes back. */
export function ReasonDialog(props: {
  title: string;
  go: string;
  danger?: boolean;
  onClose: () => void;
  act: (reason: string) => Promise<unknown>;
}) {
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const submit = () => {
    setTried(true);
    if (busy || !reason.trim()) return;
    setBusy(true);
    setFailure(null);
    props
      .act(reason.trim())
      .then(props.onClose, setFailure)
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={props.title}
      onClose={props.onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={props.onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant={props.danger ? "danger" : "primary"} busy={busy}>
            {props.go}
          </Button>
        </>
      }
    >
      <div class="form">
        <Field label={t("certificates.reason")} error={tried && !reason.trim() ? t("settings.required") : null}>
          <Input autofocus maxLength={200} value={reason} onText={setReason} />
        </Field>
        {failure !== null && <Notice tone="red">{errorText(failure)}</Notice>}
      </div>
    </Dialog>
  );
}

/** What can be done with one, and the dialog that asks why. */
export function useActs(): { items: (one: Certificate) => Parameters<typeof Menu>[0]["items"]; dialog: preact.ComponentChildren } {
  const [voiding, setVoiding] = useState<Certificate | null>(null);
  const [undoing, setUndoing] = useState<Certificate | null>(null);
  const manages = may("loyalty");
  return {
    items: (one) => [
      { label: t("certificates.open"), icon: "file-text", href: `/certificates/${one.id}` },
      ...(manages && (one.state === "open" || one.state === "expired")
        ? ([{ label: t("certificates.void"), icon: "ban", danger: true, onSelect: () => setVoiding(one) }] as const)
        : []),
      ...(manages && (one.state === "redeemed" || one.state === "void" || leftOf(one))
        ? ([{ label: t("certificates.take_back"), icon: "undo-2", onSelect: () => setUndoing(one) }] as const)
        : []),
    ],
    dialog: voiding ? (
      <ReasonDialog
        title={t("certificates.void_title")}
        go={t("certificates.void")}
        danger
        onClose={() => setVoiding(null)}
        act={(reason) => voidOne(voiding, reason)}
      />
    ) : undoing ? (
      <ReasonDialog
        title={t("certificates.take_back_title")}
        go={t("certificates.take_back")}
        onClose={() => setUndoing(null)}
        act={(reason) => takeBack(undoing, reason)}
      />
    ) : null,
  };
}

/** `whose`: with the customer's name, where it is not known anyway. */
export function CertificateTable(props: { items: readonly Certificate[]; label: string; whose?: boolean }) {
  const acts = useActs();
  const columns: Column<Certificate>[] = [
    {
      key: "type",
      head: t("certificates.type"),
      cell: (one) => (
        <span class="certificate-lines">
          <a class="strong quiet-link" href={`/certificates/${one.id}`}>
            {one.type}
          </a>
          <code class="small muted certificate-code">{one.code}</code>
          {props.whose && <span class="small narrow-only">{nameOf(one.customer)}</span>}
        </span>
      ),
    },
    {
      key: "worth",
      head: t("certificates.worth"),
      align: "right",
      cell: (one) => (
        <span class="certificate-lines">
          <span>{worth(one)}</span>
          {leftOf(one) && <span class="small muted">{leftOf(one)}</span>}
        </span>
      ),
    },
    { key: "state", head: t("certificates.state"), cell: (one) => <StateBadge one={one} /> },
    { key: "until", head: t("certificates.validity"), wide: true, cell: (one) => <span class="muted">{validity(one)}</span> },
    {
      key: "issued",
      head: t("certificates.issued"),
      align: "right",
      wide: true,
      cell: (one) => (
        <span class="muted">
          <InstantText at={one.issued_at} />
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
          label={t("certificates.actions_of", { name: one.code })}
          items={acts.items(one)}
          button={(attributes) => (
            <IconButton icon="ellipsis" label={t("certificates.actions_of", { name: one.code })} {...attributes} />
          )}
        />
      ),
    },
  ];
  if (props.whose)
    columns.splice(1, 0, {
      key: "customer",
      head: t("certificates.customer"),
      wide: true,
      cell: (one) =>
        one.customer ? (
          <a class="quiet-link" href={`/customers/${one.customer.id}?tab=certificates`}>
            {nameOf(one.customer)}
          </a>
        ) : (
          <span class="muted">{nameOf(null)}</span>
        ),
    });
  return (
    <>
      <Table label={props.label} columns={columns} rows={props.items} rowKey={(one) => one.id} />
      {acts.dialog}
    </>
  );
}
