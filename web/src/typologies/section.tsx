// Settings: the rules that sort customers into types. Numbers stand in sentences, the order is changed by
// buttons or by dragging, and what would change is told while it is typed.
import { useState } from "preact/hooks";
import { api, ApiError } from "../api/client";
import { formatNumber } from "../lib/format";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { usePreview } from "../lib/preview";
import { may } from "../shell/session";
import { isStale, Versioned } from "../settings/section";
import { Button, ErrorState, errorText, IconButton, Icon, Notice, SkeletonLines, toast } from "../ui";
import { TypeBadge } from "./badge";
import { bodyOf, moved, type NumberName, type Preview, type Rules, sameRules, typeKey, typeText, type Typologies } from "./model";
import { Movements } from "./movements";
import { OwnDialog } from "./own";
import { Sentence } from "./sentence";

const sentences: Readonly<Record<string, readonly NumberName[]>> = {
  vip: ["vip_visits", "vip_months"],
  new: ["new_months", "new_visits_max"],
  occasional: ["occasional_max", "occasional_months"],
  at_risk: ["at_risk_days"],
};

function Change({ preview, type }: { preview: Preview | undefined; type: string }) {
  const after = preview?.after.find((one) => one.type === type)?.customers;
  const before = preview?.before.find((one) => one.type === type)?.customers ?? 0;
  if (after === undefined) return <span class="typology-count" />;
  const change = after - before;
  return (
    <span class="typology-count">
      <span class="number">{formatNumber(after)}</span>
      {change !== 0 && (
        <span class="small muted" title={t("typologies.was", { count: formatNumber(before) })}>
          {change > 0 ? "+" : "−"}
          {formatNumber(Math.abs(change))}
        </span>
      )}
    </span>
  );
}

interface ListProps {
  rules: Rules;
  limits: Typologies["limits"];
  preview: Preview | undefined;
  problem: ApiError | null;
  disabled: boolean;
  onRules: (rules: Rules) => void;
  onEdit: (at: number) => void;
}

/** The place of an own typology among them: what problems are told of. */
function ownPlace(rules: Rules, at: number): number {
  return rules.order.slice(0, at).filter((one) => one.type === "own").length;
}

function Line(props: ListProps & { at: number; dragged: number | null; onDragged: (at: number | null) => void }) {
  const { rules, at, disabled } = props;
  const one = rules.order[at]!;
  const key = typeKey(one);
  const own = one.type === "own";
  const name = typeText(key);
  const move = (to: number) => props.onRules({ ...rules, order: moved(rules.order, at, to) });
  const refused = own && props.problem?.problem.field?.startsWith(`own.${ownPlace(rules, at)}.`);
  const wrong = refused ? props.problem!.message : (one.problem?.detail ?? null);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    if (props.dragged !== null && props.dragged !== at)
      props.onRules({ ...rules, order: moved(rules.order, props.dragged, at) });
    props.onDragged(null);
  };
  return (
    <li
      class={`typology ${props.dragged === at ? "typology-dragged" : ""}`}
      onDragOver={(event) => event.preventDefault()}
      onDrop={drop}
    >
      {!disabled && (
        <span class="typology-order">
          <span
            class="typology-grip"
            draggable
            aria-hidden="true"
            onDragStart={() => props.onDragged(at)}
            onDragEnd={() => props.onDragged(null)}
          >
            <Icon name="grip-vertical" size={14} />
          </span>
          <IconButton icon="arrow-up" iconSize={14} label={t("typologies.up", { name })} disabled={at === 0} onClick={() => move(at - 1)} />
          <IconButton
            icon="arrow-down"
            iconSize={14}
            label={t("typologies.down", { name })}
            disabled={at === rules.order.length - 1}
            onClick={() => move(at + 1)}
          />
        </span>
      )}
      <div class="typology-rule">
        <TypeBadge type={key} />
        {own ? (
          <p class="typology-sentence">
            <code class="typology-query">{one.query}</code>
            {!disabled && (
              <>
                <IconButton icon="pencil" iconSize={14} label={t("typologies.edit", { name })} onClick={() => props.onEdit(at)} />
                <IconButton
                  icon="trash-2"
                  iconSize={14}
                  label={t("typologies.remove", { name })}
                  onClick={() => props.onRules({ ...rules, order: rules.order.filter((_, i) => i !== at) })}
                />
              </>
            )}
          </p>
        ) : (
          <Sentence
            rule={one.type}
            names={sentences[one.type] ?? []}
            rules={rules}
            limits={props.limits}
            disabled={disabled}
            onNumber={(number, value) => props.onRules({ ...rules, [number]: value })}
          />
        )}
        {wrong && <p class="field-error">{wrong}</p>}
      </div>
      <Change preview={props.preview} type={key} />
    </li>
  );
}

