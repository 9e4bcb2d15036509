// The stamp cards of a customer, on the card: stamps given with one click, taken back with a reason.
import { useRef, useState } from "preact/hooks";
import { api, newKey, type Schemas } from "../api/client";
import { formatInstant, formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { type Loaded, useLoad } from "../lib/load";
import { may } from "../shell/session";
import { Button, EmptyState, ErrorState, Icon, IconButton, Input, LinkButton, Menu, SkeletonLines, toast, toastError } from "../ui";
import { ReasonDialog } from "../certificates/list";
import { changed } from "../certificates/model";
import { rewardWords } from "../loyalty/reward";

type Stamps = Schemas["CustomerStamps"];
type Standing = Stamps["programs"][number];

function Dots({ stamps, size }: { stamps: number; size: number }) {
  return (
    <span class="stamp-dots" role="img" aria-label={t("stamps.of", { stamps: formatNumber(stamps), size: formatNumber(size) })}>
      {Array.from({ length: size }, (_, i) => (
        <span key={i} class={`stamp-dot ${i < stamps ? "stamp-dot-on" : ""}`}>
          <Icon name="check" size={14} />
        </span>
      ))}
    </span>
  );
}

async function takeBack(customer: string, program: string, stamps: number, reason: string, load: Loaded<Stamps>): Promise<void> {
  const now = await api.post("/customers/{id}/stamps/take-back", {
    path: { id: customer },
    body: { program_id: program, stamps, reason },
    key: newKey(),
  });
  load.set(now);
  changed.value++;
  toast(t("stamps.taken_back"));
}

function Give({ customer, standing, load }: { customer: string; standing: Standing; load: Loaded<Stamps> }) {
  const { program } = standing;
  const [many, setMany] = useState("1");
  const [busy, setBusy] = useState(false);
  const act = useRef({ of: "", key: "" });
  const n = /^\d{1,3}$/.test(many.trim()) ? Number(many) : 0;
  const wrong = n < 1 || n > 100;
  const give = () => {
    if (busy || wrong) return;
    if (act.current.of !== many) act.current = { of: many, key: newKey() };
    setBusy(true);
    api
      .post("/customers/{id}/stamps", { path: { id: customer }, body: { program_id: program.id, stamps: n }, key: act.current.key })
      .then((now) => {
        act.current = { of: "", key: "" };
        setMany("1");
        load.set(now);
        changed.value++;
        toast(
          now.filled ? t("stamps.filled", { reward: rewardWords(program.reward) }) : tn("stamps.given", n, { count: formatNumber(n) }),
          { undo: () => void takeBack(customer, program.id, n, t("certificates.undone_reason"), load).catch(toastError) },
        );
      }, toastError)
      .finally(() => setBusy(false));
  };
  return (
    <form
      class="stamp-give"
      onSubmit={(event) => {
        event.preventDefault();
        give();
      }}
    >
      <Input
        class="stamp-many"
        inputMode="numeric"
        aria-label={t("stamps.how_many", { name: program.name })}
        aria-invalid={wrong}
        value={many}
        onText={setMany}
      />
      <Button type="submit" icon="plus" busy={busy} disabled={wrong}>
        {t("stamps.give")}
      </Button>
    </form>
  );
}

function Program({ customer, standing, load }: { customer: string; standing: Standing; load: Loaded<Stamps> }) {
  const { program } = standing;
  const [undoing, setUndoing] = useState(false);
  const open = standing.cards.filter((card) => !card.completed_at);
  const writes = may("customers_write") && !standing.ended;
  const shown = open.length > 0 ? open : [{ id: "none", stamps: 0, size: program.stamps }];
  return (
    <article class="stamp-card">
      <header class="certificate-head">
        <h3>{program.name}</h3>
        {writes && (open.length > 0 || standing.completed > 0) && (
          <Menu
            label={t("certificates.actions_of", { name: program.name })}
            items={[{ label: t("stamps.take_back"), icon: "undo-2", onSelect: () => setUndoing(true) }]}
            button={(attributes) => (
              <IconButton icon="ellipsis" label={t("certificates.actions_of", { name: program.name })} {...attributes} />
            )}
          />
        )}
      </header>
      {program.description && <p class="small muted">{program.description}</p>}
      {shown.map((card) => (
        <Dots key={card.id} stamps={card.stamps} size={card.size} />
      ))}
      <p class="small muted">
        {t("stamps.gives", { reward: rewardWords(program.reward) })}
        {standing.completed > 0 && ` · ${tn("stamps.completed", standing.completed, { count: formatNumber(standing.completed) })}`}
      </p>
      {writes && <Give customer={customer} standing={standing} load={load} />}
      {undoing && (
        <ReasonDialog
          title={t("stamps.take_back_title")}
          go={t("stamps.take_back")}
          onClose={() => setUndoing(false)}
          act={(reason) => takeBack(customer, program.id, 1, reason, load)}
        />
      )}
    </article>
  );
}

export function CustomerStamps({ customer }: { customer: string }) {
  const load = useLoad(`stamps ${customer}`, (signal) => api.get("/customers/{id}/stamps", { path: { id: customer }, signal }));
  const now = load.value;
  if (!now && load.error) return <ErrorState error={load.error} retry={load.reload} />;
  if (!now) return <SkeletonLines lines={4} />;
  if (now.programs.length === 0)
    return (
      <EmptyState
        icon="circle-check"
        title={t("stamps.none")}
        text={t("stamps.none_text")}
        action={may("loyalty") ? <LinkButton href="/stamps">{t("nav.stamps")}</LinkButton> : undefined}
      />
    );
  return (
    <section class="card-section">
      <div class="stamp-cards">
        {now.programs.map((standing) => (
          <Program key={standing.program.id} customer={customer} standing={standing} load={load} />
        ))}
      </div>
      {now.entries.length > 0 && (
        <>
          <h2>{t("certificates.history")}</h2>
          <ul class="stamp-entries">
            {now.entries.map((entry, i) => (
              <li key={i}>
                <span class="strong">{entry.amount > 0 ? `+${formatNumber(entry.amount)}` : `−${formatNumber(-entry.amount)}`}</span>{" "}
                {entry.program}{" "}
                <span class="small muted">
                  {[formatInstant(entry.at), entry.store, entry.staff, entry.reason].filter(Boolean).join(" · ")}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
