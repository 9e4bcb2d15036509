// Merging all pairs above a score: what would happen, then the yes.
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { formatNumber, formatPercent } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { setQuery } from "../lib/router";
import { Button, Dialog, ErrorState, Field, Notice, Select, SkeletonLines, toastError } from "../ui";
import { nameIn, noteChange, type RunPreview } from "./model";

const choices = ["99", "98", "97", "95", "90", "85", "80"] as const;

function Ahead({ seen }: { seen: RunPreview }) {
  if (seen.pairs === 0) return <p class="muted">{t("duplicates.all_none")}</p>;
  return (
    <>
      <p class="strong" role="status">
        {tn("duplicates.all_pairs", seen.merging, { count: formatNumber(seen.merging) })}
      </p>
      <p class="small muted">{t("duplicates.all_least")}</p>
      <ul class="merge-after">
        {seen.least_likely.map(({ survivor, loser, percent }) => (
          <li key={`${survivor.id} ${loser.id}`}>
            <span>
              {t("duplicates.all_into", { loser: nameIn(loser), survivor: nameIn(survivor) })}{" "}
              <span class="small muted">{t("card.number", { number: String(survivor.number) })}</span>
            </span>
            <span class="merge-after-worth">{formatPercent(percent / 100)}</span>
          </li>
        ))}
      </ul>
      {seen.later > 0 && <Notice>{t("duplicates.all_later")}</Notice>}
      {seen.more && <Notice>{t("duplicates.all_more", { count: formatNumber(seen.pairs) })}</Notice>}
    </>
  );
}

export function MergeAllDialog({ onClose }: { onClose: () => void }) {
  const [min, setMin] = useState<string>("95");
  const [busy, setBusy] = useState(false);
  const preview = useLoad(`merge all ${min}`, (signal) =>
    api.post("/merge-runs/preview", { body: { min: Number(min) }, signal }),
  );
  const seen = preview.value;
  const submit = () => {
    if (!seen || seen.merging === 0) return;
    setBusy(true);
    api
      .post("/merge-runs", { body: { min: Number(min), expect: seen.pairs } })
      .then(() => {
        noteChange();
        onClose();
        setQuery({ tab: "merged", reason: null, since: null });
      })
      .catch((error: unknown) => {
        setBusy(false);
        toastError(error);
        preview.reload();
      });
  };
  return (
    <Dialog
      title={t("duplicates.all_title")}
      onClose={onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="primary" busy={busy} disabled={!seen || seen.merging === 0}>
            {tn("duplicates.all_merge", seen?.merging ?? 0, { count: formatNumber(seen?.merging ?? 0) })}
          </Button>
        </>
      }
    >
      <p class="merge-all-text">{t("duplicates.all_text")}</p>
      <Field label={t("duplicates.all_min")}>
        <Select
          value={min}
          onValue={setMin}
          options={choices.map((one) => ({ value: one, label: formatPercent(Number(one) / 100) }))}
        />
      </Field>
      <div class="merge-all-ahead">
        {preview.error ? (
          <ErrorState error={preview.error} retry={preview.reload} />
        ) : !seen ? (
          <SkeletonLines lines={5} />
        ) : (
          <Ahead seen={seen} />
        )}
      </div>
    </Dialog>
  );
}
