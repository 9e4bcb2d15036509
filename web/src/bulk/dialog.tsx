// One thing for many: what it needs to know, what would happen to whom, and the go-ahead.
import { useEffect, useRef, useState } from "preact/hooks";
import { api, isAborted, newKey } from "../api/client";
import { formatNumber, region } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { amountOf } from "../points/model";
import { Button, Dialog, errorText, Field, Input, LinkButton, Notice, Select, Skeleton, TextArea } from "../ui";
import { worth } from "../certificates/model";
import { type Action, actions, countOf, type Known, preview, type Preview, type Selection, start } from "./model";

const waitMs = 250;

function WordField(props: { field: "tag" | "source"; value: string; onText: (text: string) => void }) {
  const known = useLoad(props.field, (signal) =>
    api.get("/customers", { query: { limit: 0, facets: props.field }, signal }),
  );
  const list = `known-${props.field}`;
  return (
    <Field label={t(`field.${props.field}`)} hint={t("bulk.word_hint")}>
      <Input autofocus maxLength={100} list={list} value={props.value} onText={props.onText} autocomplete="off" />
      <datalist id={list}>
        {known.value?.facets[0]?.values.map((one) => <option key={one.key} value={one.label} />)}
      </datalist>
    </Field>
  );
}

function GroupField(props: { value: string; adding: boolean; onValue: (id: string) => void }) {
  const list = useLoad("groups", (signal) => api.get("/groups", { signal }));
  const [name, setName] = useState("");
  const [failure, setFailure] = useState<unknown>(null);
  const items = list.value?.items ?? [];
  const make = () =>
    void api.post("/groups", { body: { name: name.trim() } }).then((group) => {
      setName("");
      list.reload();
      props.onValue(group.id);
    }, setFailure);
  return (
    <>
      <Field label={t("field.group")}>
        <Select
          value={props.value}
          onValue={props.onValue}
          options={[
            { value: "", label: t("bulk.choose") },
            ...items.map((one) => ({ value: one.id, label: `${one.name} (${formatNumber(one.customers)})` })),
          ]}
        />
      </Field>
      {props.adding && (
        <div class="bulk-new-group">
          <Field label={t("groups.new")} error={failure ? errorText(failure) : null}>
            <Input maxLength={80} value={name} onText={setName} />
          </Field>
          <Button icon="plus" disabled={!name.trim()} onClick={make}>
            {t("groups.make")}
          </Button>
        </div>
      )}
    </>
  );
}

function StoreField(props: { value: string; onValue: (id: string) => void }) {
  const list = useLoad("stores", (signal) => api.get("/stores", { signal }));
  return (
    <Field label={t("field.store")}>
      <Select
        value={props.value}
        onValue={props.onValue}
        options={[
          { value: "", label: t("bulk.choose") },
          ...(list.value?.items.map((one) => ({ value: one.id, label: one.name })) ?? []),
        ]}
      />
    </Field>
  );
}

function PointsFields(props: { known: Known; set: (known: Known) => void }) {
  const { known, set } = props;
  const [text, setText] = useState("");
  const write = (next: string) => {
    setText(next);
    const points = amountOf(next);
    set({ ...known, points: points ?? undefined });
  };
  return (
    <>
      <Field label={t("points.each")} error={text && amountOf(text) === null ? t("points.whole") : null}>
        <Input autofocus inputMode="numeric" autocomplete="off" value={text} onText={write} />
      </Field>
      <Field label={t("points.reason")} hint={t("points.reason_hint")}>
        <Input maxLength={200} value={known.reason ?? ""} onText={(reason) => set({ ...known, reason })} />
      </Field>
      <Field label={t("points.message")} hint={t("points.message_hint")}>
        <TextArea maxLength={500} rows={2} value={known.message ?? ""} onText={(message) => set({ ...known, message })} />
      </Field>
    </>
  );
}

function TierFields(props: { known: Known; set: (known: Known) => void }) {
  const { known, set } = props;
  const ladder = useLoad("tiers", (signal) => api.get("/tiers", { signal }));
  const write = (change: Partial<Known>) => set({ ...known, ...change });
  return (
    <>
      <Field label={t("tiers.choose")}>
        <Select
          value={known.tier === undefined ? "" : (known.tier ?? "none")}
          onValue={(id) => write({ tier: id === "" ? undefined : id === "none" ? null : id })}
          options={[
            { value: "", label: t("bulk.choose") },
            ...(ladder.value?.tiers.map((one) => ({ value: one.id, label: one.name })) ?? []),
            { value: "none", label: t("tiers.none") },
          ]}
        />
      </Field>
      <Field label={t("tiers.until")} hint={t("tiers.until_hint")}>
        <Input type="date" min={region.value.today} value={known.until ?? ""} onText={(until) => write({ until: until || undefined })} />
      </Field>
      <Field label={t("tiers.reason")}>
        <TextArea rows={2} maxLength={300} value={known.reason ?? ""} onText={(reason) => write({ reason })} />
      </Field>
    </>
  );
}

