// What was merged, the latest first, and taking it back.
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { formatMoney } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { useLoad, usePages } from "../lib/load";
import { nameOf } from "../customers/ticked";
import { Button, Dialog, EmptyState, ErrorState, Icon, InstantText, Notice, SkeletonLines, toast, toastError } from "../ui";
import { duplicatesChanged, type Merge, nameIn, undoMerge } from "./model";

function numberOf({ number }: Merge["survivor"]): string {
  return t("card.number", { number: String(number) });
}

/** What taking it back would leave, before it is done. */
function UndoDialog({ merge, onClose }: { merge: Merge; onClose: () => void }) {
  const [busy, setBusy] = useState(false);
  const preview = useLoad(`undo ${merge.id}`, (signal) =>
    api.get("/merges/{id}/undo", { path: { id: merge.id }, signal }),
  );
  const submit = () => {
    setBusy(true);
    undoMerge(merge.id)
      .then(() => {
        toast(t("duplicates.undone", { name: nameIn(merge.loser) }));
        onClose();
      })
      .catch((error: unknown) => {
        setBusy(false);
        toastError(error);
      });
  };
  const rows = preview.value && [preview.value.survivor, preview.value.loser].filter((row) => row !== null);
  return (
    <Dialog
      title={t("duplicates.undo_title")}
      onClose={onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="primary" busy={busy} disabled={!preview.value}>
            {t("duplicates.undo")}
          </Button>
        </>
      }
    >
      {preview.error ? (
        <ErrorState error={preview.error} />
      ) : !rows ? (
        <SkeletonLines lines={4} />
      ) : (
        <>
          <p>{t("duplicates.undo_text")}</p>
          <ul class="merge-after">
            {rows.map((row) => (
              <li key={row.id}>
                <span class="strong">{nameOf(row)}</span>{" "}
                <span class="small muted">{t("card.number", { number: String(row.number) })}</span>
                <span class="merge-after-worth">
                  {tn("duplicates.visits", row.visits)} · {formatMoney(row.spent_minor)}
                </span>
              </li>
            ))}
          </ul>
          <Notice>{t("duplicates.undo_later")}</Notice>
        </>
      )}
    </Dialog>
  );
}

function MergeRow({ merge, undo }: { merge: Merge; undo: () => void }) {
  return (
    <li class="merge-row">
      <span class="merge-who">
        <span class={merge.undone_at ? "" : "muted"}>
          {nameIn(merge.loser)} <span class="small muted">{numberOf(merge.loser)}</span>
        </span>
        <Icon name="arrow-right" size={14} />
        <a class="strong quiet-link" href={`/customers/${merge.survivor.id}`}>
          {nameIn(merge.survivor)}
        </a>
        <span class="small muted">{numberOf(merge.survivor)}</span>
      </span>
      <span class="small muted merge-when">
        <InstantText at={merge.made_at} /> · {merge.made_by}
      </span>
      {merge.undone_at ? (
        <span class="small muted">
          {t("duplicates.undone_by", { name: merge.undone_by ?? "" })} <InstantText at={merge.undone_at} />
        </span>
      ) : (
        <Button size="s" icon="undo-2" onClick={undo}>
          {t("duplicates.undo")}
        </Button>
      )}
    </li>
  );
}

export function Merges({ customer }: { customer?: string }) {
  const [undoing, setUndoing] = useState<Merge | null>(null);
  const pages = usePages(`merges ${customer ?? ""} ${duplicatesChanged.value}`, (cursor, signal) =>
    api.get("/merges", { query: { customer, cursor }, signal }),
  );
  if (pages.error) return <ErrorState error={pages.error} retry={pages.retry} />;
  if (!pages.first) return <SkeletonLines lines={5} />;
  return (
    <>
      {pages.items.length === 0 ? (
        <EmptyState icon="history" title={t("duplicates.none_merged")} text={t("duplicates.none_merged_text")} />
      ) : (
        <ul class="merge-list">
          {pages.items.map((merge) => (
            <MergeRow key={merge.id} merge={merge} undo={() => setUndoing(merge)} />
          ))}
        </ul>
      )}
      {pages.hasMore && (
        <Button busy={pages.loading} onClick={pages.more}>
          {t("duplicates.more")}
        </Button>
      )}
      {undoing && <UndoDialog merge={undoing} onClose={() => setUndoing(null)} />}
    </>
  );
}
