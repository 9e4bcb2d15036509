// Deciding on ticked customers of the list: keep them, or erase them for good.
import { useEffect, useState } from "preact/hooks";
import { api, ApiError } from "../api/client";
import { followJob, type Job } from "../import/job";
import { formatNumber, region } from "../lib/format";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { Button, Dialog, ErrorState, errorText, Field, Input, Notice, Progress, SkeletonLines, TextArea, toast } from "../ui";
import { Fates } from "./fates";
import type { Retention } from "./model";

/** The same day some years on. */
function yearsOn(day: string, years: number): string {
  return `${Number(day.slice(0, 4)) + years}${day.slice(4) === "-02-29" ? "-02-28" : day.slice(4)}`;
}

export function KeepDialog(props: { ids: string[]; onClose: () => void; onDone: (list: Retention) => void }) {
  const { today } = region.value;
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState(yearsOn(today, 1));
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const fieldError = (field: string) =>
    error instanceof ApiError && error.problem.field === field ? error.message : null;
  const missing = tried && !reason.trim() ? t("consent.required") : null;
  const submit = () => {
    setTried(true);
    if (busy || !reason.trim() || !until) return;
    setBusy(true);
    setError(null);
    api
      .post("/retention/keep", { body: { ids: props.ids, reason: reason.trim(), until } })
      .then((list) => {
        toast(t("retention.kept_done"));
        props.onDone(list);
      }, setError)
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={t("retention.keep_title")}
      onClose={props.onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={props.onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="primary" busy={busy}>
            {t("retention.keep_do")}
          </Button>
        </>
      }
    >
      <div class="form">
        {error !== null && !fieldError("until") && !fieldError("reason") && (
          <Notice tone="red">{errorText(error)}</Notice>
        )}
        <Field label={t("retention.keep_reason")} hint={t("retention.keep_hint")} error={missing ?? fieldError("reason")}>
          <TextArea rows={2} maxLength={300} value={reason} onText={setReason} />
        </Field>
        <Field label={t("retention.keep_until")} error={fieldError("until")}>
          <Input type="date" min={today} value={until} onText={setUntil} />
        </Field>
      </div>
    </Dialog>
  );
}

/** The job runs on without anybody looking; who looks sees how far it is. */
function Running({ id, onEnd }: { id: string; onEnd: (job: Job) => void }) {
  const [job, setJob] = useState<Job | null>(null);
  useEffect(
    () =>
      followJob(
        id,
        (next) => {
          setJob(next);
          if (next.finished_at) onEnd(next);
        },
        () => undefined,
      ),
    [id],
  );
  const words = t("retention.erasing", {
    done: formatNumber(job?.done ?? 0),
    total: formatNumber(job?.total ?? 0),
  });
  return (
    <div role="status">
      <p>{words}</p>
      <Progress value={job?.done ?? 0} max={job?.total ?? null} label={words} />
    </div>
  );
}

export function EraseManyDialog(props: { ids: string[]; onClose: () => void; onDone: () => void }) {
  const { ids } = props;
  const preview = useLoad(`retention ${ids.join(",")}`, (signal) =>
    api.post("/retention/preview", { body: { ids }, signal }),
  );
  const [typed, setTyped] = useState("");
  const [job, setJob] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const right = typed.trim() === String(ids.length);
  const erase = () => {
    if (busy || job || !right) return;
    setBusy(true);
    setError(null);
    api
      .post("/retention/erase", { body: { ids, count: ids.length } })
      .then((started) => setJob(started.job_id), setError)
      .finally(() => setBusy(false));
  };
  const ended = (done: Job) => {
    if (done.state === "done") toast(t("retention.erased"));
    else toast(t("retention.erase_failed"), { tone: "red" });
    props.onDone();
  };
  return (
    <Dialog
      title={t("retention.erase_title")}
      onClose={job ? props.onDone : props.onClose}
      onSubmit={erase}
      footer={
        !job && (
          <>
            <Button onClick={props.onClose}>{t("ui.cancel")}</Button>
            <Button type="submit" variant="danger" busy={busy} disabled={!right}>
              {t("privacy.erase_confirm")}
            </Button>
          </>
        )
      }
    >
      {job ? (
        <Running id={job} onEnd={ended} />
      ) : preview.value ? (
        <div class="form">
          {error !== null && <Notice tone="red">{errorText(error)}</Notice>}
          <Fates tables={preview.value.tables} />
          {preview.value.left_out > 0 && (
            <Notice tone="amber">{t("retention.left_out", { count: formatNumber(preview.value.left_out) })}</Notice>
          )}
          <Field label={t("retention.erase_count", { count: String(ids.length) })}>
            <Input inputMode="numeric" autocomplete="off" value={typed} onText={setTyped} />
          </Field>
        </div>
      ) : preview.error ? (
        <ErrorState error={preview.error} retry={preview.reload} />
      ) : (
        <SkeletonLines lines={6} />
      )}
    </Dialog>
  );
}