function CertificateField(props: { value: string; onValue: (id: string) => void }) {
  const list = useLoad("certificate types", (signal) => api.get("/certificate-types", { signal }));
  if (list.value?.items.length === 0)
    return (
      <>
        <p>{t("certificates.types_empty")}</p>
        <LinkButton href="/certificates?tab=types">{t("certificates.types")}</LinkButton>
      </>
    );
  return (
    <Field label={t("certificates.type")} hint={t("certificates.bulk_hint")}>
      <Select
        value={props.value}
        onValue={props.onValue}
        options={[
          { value: "", label: t("bulk.choose") },
          ...(list.value?.items.map((one) => ({ value: one.id, label: `${one.name} (${worth(one)})` })) ?? []),
        ]}
      />
    </Field>
  );
}

function Needed(props: { action: Action; known: Known; set: (known: Known) => void }) {
  const { known, set } = props;
  switch (actions[props.action].needs) {
    case "tag":
      return <WordField field="tag" value={known.tag ?? ""} onText={(tag) => set({ tag })} />;
    case "source":
      return <WordField field="source" value={known.source ?? ""} onText={(source) => set({ source })} />;
    case "group":
      return (
        <GroupField
          value={known.group ?? ""}
          adding={props.action === "group_add"}
          onValue={(group) => set(group ? { group } : {})}
        />
      );
    case "store":
      return <StoreField value={known.store ?? ""} onValue={(store) => set(store ? { store } : {})} />;
    case "tier":
      return <TierFields known={known} set={set} />;
    case "reason":
      return (
        <Field label={t("bulk.reason")} hint={t("bulk.reason_hint")}>
          <TextArea autofocus maxLength={300} rows={2} value={known.reason ?? ""} onText={(reason) => set({ reason })} />
        </Field>
      );
    case "certificate":
      return <CertificateField value={known.certificate ?? ""} onValue={(certificate) => set(certificate ? { certificate } : {})} />;
    case "points":
      return <PointsFields known={known} set={set} />;
    default:
      return null;
  }
}

/** Enough is known to look ahead. */
function complete(action: Action, known: Known): boolean {
  const { needs } = actions[action];
  if (needs === "points") return !!known.points;
  if (needs === "tier") return known.tier !== undefined;
  return needs === null || needs === "reason" || !!known[needs]?.trim();
}

function Ahead({ seen }: { seen: Preview }) {
  return (
    <div class="bulk-ahead" role="status">
      <p>
        <strong>{tn("bulk.would_change", seen.changing, { count: formatNumber(seen.changing) })}</strong>{" "}
        <span class="muted">{t("bulk.of", { total: formatNumber(seen.selected) })}</span>
      </p>
      {seen.left_out.length > 0 && (
        <ul class="bulk-left-out">
          {seen.left_out.map((one) => (
            <li key={one.outcome}>
              <span>{tn(`bulk.count.${one.outcome}`, one.customers)}</span>
              <span class="muted small cut">
                {one.some.map((who) => who.name || t("customers.numbered", { number: String(who.number) })).join(", ")}
                {one.customers > one.some.length && " …"}
              </span>
            </li>
          ))}
        </ul>
      )}
      {seen.unseen > 0 && <p class="muted small">{tn("bulk.unseen", seen.unseen)}</p>}
    </div>
  );
}

export function BulkDialog(props: { action: Action; selection: Selection; onClose: () => void; onStarted: () => void }) {
  const { action, selection } = props;
  const [known, setKnown] = useState<Known>({});
  const [seen, setSeen] = useState<Preview | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const ready = complete(action, known);
  const key = JSON.stringify(known);
  const act = useRef(newKey());
  const waits = seen ? countOf(seen.left_out, "waits") : 0;
  useEffect(() => {
    setSeen(null);
    setFailure(null);
    if (!ready) return;
    const abort = new AbortController();
    const look = () =>
      void preview(action, known, selection, abort.signal).then(setSeen, (error: unknown) => {
        if (!isAborted(error) && !abort.signal.aborted) setFailure(error);
      });
    const timer = setTimeout(look, actions[action].needs ? waitMs : 0);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key]);
  const go = () => {
    if (busy || !seen || seen.changing + waits === 0) return;
    setBusy(true);
    start(action, known, selection, seen.selected, act.current).then(props.onStarted, (error: unknown) => {
      setFailure(error);
      setSeen(null);
      setBusy(false);
    });
  };
  return (
    <Dialog
      title={t(`bulk.do.${action}`)}
      onClose={props.onClose}
      onSubmit={go}
      footer={
        <>
          <Button onClick={props.onClose}>{t("ui.cancel")}</Button>
          <Button
            type="submit"
            variant={actions[action].danger ? "danger" : "primary"}
            busy={busy}
            disabled={!seen || seen.changing + waits === 0}
          >
            {seen ? tn("bulk.go", seen.changing, { count: formatNumber(seen.changing) }) : t(`bulk.do.${action}`)}
          </Button>
        </>
      }
    >
      <div class="form">
        <Needed action={action} known={known} set={setKnown} />
        {seen && <Ahead seen={seen} />}
        {ready && !seen && !failure && <Skeleton width="60%" />}
        {failure !== null && <Notice tone="red">{errorText(failure)}</Notice>}
      </div>
    </Dialog>
  );
}
