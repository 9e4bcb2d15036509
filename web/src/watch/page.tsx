// The till watch: /watch?tab=alerts|requests|rules&state=decided. What looks odd at the till, decided by somebody else.
import { useRef, useState } from "preact/hooks";
import { api, ApiError, newKey } from "../api/client";
import { nameOf } from "../customers/ticked";
import { formatDay, formatInstant, formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { type Loaded, useLoad } from "../lib/load";
import { address, setQuery } from "../lib/router";
import { fieldError } from "../shell/confirm";
import { isStale, Versioned } from "../settings/section";
import { may } from "../shell/session";
import {
  Avatar,
  Badge,
  Button,
  Dialog,
  EmptyState,
  ErrorState,
  errorText,
  Field,
  Input,
  InstantText,
  Notice,
  PageHeader,
  Segmented,
  SkeletonLines,
  Switch,
  TabPanel,
  Tabs,
  TextArea,
  toast,
} from "../ui";
import { type Alert, loadWaiting, type Request, type WatchRules } from "./model";

type Listing = "open" | "decided";
function listing(): Listing {
  return address.value.query.get("state") === "decided" ? "decided" : "open";
}
function signed(points: number): string {
  return `${points > 0 ? "+" : "−"}${formatNumber(Math.abs(points))}`;
}

/** A note, and the go-ahead; whatever it is. */
function DecideDialog(props: { title: string; text: string; button: string; act: (note: string, key: string) => Promise<string>; onClose: () => void; onDone: () => void }) {
  const [note, setNote] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const key = useRef(newKey());
  const submit = () => {
    if (busy) return;
    setBusy(true);
    setError(null);
    props
      .act(note.trim(), key.current)
      .then((words) => {
        toast(words);
        void loadWaiting();
        props.onDone();
      }, setError)
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
          <Button type="submit" variant="primary" busy={busy}>
            {props.button}
          </Button>
        </>
      }
    >
      <div class="form">
        {error !== null && <Notice tone="red">{errorText(error)}</Notice>}
        <p>{props.text}</p>
        <Field label={t("watch.note")}>
          <TextArea
            rows={2}
            maxLength={500}
            autofocus
            value={note}
            onText={(text) => {
              key.current = newKey();
              setNote(text);
            }}
          />
        </Field>
      </div>
    </Dialog>
  );
}

function Who({ customer, children }: { customer: NonNullable<Request["customer"]>; children: string }) {
  return (
    <span class="watch-who">
      <Avatar id={customer.id} name={customer.name} photo={customer.photo} />
      <span>
        <a class="strong" href={`/customers/${customer.id}`}>
          {nameOf(customer)}
        </a>
        <span class="muted small watch-line">{children}</span>
      </span>
    </span>
  );
}

function Entries({ alert }: { alert: Alert }) {
  return (
    <ul class="watch-entries">
      {alert.entries.map((entry) => (
        <li key={entry.id}>
          <span class="number strong">{signed(entry.amount)}</span>
          <span class="small">{[t(`watch.kind_${entry.kind}`), entry.reason].filter(Boolean).join(" · ")}</span>
          {entry.reversed && <Badge>{t("watch.reversed")}</Badge>}
          <time class="muted small" dateTime={entry.at}>
            {formatInstant(entry.at)}
          </time>
        </li>
      ))}
    </ul>
  );
}

