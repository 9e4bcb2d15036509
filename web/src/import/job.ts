// Follows a job over its event stream; reconnects by itself until the job has ended.
import { apiUrl, type Schemas } from "../api/client";

export type Job = Schemas["Job"];

export function hasEnded(job: Job): boolean {
  return job.state === "done" || job.state === "failed" || job.state === "canceled";
}

const retryMs = 2000;

/** Calls back on each change, and with whether the line holds. Returns what stops it. */
export function followJob(id: string, onJob: (job: Job) => void, onLine: (connected: boolean) => void): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  function stop(): void {
    stopped = true;
    clearTimeout(timer);
    source?.close();
  }
  function open(): void {
    source = new EventSource(apiUrl("/jobs/{id}/events", { path: { id } }));
    source.onopen = () => onLine(true);
    source.onmessage = (event: MessageEvent<string>) => {
      const job = JSON.parse(event.data) as Job;
      if (hasEnded(job)) stop();
      onJob(job);
    };
    source.onerror = () => {
      if (stopped) return;
      onLine(false);
      /* the browser gives up for good after an error answer: then we ask again ourselves */
      if (source?.readyState !== EventSource.CLOSED) return;
      clearTimeout(timer);
      timer = setTimeout(open, retryMs);
    };
  }
  open();
  return stop;
}
