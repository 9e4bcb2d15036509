// The fidelity card on the customer's card: its number, larger to be scanned, printed, given again.
import { useEffect, useState } from "preact/hooks";
import { api } from "../api/client";
import { formatInstant } from "../lib/format";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { may } from "../shell/session";
import { Button, Dialog, errorText, Field, LinkButton, Notice, QrPicture, SkeletonLines, TextArea, toast } from "../ui";
import { Bars } from "./bars";
import { type FidelityCard, spaced } from "./model";

function Large({ id, card, onClose, onLost }: { id: string; card: FidelityCard; onClose: () => void; onLost: () => void }) {
  return (
    <Dialog
      title={t("fidelity.title")}
      onClose={onClose}
      footer={
        <>
          {may("customers_write") && (
            <Button variant="ghost" onClick={onLost}>
              {t("fidelity.lost")}
            </Button>
          )}
          <LinkButton icon="printer" href={`/cards/print?ids=${id}`}>
            {t("fidelity.print")}
          </LinkButton>
        </>
      }
    >
      <div class="fidelity-large">
        <QrPicture picture={card.qr} label={t("fidelity.qr", { number: card.number })} />
        <Bars picture={card.bars} label={t("fidelity.bars", { number: card.number })} />
        <p class="fidelity-number">{spaced(card.number)}</p>
      </div>
      {card.former.length > 0 && (
        <ul class="fidelity-former small muted">
          {card.former.map((one) => (
            <li key={one.number}>
              {t("fidelity.former", { number: spaced(one.number), day: one.lost_at ? formatInstant(one.lost_at) : "–" })}
              {one.reason && `: ${one.reason}`}
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}

function Lost(props: { id: string; onClose: () => void; onDone: (card: FidelityCard) => void }) {
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const go = () => {
    if (busy) return;
    setBusy(true);
    setError(null);
    api.post("/customers/{id}/card", { path: { id: props.id }, body: { reason } }).then(props.onDone, (cause: unknown) => {
      setError(cause);
      setBusy(false);
    });
  };
  return (
    <Dialog
      title={t("fidelity.lost")}
      onClose={props.onClose}
      onSubmit={go}
      footer={
        <>
          <Button onClick={props.onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="danger" busy={busy}>
            {t("fidelity.reissue")}
          </Button>
        </>
      }
    >
      <div class="form">
        {error !== null && <Notice tone="red">{errorText(error)}</Notice>}
        <p>{t("fidelity.lost_text")}</p>
        <Field label={t("fidelity.reason")}>
          <TextArea autofocus rows={2} maxLength={300} value={reason} onText={setReason} />
        </Field>
      </div>
    </Dialog>
  );
}

export function FidelityOf({ id }: { id: string }) {
  const loaded = useLoad(`fidelity ${id}`, (signal) => api.get("/customers/{id}/card", { path: { id }, signal }));
  const [open, setOpen] = useState<"large" | "lost" | null>(null);
  useEffect(() => setOpen(null), [id]);
  const card = loaded.value;
  return (
    <section class="fidelity">
      <h2>{t("fidelity.title")}</h2>
      {card ? (
        <button type="button" class="fidelity-open" title={t("fidelity.open")} onClick={() => setOpen("large")}>
          <Bars picture={card.bars} label={t("fidelity.bars", { number: card.number })} />
          <span class="fidelity-number">{spaced(card.number)}</span>
          <span class="hidden-text">{t("fidelity.open")}</span>
        </button>
      ) : loaded.error ? (
        <p class="muted">{errorText(loaded.error)}</p>
      ) : (
        <SkeletonLines lines={2} />
      )}
      {card && open === "large" && (
        <Large id={id} card={card} onClose={() => setOpen(null)} onLost={() => setOpen("lost")} />
      )}
      {open === "lost" && (
        <Lost
          id={id}
          onClose={() => setOpen(null)}
          onDone={(next) => {
            loaded.set(next);
            setOpen("large");
            toast(t("fidelity.reissued"));
          }}
        />
      )}
    </section>
  );
}