function AlertItem({ alert, onDone }: { alert: Alert; onDone: () => void }) {
  const [open, setOpen] = useState<"fine" | "take_back" | null>(null);
  const decide = async (note: string, key: string) => {
    const answer = await api.post("/watch/alerts/{id}/decide", { path: { id: alert.id }, body: { decision: open!, note }, key });
    if (answer.state === "fine") return t("watch.done_fine");
    const words = [tn("watch.done_back", answer.taken_back)];
    if (answer.left > 0) words.push(tn("watch.done_left", answer.left));
    return words.join(" · ");
  };
  return (
    <li class="watch-item">
      <div class="watch-head">
        <Who customer={alert.customer}>{t(`watch.alert_${alert.kind}`, { staff: alert.staff })}</Who>
        {alert.state === "open" ? (
          <span class="watch-acts">
            {alert.yourself ? (
              <span class="muted small">{t("watch.yourself")}</span>
            ) : (
              <>
                <Button size="s" icon="check" onClick={() => setOpen("fine")}>
                  {t("watch.fine")}
                </Button>
                <Button size="s" icon="undo-2" onClick={() => setOpen("take_back")}>
                  {t("watch.take_back")}
                </Button>
              </>
            )}
          </span>
        ) : (
          <Badge tone={alert.state === "fine" ? "green" : "amber"}>{t(`watch.state_${alert.state}`)}</Badge>
        )}
      </div>
      <Entries alert={alert} />
      {alert.decided_at && (
        <p class="muted small">
          {[t("watch.decided_by", { staff: alert.decided_by ?? "" }), alert.note].filter(Boolean).join(" · ")} · <InstantText at={alert.decided_at} />
        </p>
      )}
      {open && (
        <DecideDialog
          title={t(`watch.${open}`)}
          text={t(`watch.${open}_text`)}
          button={t(`watch.${open}`)}
          act={decide}
          onClose={() => setOpen(null)}
          onDone={() => {
            setOpen(null);
            onDone();
          }}
        />
      )}
    </li>
  );
}

function Alerts({ state }: { state: Listing }) {
  const loaded = useLoad(`watch alerts ${state}`, (signal) => api.get("/watch/alerts", { query: { state }, signal }));
  if (loaded.error) return <ErrorState error={loaded.error} retry={loaded.reload} />;
  if (!loaded.value) return <SkeletonLines lines={6} />;
  if (loaded.value.items.length === 0)
    return <EmptyState icon="circle-check" title={t(`watch.alerts_none_${state}`)} text={t("watch.alerts_text")} />;
  return (
    <ul class="watch-list">
      {loaded.value.items.map((alert) => (
        <AlertItem key={alert.id} alert={alert} onDone={loaded.reload} />
      ))}
    </ul>
  );
}

function RequestItem({ request, onDone }: { request: Request; onDone: () => void }) {
  const [open, setOpen] = useState<"approve" | "refuse" | "withdraw" | null>(null);
  const answer = async (note: string, key: string) => {
    await api.post("/watch/requests/{id}/answer", { path: { id: request.id }, body: { answer: open!, note }, key });
    return t(`watch.done_${open!}`);
  };
  const words = [t("watch.asked_by", { staff: request.staff }), request.reason].filter(Boolean).join(" · ");
  const tone = request.state === "approved" ? "green" : request.state === "refused" ? "amber" : "neutral";
  return (
    <li class="watch-item">
      <div class="watch-head">
        {request.customer && <Who customer={request.customer}>{words}</Who>}
        <span class="number strong">{signed(request.amount)}</span>
        {request.state !== "waiting" ? (
          <Badge tone={tone}>{t(`watch.state_${request.state}`)}</Badge>
        ) : (
          <span class="watch-acts">
            {request.yourself ? (
              <Button size="s" onClick={() => setOpen("withdraw")}>
                {t("watch.withdraw")}
              </Button>
            ) : (
              may("loyalty") && (
                <>
                  <Button size="s" variant="primary" icon="check" onClick={() => setOpen("approve")}>
                    {t("watch.approve")}
                  </Button>
                  <Button size="s" icon="x" onClick={() => setOpen("refuse")}>
                    {t("watch.refuse")}
                  </Button>
                </>
              )
            )}
          </span>
        )}
      </div>
      <p class="muted small">
        {request.decided_at
          ? [t("watch.decided_by", { staff: request.decided_by ?? "" }), request.note].filter(Boolean).join(" · ")
          : t("watch.until", { day: formatDay(request.until) })}
      </p>
      {open && (
        <DecideDialog
          title={t(`watch.${open}`)}
          text={t(`watch.${open}_text`, { count: formatNumber(request.amount) })}
          button={t(`watch.${open}`)}
          act={answer}
          onClose={() => setOpen(null)}
          onDone={() => {
            setOpen(null);
            onDone();
          }}
        />
      )}
    </li>
  );
}

function Requests({ state }: { state: Listing }) {
  const which = state === "open" ? "waiting" : "decided";
  const loaded = useLoad(`watch requests ${which}`, (signal) => api.get("/watch/requests", { query: { state: which }, signal }));
  if (loaded.error) return <ErrorState error={loaded.error} retry={loaded.reload} />;
  if (!loaded.value) return <SkeletonLines lines={6} />;
  if (loaded.value.items.length === 0)
    return <EmptyState icon="circle-check" title={t(`watch.requests_none_${state}`)} text={t("watch.requests_text")} />;
  return (
    <ul class="watch-list">
      {loaded.value.items.map((request) => (
        <RequestItem key={request.id} request={request} onDone={loaded.reload} />
      ))}
    </ul>
  );
}

