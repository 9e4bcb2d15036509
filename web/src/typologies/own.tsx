// A typology of the owner's own: its name, and the query that says who is of it.
import { useState } from "preact/hooks";
import { api, ApiError } from "../api/client";
import { t } from "../lib/i18n";
import { QueryField } from "../segments/query-field";
import { Button, Dialog, errorText, Field, Input, Notice } from "../ui";
import { bodyOf, type Rules } from "./model";

export function OwnDialog(props: {
  /** null: a new one. */
  at: number | null;
  rules: Rules;
  onRules: (rules: Rules) => void;
  onClose: () => void;
}) {
  const { at, rules } = props;
  const before = at === null ? null : rules.order[at]!;
  const [name, setName] = useState(before?.name ?? "");
  const [query, setQuery] = useState(before?.query ?? "");
  const [failure, setFailure] = useState<{ error: unknown; of: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const problem = failure?.error instanceof ApiError ? failure.error.problem : null;
  const part = problem?.field?.split(".").at(-1);

  const submit = () => {
    if (busy) return;
    const one = { type: "own" as const, name: name.trim(), query: query.trim() };
    const order = at === null ? [one, ...rules.order] : rules.order.map((other, i) => (i === at ? one : other));
    const next = { ...rules, order };
    setBusy(true);
    setFailure(null);
    api
      .post("/typologies/preview", { body: { ...bodyOf(next), limit: 0 } })
      .then(
        () => props.onRules(next),
        (error: unknown) => setFailure({ error, of: one.query }),
      )
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      wide
      title={t(before ? "typologies.edit_title" : "typologies.add_title")}
      onClose={props.onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={props.onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="primary" busy={busy}>
            {t(before ? "typologies.apply" : "typologies.add")}
          </Button>
        </>
      }
    >
      <div class="form">
        <Field
          label={t("typologies.name")}
          hint={t("typologies.name_help")}
          error={part === "name" ? problem!.detail : null}
        >
          <Input autofocus required maxLength={40} value={name} onText={setName} />
        </Field>
        <QueryField
          value={query}
          onText={setQuery}
          refused={failure && part === "query" ? { of: failure.of, problem: problem! } : null}
        />
        {failure && part !== "name" && part !== "query" && <Notice tone="red">{errorText(failure.error)}</Notice>}
      </div>
    </Dialog>
  );
}
