// Settings → Loyalty: how points are earned. Rules are changed in a draft; what they would have given is
// told while it is changed, and nothing counts before it is saved.
import { useState } from "preact/hooks";
import { api, ApiError } from "../api/client";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { isStale, Versioned } from "../settings/section";
import { may } from "../shell/session";
import { Button, EmptyState, ErrorState, errorText, IconButton, Notice, SkeletonLines, Switch, toast } from "../ui";
import { bodyOf, freshRule, type Places, type Plan, type Rule, sameRules, says } from "./model";
import { RuleDialog } from "./rule-dialog";
import { DryRun, type Span, useTrial } from "./trial";

function RuleLine(props: {
  rule: Rule;
  places: Places;
  problem: string | null;
  disabled: boolean;
  onActive: (active: boolean) => void;
  onEdit: () => void;
  onRemove: () => void;
}) {
  const { rule, disabled } = props;
  const words = says(rule, props.places);
  return (
    <li class={`earning-rule ${rule.active ? "" : "earning-off"}`}>
      <Switch
        checked={rule.active}
        disabled={disabled}
        label={<span class="hidden-text">{t("earning.active_of", { name: rule.name })}</span>}
        onChecked={props.onActive}
      />
      <div class="earning-words">
        <p class="strong">{rule.name}</p>
        <p>{words.gift}</p>
        <p class="small muted">{words.conditions.join(" · ")}</p>
        {props.problem && <p class="field-error">{props.problem}</p>}
      </div>
      {!disabled && (
        <span class="earning-act">
          <IconButton icon="pencil" iconSize={14} label={t("earning.edit", { name: rule.name })} onClick={props.onEdit} />
          <IconButton icon="trash-2" iconSize={14} label={t("earning.remove", { name: rule.name })} onClick={props.onRemove} />
        </span>
      )}
    </li>
  );
}

function problemAt(error: unknown, at: number): string | null {
  return error instanceof ApiError && error.problem.field?.startsWith(`rules.${at}.`) ? error.message : null;
}

async function put(rules: readonly Rule[], version: number): Promise<Plan> {
  return await api.put("/earning", { body: { rules: bodyOf(rules) }, version });
}

function Trying(props: { rules: readonly Rule[]; kept: Plan }) {
  const [span, setSpan] = useState<Span>("month");
  const tried = useTrial(props.rules, span, props.kept.version);
  return <DryRun tried={tried} span={span} onSpan={setSpan} changed={!sameRules(props.rules, props.kept.rules)} />;
}

function Editor(props: { kept: Plan; places: Places; onKept: (kept: Plan) => void; reload: () => void }) {
  const { kept, places } = props;
  const [draft, setDraft] = useState<readonly Rule[]>(kept.rules);
  const [editing, setEditing] = useState<number | "new" | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const disabled = !may("settings");
  const dirty = !sameRules(draft, kept.rules);
  const take = (next: Plan, words: string, undo?: () => void) => {
    props.onKept(next);
    setDraft(next.rules);
    toast(t(words), { undo });
  };
  const failed = (cause: unknown) => {
    setError(cause);
    if (isStale(cause)) props.reload();
  };
  const save = () => {
    const before = kept.rules;
    setBusy(true);
    setError(null);
    put(draft, kept.version)
      .then(
        (next) =>
          take(next, "earning.saved", () => {
            put(before, next.version).then((back) => take(back, "settings.undone"), failed);
          }),
        failed,
      )
      .finally(() => setBusy(false));
  };
  const change = (at: number, rule: Rule) => setDraft(draft.map((one, i) => (i === at ? rule : one)));
  const elsewhere = error !== null && !draft.some((_, i) => problemAt(error, i));
  return (
    <>
      {elsewhere && !isStale(error) && <Notice tone="red">{errorText(error)}</Notice>}
      {draft.length === 0 ? (
        <EmptyState icon="star" title={t("earning.none")} text={t("earning.none_text")} />
      ) : (
        <ul class="earning-list">
          {draft.map((rule, at) => (
            <RuleLine
              key={rule.id ?? `new ${at}`}
              rule={rule}
              places={places}
              problem={problemAt(error, at)}
              disabled={disabled}
              onActive={(active) => change(at, { ...rule, active })}
              onEdit={() => setEditing(at)}
              onRemove={() => setDraft(draft.filter((_, i) => i !== at))}
            />
          ))}
        </ul>
      )}
      <p class="small muted">{t("earning.combine")}</p>
      {!disabled && (
        <>
          <div class="settings-save">
            <Button icon="plus" disabled={draft.length >= kept.rules_most} onClick={() => setEditing("new")}>
              {t("earning.add")}
            </Button>
            <Button variant="primary" busy={busy} disabled={!dirty} onClick={save}>
              {t("settings.save")}
            </Button>
            {dirty && (
              <Button variant="ghost" onClick={() => setDraft(kept.rules)}>
                {t("settings.discard")}
              </Button>
            )}
          </div>
          {(draft.length > 0 || kept.rules.length > 0) && <Trying rules={draft} kept={kept} />}
        </>
      )}
      {editing !== null && (
        <RuleDialog
          rule={editing === "new" ? freshRule(kept.today) : draft[editing]!}
          isNew={editing === "new"}
          places={places}
          onClose={() => setEditing(null)}
          onRule={(rule) => {
            if (editing === "new") setDraft([...draft, rule]);
            else change(editing, rule);
            setEditing(null);
          }}
        />
      )}
    </>
  );
}

export function EarningSettings() {
  const loaded = useLoad("earning", async (signal) => {
    const [plan, stores, { tiers }] = await Promise.all([
      api.get("/earning", { signal }),
      api.get("/stores", { signal }),
      api.get("/tiers", { signal }),
    ]);
    const places: Places = { stores: stores.items, tiers };
    return { plan, places };
  });
  const { value } = loaded;
  return (
    <section class="settings-section earning" id="earning">
      <header>
        <h2>{t("earning.title")}</h2>
        <p class="muted">{t(may("settings") ? "earning.text" : "settings.merchant_readonly")}</p>
      </header>
      <div class="form">
        {value ? (
          <Versioned loaded={loaded} version={(kept) => kept.plan.version}>
            {(kept, form) => (
              <Editor
                kept={kept.plan}
                places={kept.places}
                onKept={(plan) => form.set({ ...kept, plan })}
                reload={form.reload}
              />
            )}
          </Versioned>
        ) : loaded.error ? (
          <ErrorState error={loaded.error} retry={loaded.reload} />
        ) : (
          <SkeletonLines lines={8} />
        )}
      </div>
    </section>
  );
}