const numbers = ["again_count", "again_hours", "limit_points", "request_days"] as const;

function RulesForm({ kept, loaded }: { kept: WatchRules; loaded: Loaded<WatchRules> }) {
  const [draft, setDraft] = useState(kept);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const disabled = !may("settings");
  const dirty = draft.own !== kept.own || numbers.some((one) => draft[one] !== kept[one]);
  const put = ({ again_count, again_hours, own, limit_points, request_days }: WatchRules, version: number) =>
    api.patch("/watch/rules", { body: { again_count, again_hours, own, limit_points, request_days }, version });
  const save = (event: Event) => {
    event.preventDefault();
    if (busy || !dirty) return;
    setBusy(true);
    setError(null);
    put(draft, kept.version)
      .then(
        (next) => {
          loaded.set(next);
          toast(t("watch.saved"), { undo: () => void put(kept, next.version).then(loaded.set, setError) });
        },
        (problem: unknown) => {
          setError(problem);
          if (isStale(problem)) loaded.reload();
        },
      )
      .finally(() => setBusy(false));
  };
  return (
    <form class="form watch-rules" onSubmit={save} noValidate>
      {error !== null && !isStale(error) && !(error instanceof ApiError && error.problem.field) && <Notice tone="red">{errorText(error)}</Notice>}
      {numbers.map((one) => (
        <Field key={one} label={t(`watch.${one}`)} hint={t(`watch.${one}_hint`)} error={fieldError(error, one)}>
          <Input
            type="number"
            inputMode="numeric"
            min={0}
            disabled={disabled}
            value={String(draft[one])}
            onText={(text) => setDraft({ ...draft, [one]: Math.max(0, Math.trunc(Number(text) || 0)) })}
          />
        </Field>
      ))}
      <Switch checked={draft.own} disabled={disabled} label={t("watch.own")} onChecked={(own) => setDraft({ ...draft, own })} />
      {!disabled && (
        <div>
          <Button type="submit" variant="primary" busy={busy} disabled={!dirty}>
            {t("watch.save")}
          </Button>
        </div>
      )}
    </form>
  );
}

function Rules() {
  const loaded = useLoad("watch rules", (signal) => api.get("/watch/rules", { signal }));
  if (loaded.value)
    return (
      <Versioned loaded={loaded} version={(kept) => kept.version}>
        {(kept, form) => <RulesForm kept={kept} loaded={form} />}
      </Versioned>
    );
  return loaded.error ? <ErrorState error={loaded.error} retry={loaded.reload} /> : <SkeletonLines lines={6} />;
}

export default function WatchPage() {
  const tabs = may("loyalty") ? (["alerts", "requests", "rules"] as const) : (["requests"] as const);
  type Tab = "alerts" | "requests" | "rules";
  const asked = address.value.query.get("tab");
  const tab: Tab = tabs.find((one) => one === asked) ?? tabs[0];
  const state = listing();
  return (
    <div class="page watch">
      <PageHeader title={t("watch.title")} subtitle={t("watch.text")} />
      <Tabs<Tab>
        name="watch"
        label={t("watch.title")}
        current={tab}
        onCurrent={(next) => setQuery({ tab: next === tabs[0] ? null : next, state: null })}
        tabs={tabs.map((one) => ({ id: one, label: t(`watch.tab_${one}`) }))}
      />
      <TabPanel name="watch" current={tab} class="watch-panel">
        {tab !== "rules" && (
          <Segmented<Listing>
            label={t("watch.which")}
            value={state}
            onValue={(next) => setQuery({ state: next === "open" ? null : next }, { replace: true })}
            options={(["open", "decided"] as const).map((one) => ({ value: one, label: t(`watch.list_${one}`) }))}
          />
        )}
        {tab === "alerts" && <Alerts state={state} />}
        {tab === "requests" && <Requests state={state} />}
        {tab === "rules" && <Rules />}
      </TabPanel>
    </div>
  );
}