function RuleList(props: ListProps) {
  const [dragged, setDragged] = useState<number | null>(null);
  return (
    <ol class="typology-list">
      {props.rules.order.map((one, at) => (
        <Line key={typeKey(one)} {...props} at={at} dragged={dragged} onDragged={setDragged} />
      ))}
      <li class="typology">
        {!props.disabled && <span class="typology-order" />}
        <div class="typology-rule">
          <TypeBadge type="regular" />
          <p class="typology-sentence">{t("typologies.rule_regular")}</p>
        </div>
        <Change preview={props.preview} type="regular" />
      </li>
    </ol>
  );
}

async function put(rules: Rules, version: number): Promise<Typologies> {
  return await api.put("/typologies", { body: bodyOf(rules), version });
}

function Editor({ kept, onKept, reload }: { kept: Typologies; onKept: (kept: Typologies) => void; reload: () => void }) {
  const [draft, setDraft] = useState(kept.rules);
  const [editing, setEditing] = useState<number | "new" | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const disabled = !may("settings");
  const verdict = usePreview(draft, !disabled, kept.version, (signal) =>
    api.post("/typologies/preview", { body: { ...bodyOf(draft), limit: 0 }, signal }),
  );
  const dirty = !sameRules(draft, kept.rules);
  const told = verdict && sameRules(verdict.of, draft) ? verdict : null;
  const problem = told?.error instanceof ApiError ? told.error : null;
  const owns = draft.order.filter((one) => one.type === "own").length;

  const take = (next: Typologies, words: string, undo?: () => void) => {
    onKept(next);
    setDraft(next.rules);
    toast(t(words), { undo });
  };
  const failed = (cause: unknown) => {
    setError(cause);
    if (isStale(cause)) reload();
  };
  const save = () => {
    const before = kept.rules;
    setBusy(true);
    setError(null);
    put(draft, kept.version)
      .then(
        (next) =>
          take(next, "typologies.saved", () => {
            put(before, next.version).then((back) => take(back, "settings.undone"), failed);
          }),
        failed,
      )
      .finally(() => setBusy(false));
  };
  return (
    <>
      {error !== null && !isStale(error) && <Notice tone="red">{errorText(error)}</Notice>}
      <RuleList
        rules={draft}
        limits={kept.limits}
        preview={verdict?.preview}
        problem={problem}
        disabled={disabled}
        onRules={setDraft}
        onEdit={setEditing}
      />
      <Sentence
        rule="active"
        names={["active_months"]}
        rules={draft}
        limits={kept.limits}
        disabled={disabled}
        onNumber={(name, value) => setDraft({ ...draft, [name]: value })}
      />
      {!disabled && (
        <>
          {problem && !problem.problem.field?.startsWith("own.") && <p class="field-error">{problem.message}</p>}
          {dirty && told?.preview && <Movements rules={draft} preview={told.preview} />}
          <div class="settings-save">
            <Button variant="primary" busy={busy} disabled={!dirty || problem !== null} onClick={save}>
              {t("settings.save")}
            </Button>
            {dirty && (
              <Button variant="ghost" onClick={() => setDraft(kept.rules)}>
                {t("settings.discard")}
              </Button>
            )}
            <Button icon="plus" disabled={owns >= kept.own_most} onClick={() => setEditing("new")}>
              {t("typologies.add_own")}
            </Button>
            {!sameRules(draft, kept.defaults) && (
              <Button variant="ghost" icon="rotate-ccw" onClick={() => setDraft(kept.defaults)}>
                {t("typologies.defaults")}
              </Button>
            )}
          </div>
        </>
      )}
      {editing !== null && (
        <OwnDialog
          at={editing === "new" ? null : editing}
          rules={draft}
          onClose={() => setEditing(null)}
          onRules={(next) => {
            setEditing(null);
            setDraft(next);
          }}
        />
      )}
    </>
  );
}

export function TypologySettings() {
  const loaded = useLoad("typologies", (signal) => api.get("/typologies", { signal }));
  return (
    <section class="settings-section typologies" id="typologies">
      <header>
        <h2>{t("typologies.title")}</h2>
        <p class="muted">{t(may("settings") ? "typologies.text" : "settings.merchant_readonly")}</p>
      </header>
      <div class="form">
        {loaded.value ? (
          <Versioned loaded={loaded} version={(kept) => kept.version}>
            {(kept, form) => <Editor kept={kept} onKept={form.set} reload={form.reload} />}
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
