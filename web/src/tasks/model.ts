// Tasks: read, changed, and how many wait.
import { signal } from "@preact/signals";
import { api, type Schemas } from "../api/client";
import { dayNumber, formatDay, formatDayRelative, region } from "../lib/format";
import { t } from "../lib/i18n";
import { toast, toastError } from "../ui";

export type Task = Schemas["Task"];
export interface TaskDraft {
  text: string;
  due: string;
  assignee_id: string;
}

/** The signed-in person's: asked for with each page, and when something changed here. */
export const count = signal<Schemas["TaskCount"] | null>(null);
export async function loadCount(): Promise<void> {
  try {
    count.value = await api.get("/tasks/count");
  } catch {
    /* what is there stays: the page itself tells of errors */
  }
}

const pathOf = (task: Task) => ({ id: task.customer_id, id2: task.id });

export async function saveTask(customer: string, task: Task | null, draft: TaskDraft): Promise<Task> {
  const body = { text: draft.text.trim(), due: draft.due || null, assignee_id: draft.assignee_id || null };
  const saved = task
    ? await api.patch("/customers/{id}/tasks/{id2}", { path: pathOf(task), version: task.version, body })
    : await api.post("/customers/{id}/tasks", { path: { id: customer }, body });
  void loadCount();
  return saved;
}

/** Done at once, or open again; the toast undoes it. */
export async function setDone(task: Task, done: boolean, onChange: () => void): Promise<void> {
  try {
    const saved = await api.patch("/customers/{id}/tasks/{id2}", {
      path: pathOf(task),
      version: task.version,
      body: { done },
    });
    onChange();
    void loadCount();
    toast(t(done ? "tasks.is_done" : "tasks.is_open"), { undo: () => void setDone(saved, !done, onChange) });
  } catch (error) {
    onChange();
    toastError(error);
  }
}

export async function removeTask(task: Task, onChange: () => void): Promise<void> {
  try {
    await api.delete("/customers/{id}/tasks/{id2}", { path: pathOf(task) });
    onChange();
    void loadCount();
    toast(t("tasks.deleted"), {
      undo: () =>
        void api.post("/customers/{id}/tasks/{id2}/restore", { path: pathOf(task) }).then(() => {
          onChange();
          void loadCount();
        }, toastError),
    });
  } catch (error) {
    toastError(error);
  }
}

export type When = "overdue" | "today" | "later" | "someday";
export function whenDue(task: Task): When {
  if (!task.due) return "someday";
  const days = dayNumber(task.due) - dayNumber(region.value.today);
  return days < 0 ? "overdue" : days === 0 ? "today" : "later";
}
export function dueWords(task: Task): string {
  if (!task.due) return t("tasks.someday");
  const when = whenDue(task);
  if (when === "today") return t("tasks.today");
  return when === "overdue" ? t("tasks.overdue_since", { day: formatDayRelative(task.due) }) : formatDay(task.due);
}
