// A task's text, day, and who is to do it.
import { useState } from "preact/hooks";
import { api, ApiError, hasCode } from "../api/client";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { session } from "../shell/session";
import { Button, Dialog, errorText, Field, Input, Notice, Select, TextArea } from "../ui";
import { saveTask, type Task, type TaskDraft } from "./model";

export function TaskDialog(props: { customer: string; task: Task | null; onClose: () => void; onSaved: () => void }) {
  const { task } = props;
  const [draft, setDraft] = useState<TaskDraft>({
    text: task?.text ?? "",
    due: task?.due ?? "",
    assignee_id: task ? (task.assignee_id ?? "") : session.value!.staff.id,
  });
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const people = useLoad("assignees", (signal) => api.get("/tasks/assignees", { signal }));
  const set = (part: Partial<TaskDraft>) => setDraft((now) => ({ ...now, ...part }));
  const problem = failure instanceof ApiError ? failure.problem : null;
  const error = (field: string) => (problem?.field === field ? problem.detail : null);
  const submit = async () => {
    if (busy) return;
    setBusy(true);
    setFailure(null);
    try {
      await saveTask(props.customer, task, draft);
      props.onSaved();
      props.onClose();
    } catch (reason) {
      setFailure(reason);
    } finally {
      setBusy(false);
    }
  };
  const options = (people.value?.items ?? [{ id: draft.assignee_id, name: "…" }]).map((one) => ({ value: one.id, label: one.name }));
  return (
    <Dialog
      title={t(task ? "tasks.edit" : "tasks.add")}
      onClose={props.onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={props.onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="primary" busy={busy}>
            {t(task ? "settings.save" : "tasks.add")}
          </Button>
        </>
      }
    >
      <div class="form">
        <Field label={t("tasks.text")} error={error("text")}>
          <TextArea rows={2} autofocus required maxLength={500} value={draft.text} onText={(text) => set({ text })} />
        </Field>
        <Field label={t("tasks.due")} error={error("due")}>
          <Input type="date" value={draft.due} onText={(due) => set({ due })} />
        </Field>
        <Field label={t("tasks.assignee")} error={error("assignee_id")}>
          <Select
            value={draft.assignee_id}
            options={[{ value: "", label: t("tasks.anybody") }, ...options.filter((one) => one.value)]}
            onValue={(assignee_id) => set({ assignee_id })}
          />
        </Field>
        {failure !== null && !problem?.field && (
          <Notice tone="red">{hasCode(failure, "stale") ? t("tasks.stale") : errorText(failure)}</Notice>
        )}
      </div>
    </Dialog>
  );
}
