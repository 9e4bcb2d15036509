// The tasks on a customer, on the card.
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { t, tn } from "../lib/i18n";
import { type Loaded, useLoad } from "../lib/load";
import { may } from "../shell/session";
import { Button, ErrorState, SkeletonLines } from "../ui";
import { TaskDialog } from "./dialog";
import { TaskList } from "./list";
import type { Task } from "./model";

type Tasks = Loaded<{ items: Task[] }>;

export function useTasks(customer: string): Tasks {
  return useLoad(`tasks ${customer}`, (signal) => api.get("/customers/{id}/tasks", { path: { id: customer }, signal }));
}

export function CustomerTasks({ customer, tasks }: { customer: string; tasks: Tasks }) {
  const [adding, setAdding] = useState(false);
  const items = tasks.value?.items ?? [];
  const done = items.filter((task) => task.done_at);
  const open = items.filter((task) => !task.done_at);
  return (
    <section class="card-section">
      <header>
        <h2>{t("tasks.title")}</h2>
        {may("customers_write") && (
          <Button size="s" icon="plus" onClick={() => setAdding(true)}>
            {t("tasks.add")}
          </Button>
        )}
      </header>
      {!tasks.value && !tasks.error && <SkeletonLines lines={2} />}
      {!tasks.value && tasks.error !== undefined && <ErrorState error={tasks.error} retry={tasks.reload} />}
      {tasks.value && open.length === 0 && <p class="muted">{t("tasks.none_here")}</p>}
      <TaskList tasks={open} label={t("tasks.title")} onChange={tasks.reload} />
      {done.length > 0 && (
        <details class="tasks-done">
          <summary>{tn("tasks.done_count", done.length)}</summary>
          <TaskList tasks={done} label={t("tasks.done")} onChange={tasks.reload} />
        </details>
      )}
      {adding && <TaskDialog customer={customer} task={null} onClose={() => setAdding(false)} onSaved={tasks.reload} />}
    </section>
  );
}

/** Open ones on the overview, while there are some. */
export function OpenTasks({ tasks }: { tasks: Tasks }) {
  const open = tasks.value?.items.filter((task) => !task.done_at) ?? [];
  if (open.length === 0) return null;
  return (
    <section class="card-section">
      <header>
        <h2>{t("tasks.title")}</h2>
      </header>
      <TaskList tasks={open} label={t("tasks.title")} onChange={tasks.reload} />
    </section>
  );
}
