// An import on its way: how far, how long still, and the way to stop it.
import { useEffect, useState } from "preact/hooks";
import { api } from "../api/client";
import { formatDuration, formatNumber, formatPercent } from "../lib/format";
import { t } from "../lib/i18n";
import { Button, ConfirmDialog, Progress, toastError } from "../ui";
import { followJob, hasEnded, type Job } from "./job";

/** Milliseconds left at the pace so far; null while that says too little. */
function timeLeft(job: Job): number | null {
  if (!job.started_at || !job.total || job.done < job.total / 50) return null;
  const spent = Date.now() - Date.parse(job.started_at);
  if (spent < 2000) return null;
  return (spent / job.done) * (job.total - job.done);
}

function Words({ job }: { job: Job }) {
  if (job.state === "waiting") return <>{t("import.progress_waiting")}</>;
  const left = timeLeft(job);
  const parts = [
    job.total ? formatPercent(job.done / job.total) : formatNumber(job.done),
    left !== null && t("import.progress_left", { time: formatDuration(left) }),
  ].filter(Boolean);
  return <>{parts.join(" · ")}</>;
}

export function Running(props: { job: Job; onEnd: () => void }) {
  const [job, setJob] = useState(props.job);
  const [connected, setConnected] = useState(true);
  const [asking, setAsking] = useState(false);
  const [stopping, setStopping] = useState(false);
  useEffect(() => {
    if (hasEnded(props.job)) {
      props.onEnd();
      return;
    }
    return followJob(
      props.job.id,
      (next) => {
        setJob(next);
        if (hasEnded(next)) props.onEnd();
      },
      setConnected,
    );
  }, [props.job.id]);
  const cancel = () => {
    setAsking(false);
    setStopping(true);
    api.delete("/jobs/{id}", { path: { id: job.id } }).catch((error: unknown) => {
      setStopping(false);
      toastError(error);
    });
  };
  return (
    <section class="running" aria-live="polite">
      <header>
        <h2>{t("import.progress")}</h2>
        <span class="muted">
          <Words job={job} />
        </span>
      </header>
      <Progress value={job.done} max={job.total} label={t("import.progress")} />
      <p class="muted">
        {!connected ? t("import.reconnecting") : stopping ? t("import.cancel_asked") : t("import.progress_leave")}
      </p>
      <Button busy={stopping} onClick={() => setAsking(true)}>
        {t("import.cancel")}
      </Button>
      {asking && (
        <ConfirmDialog
          title={t("import.cancel_title")}
          text={t("import.cancel_text")}
          confirm={t("import.cancel")}
          danger
          onConfirm={cancel}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  );
}
