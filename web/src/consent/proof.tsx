// Every act of consent of a customer, to read and to hand over: /customers/{id}/consents?channel=sms
import { useState } from "preact/hooks";
import { api, ApiError } from "../api/client";
import { formatInstant, formatLanguage, formatPhone } from "../lib/format";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { address, setQuery } from "../lib/router";
import type { PageProps } from "../pages";
import { may } from "../shell/session";
import { Button, ConfirmDialog, EmptyState, ErrorState, LinkButton, Segmented, SkeletonLines, toast, toastError } from "../ui";
import { Pictures } from "./evidence";
import { type Act, type Channel, channelName, channels, type History, howWords, reasonWords, type Standing, undoAct } from "./model";

function utc(instant: string): string {
  return t("consent.proof_utc", { time: instant.slice(0, 19).replace("T", " ") });
}

/** In the merchant's time, and in the world's. */
function When({ at }: { at: string }) {
  return (
    <>
      <time dateTime={at}>{formatInstant(at)}</time> <span class="muted small">({utc(at)})</span>
    </>
  );
}

function Head({ history }: { history: History }) {
  const { customer } = history;
  const reach = [customer.phone && formatPhone(customer.phone), customer.email].filter(Boolean).join(" · ");
  const rows = [
    [t("consent.proof_merchant"), history.merchant],
    [
      t("consent.proof_for"),
      [customer.name, t("consent.proof_number", { number: String(customer.number) }), reach].filter(Boolean).join(" · "),
    ],
    [t("consent.proof_made"), <When key="made" at={history.made_at} />],
  ];
  return (
    <dl class="proof-head">
      {rows.map(([label, value], i) => (
        <div key={i}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Now({ standing }: { standing: readonly Standing[] }) {
  return (
    <section class="proof-section">
      <h2>{t("consent.proof_now")}</h2>
      <ul class="proof-now">
        {standing.map((one) => (
          <li key={one.channel} class={`channel channel-${one.suppressed ? "suppressed" : one.state}`}>
            <span class="channel-mark" aria-hidden="true" />
            <span class="strong">{channelName(one.channel)}</span>
            <span>{t(`consent.state_${one.state}`)}</span>
            {one.suppressed && (
              <span class="consent-suppressed">
                {t("consent.state_suppressed")}: {reasonWords(one.suppressed)}
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function TextOf({ act }: { act: Act }) {
  if (act.text)
    return (
      <figure class="proof-text">
        <figcaption class="small muted">
          {t("consent.proof_text", { language: formatLanguage(act.text.language), version: String(act.text.version) })}
        </figcaption>
        <blockquote class="consent-body" lang={act.text.language}>
          {act.text.body}
        </blockquote>
      </figure>
    );
  if (act.state === "granted" || act.state === "refused")
    return (
      <p class="small muted">
        {act.text_version
          ? t("consent.proof_text_named", { name: act.text_version })
          : t("consent.proof_no_text")}
      </p>
    );
  return null;
}

function Entry(props: {
  act: Act;
  customer: string;
  onUndo: (() => void) | null;
  onHistory: (next: History) => void;
}) {
  const { act, onUndo } = props;
  const by = [
    act.staff ?? t("consent.proof_program"),
    act.import_id && t("consent.proof_import", { id: act.import_id }),
    act.address && t("consent.proof_from", { address: act.address }),
  ].filter(Boolean);
  return (
    <li class={`proof-act channel-${act.state}`}>
      <header>
        <span class="channel-mark" aria-hidden="true" />
        <h3>
          {channelName(act.channel)}: {t(`consent.state_${act.state}`)}
        </h3>
        <span class="small muted proof-id">{t("consent.proof_act", { id: act.id })}</span>
        {onUndo && (
          <Button size="s" icon="undo-2" class="no-print" onClick={onUndo}>
            {t("consent.undo")}
          </Button>
        )}
      </header>
      <dl class="proof-facts">
        <div>
          <dt>{t("consent.proof_said")}</dt>
          <dd>
            <When at={act.at} />
          </dd>
        </div>
        <div>
          <dt>{t("consent.how")}</dt>
          <dd>
            {howWords(act.how)}
            {act.reason && `, ${reasonWords(act.reason)}`}
          </dd>
        </div>
        <div>
          <dt>{t("consent.proof_recorded")}</dt>
          <dd>
            <When at={act.recorded_at} />
          </dd>
        </div>
        <div>
          <dt>{t("consent.proof_by")}</dt>
          <dd>{by.join(" · ")}</dd>
        </div>
        {act.note && (
          <div>
            <dt>{t("consent.note")}</dt>
            <dd>{act.note}</dd>
          </div>
        )}
      </dl>
      {act.undoes_id && <p class="small">{t("consent.proof_undoes", { id: act.undoes_id })}</p>}
      <TextOf act={act} />
      <Pictures customer={props.customer} act={act} onHistory={props.onHistory} />
    </li>
  );
}

function Acts(props: { history: History; onUndo: (act: string) => void; onHistory: (next: History) => void }) {
  const { history, onUndo } = props;
  const asked = address.value.query.get("channel");
  const channel = channels.find((one) => one === asked);
  const acts = history.acts.filter((act) => !channel || act.channel === channel);
  const undoable = new Set(history.channels.map((one) => one.undo_id));
  return (
    <section class="proof-section">
      <header class="proof-acts-head">
        <h2>{t("consent.proof_acts")}</h2>
        <div class="no-print">
          <Segmented<Channel | "all">
            label={t("consent.filter")}
            value={channel ?? "all"}
            onValue={(next) => setQuery({ channel: next === "all" ? null : next })}
            options={[
              { value: "all", label: t("consent.all_channels") },
              ...channels.map((one) => ({ value: one, label: channelName(one) })),
            ]}
          />
        </div>
      </header>
      {acts.length === 0 ? (
        <p class="muted">{t("consent.proof_none")}</p>
      ) : (
        <ol class="proof-acts">
          {acts.map((act) => (
            <Entry
              key={act.id}
              act={act}
              customer={history.customer.id}
              onHistory={props.onHistory}
              onUndo={may("customers_write") && undoable.has(act.id) ? () => onUndo(act.id) : null}
            />
          ))}
        </ol>
      )}
    </section>
  );
}

function Proof({ history, onHistory }: { history: History; onHistory: (next: History) => void }) {
  const [undoing, setUndoing] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const name = history.customer.name || t("consent.proof_number", { number: String(history.customer.number) });
  const undo = () => {
    setBusy(true);
    undoAct(history.customer.id, undoing!)
      .then((next) => {
        onHistory(next);
        toast(t("consent.undone"));
      }, toastError)
      .finally(() => {
        setBusy(false);
        setUndoing(null);
      });
  };
  return (
    <article class="proof">
      <header class="proof-title">
        <h1>{t("consent.proof_page", { name })}</h1>
        <div class="no-print proof-actions">
          <LinkButton href={`/customers/${history.customer.id}`} icon="arrow-left">
            {t("consent.proof_back")}
          </LinkButton>
          <Button variant="primary" icon="file-text" onClick={() => print()}>
            {t("consent.proof_print")}
          </Button>
        </div>
      </header>
      <Head history={history} />
      <Now standing={history.channels} />
      <Acts history={history} onUndo={setUndoing} onHistory={onHistory} />
      <footer class="proof-section">
        <h2>{t("consent.proof_sha")}</h2>
        <p class="proof-sha">{history.sha256}</p>
        <p class="small muted">{t("consent.proof_sha_text")}</p>
      </footer>
      {undoing && (
        <ConfirmDialog
          title={t("consent.undo_title")}
          text={t("consent.undo_text")}
          confirm={t("consent.undo")}
          busy={busy}
          onConfirm={undo}
          onClose={() => setUndoing(null)}
        />
      )}
    </article>
  );
}

export default function ConsentPage({ params }: PageProps) {
  const id = params["id"] ?? "";
  const loaded = useLoad(`consents ${id}`, (signal) => api.get("/customers/{id}/consents", { path: { id }, signal }));
  const missing = loaded.error instanceof ApiError && loaded.error.status === 404;
  return (
    <div class="page">
      {loaded.value ? (
        <Proof history={loaded.value} onHistory={loaded.set} />
      ) : missing ? (
        <>
          <h1 class="hidden-text">{t("card.not_found")}</h1>
          <EmptyState
            icon="user-x"
            title={t("card.not_found")}
            text={t("card.not_found_text")}
            action={<LinkButton href="/customers">{t("card.to_customers")}</LinkButton>}
          />
        </>
      ) : loaded.error ? (
        <ErrorState error={loaded.error} retry={loaded.reload} />
      ) : (
        <div role="status">
          <h1 class="hidden-text">{t("consent.proof_loading")}</h1>
          <SkeletonLines lines={8} />
        </div>
      )}
    </div>
  );
}
