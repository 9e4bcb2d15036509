// Under the list: how many are chosen, all the others with one click, and what can be done with them.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { chosenCount, chooseEverything, everything, selectionNow, untickAll } from "../customers/ticked";
import { counts, refresh } from "../customers/rows";
import { PanelInside } from "../customers/late-panel";
import { narrow } from "../customers/state";
import { formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { may } from "../shell/session";
import { useShortcuts } from "../shell/shortcuts";
import { Button, Dialog, IconButton, Menu, type MenuItem, Progress } from "../ui";
import { BulkDialog } from "./dialog";
import { ExportDialog } from "./export";
import { type Action, actionNames, allowed, actions, begun, bulkEnded, running, type Selection, stop, words } from "./model";

const first: readonly Action[] = ["tag_add", "group_add", "favourite_add"];

function Going() {
  const now = running.value;
  if (!now) return null;
  const { job } = now;
  return (
    <div class="bulk-bar bulk-going" role="status">
      <span class="cut">{t(now.undo ? "bulk.undoing" : "bulk.going", { action: words(now.bulk) })}</span>
      <Progress
        value={job.done}
        max={job.total}
        label={t("bulk.progress", { done: formatNumber(job.done), total: formatNumber(job.total ?? 0) })}
      />
      <Button size="s" onClick={() => stop(job)}>
        {t("bulk.stop")}
      </Button>
    </div>
  );
}

function useEnded(): void {
  const ended = bulkEnded.value;
  const seen = useRef(ended);
  useEffect(() => {
    if (seen.current !== ended) refresh();
    seen.current = ended;
  }, [ended]);
}

export function BulkBar() {
  const exporting = useSignal<Selection | null>(null);
  const showing = useSignal(false);
  const bar = useRef<HTMLDivElement>(null);
  useEnded();
  useEffect(() => () => void (begun.value = null), []);
  useShortcuts("shortcuts.list", [
    { keys: ["a"], text: "shortcuts.choose_all", run: chooseEverything },
    { keys: ["b"], text: "shortcuts.bulk", run: () => bar.current?.querySelector<HTMLElement>("[data-first]")?.focus() },
  ]);
  const n = chosenCount.value;
  const matching = counts.value?.matching ?? 0;
  if (!n) return <Going />;
  const begin = (action: Action) => (begun.value = { action, selection: selectionNow() });
  const item = (action: Action): MenuItem => ({
    label: t(`bulk.do.${action}`),
    icon: actions[action].icon,
    danger: actions[action].danger,
    onSelect: () => begin(action),
  });
  const small = narrow.value;
  const rest = actionNames.filter((action) => allowed(action)).filter((action) => small || !first.includes(action));
  return (
    <>
      <Going />
      <div class="bulk-bar" role="toolbar" aria-label={t("bulk.bar")} ref={bar}>
        <IconButton icon="x" label={t("panel.close")} onClick={untickAll} />
        <span class="bulk-count" role="status">
          <strong>{tn("bulk.chosen", n, { count: formatNumber(n) })}</strong>
          {!everything.value && matching > n && (
            <button type="button" class="bulk-all" onClick={chooseEverything}>
              {tn("bulk.choose_all", matching, { count: formatNumber(matching) })}
            </button>
          )}
        </span>
        <span class="bulk-actions">
          {small && (
            <Button onClick={() => (showing.value = true)}>{t("panel.show")}</Button>
          )}
          {!small &&
            first.map((action, i) => (
              <Button key={action} icon={actions[action].icon} data-first={i === 0 || undefined} onClick={() => begin(action)}>
                {t(`bulk.short.${action}`)}
              </Button>
            ))}
          {!small && may("export") && (
            <Button icon="download" onClick={() => (exporting.value = selectionNow())}>
              {t("bulk.export")}
            </Button>
          )}
          <Menu
            label={t("bulk.more")}
            align="end"
            items={[
              ...rest.slice(0, -2).map(item),
              ...(small && may("export")
                ? [{ label: t("bulk.export"), icon: "download" as const, onSelect: () => (exporting.value = selectionNow()) }]
                : []),
              "line",
              ...rest.slice(-2).map(item),
              "line",
              { label: t("bulk.past"), icon: "history", href: "/actions" },
            ]}
            button={(attributes) =>
              small ? (
                <Button variant="primary" data-first {...attributes}>
                  {t("bulk.act")}
                </Button>
              ) : (
                <IconButton icon="ellipsis" variant="secondary" label={t("bulk.more")} {...attributes} />
              )
            }
          />
        </span>
      </div>
      {begun.value && (
        <BulkDialog
          {...begun.value}
          onClose={() => (begun.value = null)}
          onStarted={() => {
            begun.value = null;
            showing.value = false;
            untickAll();
          }}
        />
      )}
      {exporting.value && (
        <ExportDialog
          selection={exporting.value}
          customers={tn("bulk.customers", n, { count: formatNumber(n) })}
          onClose={() => (exporting.value = null)}
        />
      )}
      {showing.value && !begun.value && (
        <Dialog title={tn("bulk.chosen", n, { count: formatNumber(n) })} shape="sheet" onClose={() => (showing.value = false)}>
          <PanelInside />
        </Dialog>
      )}
    </>
  );
}
