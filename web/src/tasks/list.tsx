// Tasks in a list: done with one click, changed and deleted beside it.
import { useState } from "preact/hooks";
import { formatInstant } from "../lib/format";
import { t } from "../lib/i18n";
import { may } from "../shell/session";
import { Avatar, Checkbox, IconButton } from "../ui";
import { TaskDialog } from "./dialog";
import { dueWords, removeTask, setDone, type Task, whenDue } from "./model";

function Row({ task, onChange }: { task: Task; onChange: () => void }) {
  const [editing, setEditing] = useState(false);
  const done = task.done_at !== null;
  const { customer } = task;
  const writes = may("customers_write");
  const name = customer && (customer.name || customer.nickname || t("card.number", { number: String(customer.number) }));
  return (
    <li class={`task task-${done ? "done" : whenDue(task)}`}>
      <Checkbox
        quiet
        checked={done}
        disabled={!writes}
        label={t(done ? "tasks.reopen" : "tasks.finish", { text: task.text })}
        onChecked={(checked) => void setDone(task, checked, onChange)}
      />
      <div class="task-words">
        <p class="task-text">{task.text}</p>
        <p class="small muted">
          {done ? (
            <span title={formatInstant(task.done_at!)}>{t("tasks.done_by", { name: task.done_by ?? "" })}</span>
          ) : (
            <span class="task-due">{dueWords(task)}</span>
          )}
          {" · "}
          {task.assignee ?? t("tasks.anybody")}
        </p>
      </div>
      {customer && (
        <a class="task-customer" href={`/customers/${customer.id}?tab=notes`}>
          <Avatar id={customer.id} name={customer.name} photo={customer.photo} />
          <span class="cut">{name}</span>
        </a>
      )}
      {writes && (
        <span class="task-actions">
          <IconButton icon="pencil" iconSize={14} label={t("tasks.edit")} onClick={() => setEditing(true)} />
          <IconButton icon="trash-2" iconSize={14} label={t("tasks.delete")} onClick={() => void removeTask(task, onChange)} />
        </span>
      )}
      {editing && (
        <TaskDialog customer={task.customer_id} task={task} onClose={() => setEditing(false)} onSaved={onChange} />
      )}
    </li>
  );
}

export function TaskList(props: { tasks: readonly Task[]; onChange: () => void; label: string }) {
  return (
    <ul class="tasks" aria-label={props.label}>
      {props.tasks.map((task) => (
        <Row key={task.id} task={task} onChange={props.onChange} />
      ))}
    </ul>
  );
}
