// /tasks?who=all&state=done: what is to be done, by day.
import { api } from "../api/client";
import { formatNumber } from "../lib/format";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { address, setQuery } from "../lib/router";
import { EmptyState, ErrorState, LinkButton, PageHeader, Segmented, SkeletonLines } from "../ui";
import { TaskList } from "./list";
import { loadCount, type Task, type When, whenDue } from "./model";

const groups: readonly When[] = ["overdue", "today", "later", "someday"];

function Groups({ tasks, onChange }: { tasks: readonly Task[]; onChange: () => void }) {
  return (
    <>
      {groups.map((when) => {
        const some = tasks.filter((task) => whenDue(task) === when);
        if (some.length === 0) return null;
        return (
          <section key={when} class="tasks-group">
            <h2 class={`tasks-${when}`}>
              {t(`tasks.group_${when}`)} <span class="muted">{formatNumber(some.length)}</span>
            </h2>
            <TaskList tasks={some} label={t(`tasks.group_${when}`)} onChange={onChange} />
          </section>
        );
      })}
    </>
  );
}

export default function TasksPage() {
  const { query } = address.value;
  const who = query.get("who") === "all" ? "all" : "mine";
  const state = query.get("state") === "done" ? "done" : "open";
  const tasks = useLoad(`tasks of ${who} ${state}`, (signal) => api.get("/tasks", { query: { who, state }, signal }));
  const items = tasks.value?.items;
  const again = () => {
    tasks.reload();
    void loadCount();
  };
  return (
    <div class="page tasks-page">
      <PageHeader
        title={t("nav.tasks")}
        subtitle={t("tasks.lead")}
        actions={
          <>
            <Segmented<"mine" | "all">
              label={t("tasks.whose")}
              value={who}
              onValue={(next) => setQuery({ who: next === "all" ? "all" : null })}
              options={[
                { value: "mine", label: t("tasks.mine") },
                { value: "all", label: t("tasks.all") },
              ]}
            />
            <Segmented<"open" | "done">
              label={t("tasks.which")}
              value={state}
              onValue={(next) => setQuery({ state: next === "done" ? "done" : null })}
              options={[
                { value: "open", label: t("tasks.open") },
                { value: "done", label: t("tasks.done") },
              ]}
            />
          </>
        }
      />
      {items ? (
        items.length === 0 ? (
          <EmptyState
            icon="circle-check"
            title={t(state === "done" ? "tasks.none_done" : "tasks.none_open")}
            text={t("tasks.none_text")}
            action={<LinkButton href="/customers">{t("card.to_customers")}</LinkButton>}
          />
        ) : state === "done" ? (
          <TaskList tasks={items} label={t("tasks.done")} onChange={again} />
        ) : (
          <Groups tasks={items} onChange={again} />
        )
      ) : tasks.error ? (
        <ErrorState error={tasks.error} retry={tasks.reload} />
      ) : (
        <SkeletonLines lines={6} />
      )}
    </div>
  );
}
