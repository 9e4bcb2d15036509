// The tier on the card and in the quick info: which, since when, what comes next; given by hand, handed back.
import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { api, ApiError } from "../api/client";
import { formatDay, region } from "../lib/format";
import { t } from "../lib/i18n";
import { type Loaded, useLoad } from "../lib/load";
import { may } from "../shell/session";
import { Button, Dialog, errorText, Field, Icon, IconButton, Input, Notice, Select, SkeletonLines, TextArea, toast, toastError } from "../ui";
import { bulkEnded } from "../bulk/model";
import { TierBadge } from "./badge";
import { amountText, type CustomerTier, periodText } from "./model";

/** Counts up when a tier was changed here: whoever shows one looks again. */
const changed = signal(0);

function useTier(id: string): Loaded<CustomerTier> {
  const loaded = useLoad(`tier ${id}`, (abort) => api.get("/customers/{id}/tier", { path: { id }, signal: abort }));
  const round = changed.value + bulkEnded.value;
  const seen = useRef(round);
  useEffect(() => {
    if (seen.current !== round) loaded.reload();
    seen.current = round;
  }, [round]);
  return loaded;
}

function GiveDialog(props: { id: string; tier: CustomerTier; onClose: () => void; onChange: (tier: CustomerTier) => void }) {
  const { id, tier } = props;
  const ladder = useLoad("tiers", (abort) => api.get("/tiers", { signal: abort }));
  const [chosen, setChosen] = useState(tier.tier?.id ?? "");
  const [until, setUntil] = useState(tier.until ?? "");
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const errorOf = (field: string) => (error instanceof ApiError && error.problem.field === field ? error.message : null);
  const give = () => {
    if (busy) return;
    setBusy(true);
    setError(null);
    api
      .put("/customers/{id}/tier", {
        path: { id },
        body: { tier: chosen || null, until: until || null, reason },
        version: tier.version,
      })
      .then(props.onChange, (cause: unknown) => {
        setError(cause);
        setBusy(false);
      });
  };
  return (
    <Dialog
      title={t("tiers.change")}
      onClose={props.onClose}
      onSubmit={give}
      footer={
        <>
          <Button onClick={props.onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="primary" busy={busy} disabled={!ladder.value}>
            {t("tiers.give")}
          </Button>
        </>
      }
    >
      <div class="form">
        {error !== null && !errorOf("until") && !errorOf("reason") && <Notice tone="red">{errorText(error)}</Notice>}
        <Field label={t("tiers.choose")}>
          <Select
            value={chosen}
            options={[
              { value: "", label: t("tiers.none") },
              ...(ladder.value?.tiers.map((one) => ({ value: one.id, label: one.name })) ?? []),
            ]}
            onValue={setChosen}
          />
        </Field>
        <Field label={t("tiers.until")} hint={t("tiers.until_hint")} error={errorOf("until")}>
          <Input type="date" min={region.value.today} value={until} onText={setUntil} />
        </Field>
        <Field label={t("tiers.reason")} error={errorOf("reason")}>
          <TextArea rows={2} maxLength={300} value={reason} onText={setReason} />
        </Field>
      </div>
    </Dialog>
  );
}

function History({ tier, onClose }: { tier: CustomerTier; onClose: () => void }) {
  return (
    <Dialog title={t("tiers.history")} shape="drawer" onClose={onClose}>
      <ol class="tier-history">
        {tier.history.map((one) => (
          <li key={one.id}>
            {one.from ? <TierBadge {...one.from} /> : <span class="muted">{t("tiers.none")}</span>}
            <Icon name="arrow-right" size={14} label={t("tiers.to")} />
            {one.to ? <TierBadge {...one.to} /> : <span class="muted">{t("tiers.none")}</span>}
            <span class="small muted">
              {[
                one.day && formatDay(one.day),
                t(`tiers.cause_${one.cause}`),
                one.until && t("tiers.hand_until", { day: formatDay(one.until) }),
                one.staff,
                one.reason,
              ]
                .filter(Boolean)
                .join(" · ")}
            </span>
          </li>
        ))}
      </ol>
    </Dialog>
  );
}

function Hand({ tier }: { tier: CustomerTier }) {
  if (!tier.by_hand) return null;
  const staff = tier.staff ?? "–";
  const words = tier.until ? t("tiers.given_until", { staff, day: formatDay(tier.until) }) : t("tiers.given", { staff });
  return <p class="small muted">{tier.reason ? `${words}: ${tier.reason}` : words}</p>;
}

/** What is reached so far, and what is still lacking for the next one. */
function Towards({ tier }: { tier: CustomerTier }) {
  const rule = tier.rule;
  if (!rule || tier.by_hand) return null;
  const { above, lacking } = rule;
  const share = above && lacking !== null ? 1 - lacking / above.threshold : 1;
  return (
    <>
      <p class="small muted">
        {t("tiers.counted", { amount: amountText(rule.measure, rule.value), period: periodText(rule) })}
      </p>
      {above && lacking !== null && (
        <>
          <span class="tier-progress" aria-hidden="true">
            <span style={{ width: `${Math.max(0, Math.min(1, share)) * 100}%` }} />
          </span>
          <p class="small">{t("tiers.to_next", { amount: amountText(rule.measure, lacking), tier: above.name })}</p>
        </>
      )}
    </>
  );
}

function Coming({ tier }: { tier: CustomerTier }) {
  if (!tier.next_day || !tier.tier || tier.by_hand) return null;
  const day = formatDay(tier.next_day);
  return (
    <p class="small">
      {tier.next ? t("tiers.will_fall", { tier: tier.next.name, day }) : t("tiers.will_end", { day })}
    </p>
  );
}

/** On the card, beside the tabs. */
export function TierCard({ id }: { id: string }) {
  const loaded = useTier(id);
  const [open, setOpen] = useState<"give" | "history" | null>(null);
  const tier = loaded.value;
  useEffect(() => setOpen(null), [id]);
  if (tier && tier.tiers === 0 && tier.history.length === 0) return null;
  const took = (words: string) => (next: CustomerTier) => {
    loaded.set(next);
    setOpen(null);
    changed.value++;
    toast(t(words));
  };
  const release = (version: number) =>
    api.delete("/customers/{id}/tier", { path: { id }, version }).then(took("tiers.released_toast"), (error: unknown) => {
      toastError(error);
      loaded.reload();
    });
  return (
    <section class="tier-card">
      <h2>{t("tiers.card")}</h2>
      {!tier && (loaded.error ? <p class="muted">{errorText(loaded.error)}</p> : <SkeletonLines lines={2} />)}
      {tier && (
        <>
          <div class="tier-now">
            {tier.tier ? <TierBadge {...tier.tier} /> : <span class="muted">{t("tiers.none")}</span>}
            {tier.since && <span class="small muted">{t("tiers.since", { day: formatDay(tier.since) })}</span>}
            {may("customers_write") && tier.tiers > 0 && (
              <IconButton icon="pencil" iconSize={14} label={t("tiers.change")} onClick={() => setOpen("give")} />
            )}
          </div>
          {tier.tier?.benefits && <p class="small">{tier.tier.benefits}</p>}
          <Hand tier={tier} />
          <Towards tier={tier} />
          <Coming tier={tier} />
          <p class="consent-links">
            {tier.history.length > 0 && (
              <Button size="s" variant="ghost" icon="history" onClick={() => setOpen("history")}>
                {t("tiers.history")}
              </Button>
            )}
            {tier.by_hand && may("customers_write") && (
              <Button size="s" variant="ghost" icon="undo-2" onClick={() => void release(tier.version)}>
                {t("tiers.release")}
              </Button>
            )}
          </p>
          {open === "give" && (
            <GiveDialog id={id} tier={tier} onClose={() => setOpen(null)} onChange={took("tiers.given_toast")} />
          )}
          {open === "history" && <History tier={tier} onClose={() => setOpen(null)} />}
        </>
      )}
    </section>
  );
}

/** In the quick info: the badge, which opens the change. */
export function TierQuick({ id }: { id: string }) {
  const loaded = useTier(id);
  const [open, setOpen] = useState(false);
  const tier = loaded.value;
  if (!tier || tier.tiers === 0) return null;
  const badge = tier.tier ? <TierBadge {...tier.tier} title={tier.tier.benefits || undefined} /> : <span class="badge badge-neutral">{t("tiers.none")}</span>;
  if (!may("customers_write")) return badge;
  return (
    <>
      <button type="button" class="type-button" title={t("tiers.change")} aria-haspopup="dialog" onClick={() => setOpen(true)}>
        {badge}
        <span class="hidden-text">{t("tiers.change")}</span>
      </button>
      {open && (
        <GiveDialog
          id={id}
          tier={tier}
          onClose={() => setOpen(false)}
          onChange={(next) => {
            loaded.set(next);
            setOpen(false);
            changed.value++;
            toast(t("tiers.given_toast"));
          }}
        />
      )}
    </>
  );
}
