// The chosen customers as a file.
import { useState } from "preact/hooks";
import { api, download } from "../api/client";
import { formatDay } from "../lib/format";
import { language, type Language, languageNames, languages, t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { isTexts, stored } from "../lib/stored";
import { Button, Checkbox, Dialog, errorText, Field, Notice, Segmented, Select, SkeletonLines, Switch } from "../ui";
import type { Selection } from "./model";

type What = "emails" | "all" | "columns";
const lastColumns = stored<string[]>("export.columns", ["first_name", "last_name", "phone", "email"], isTexts);

function Columns(props: { chosen: readonly string[]; set: (names: string[]) => void }) {
  const all = useLoad("export-columns", (signal) => api.get("/exports/columns", { signal }));
  if (!all.value) return <SkeletonLines lines={4} />;
  return (
    <fieldset class="export-columns">
      <legend class="field-label">{t("export.columns")}</legend>
      {all.value.items.map((one) => (
        <Checkbox
          key={one.name}
          label={one.heading}
          checked={props.chosen.includes(one.name)}
          onChecked={(on) =>
            props.set(
              all.value!.items.map((each) => each.name).filter((name) => (name === one.name ? on : props.chosen.includes(name))),
            )
          }
        />
      ))}
    </fieldset>
  );
}

export function ExportDialog(props: { selection: Selection; customers: string; onClose: () => void }) {
  const [what, setWhat] = useState<What>("emails");
  const [format, setFormat] = useState<"csv" | "xlsx">("csv");
  const [headings, setHeadings] = useState<Language>(language.value);
  const [consent, setConsent] = useState(true);
  const [bom, setBom] = useState(true);
  const [columns, setColumns] = useState<string[]>(lastColumns.peek());
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const go = () => {
    if (busy || (what === "columns" && columns.length === 0)) return;
    setBusy(true);
    setFailure(null);
    lastColumns.value = columns;
    const body = {
      ...props.selection,
      what: what === "emails" ? "emails" : "customers",
      format,
      language: headings,
      bom,
      consent_only: what === "emails" ? consent : undefined,
      columns: what === "columns" ? columns.join(",") : undefined,
    };
    download("/exports", { body }, `${what === "emails" ? "emails" : "customers"}.${format}`)
      .then(props.onClose, setFailure)
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={t("export.title", { customers: props.customers })}
      onClose={props.onClose}
      onSubmit={go}
      footer={
        <>
          <Button onClick={props.onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="primary" icon="download" busy={busy} disabled={what === "columns" && !columns.length}>
            {t("export.go")}
          </Button>
        </>
      }
    >
      <div class="form">
        <Segmented<What>
          label={t("export.what")}
          value={what}
          onValue={setWhat}
          options={[
            { value: "emails", label: t("export.emails") },
            { value: "all", label: t("export.all") },
            { value: "columns", label: t("export.some") },
          ]}
        />
        {what === "emails" && (
          <div>
            <Switch label={t("export.consent")} checked={consent} onChecked={setConsent} />
            <p class="field-hint">{t("export.emails_hint")}</p>
          </div>
        )}
        {what === "all" && <p class="field-hint">{t("export.all_hint")}</p>}
        {what === "columns" && <Columns chosen={columns} set={setColumns} />}
        <div class="export-shape">
          <Field label={t("export.format")}>
            <Select
              value={format}
              onValue={(value) => setFormat(value === "xlsx" ? "xlsx" : "csv")}
              options={[
                { value: "csv", label: "CSV" },
                { value: "xlsx", label: "Excel (XLSX)" },
              ]}
            />
          </Field>
          <Field label={t("export.language")}>
            <Select
              value={headings}
              onValue={(code) => setHeadings(code as Language)}
              options={languages.map((code) => ({ value: code, label: languageNames[code] }))}
            />
          </Field>
        </div>
        {format === "csv" && <Switch label={t("export.bom")} checked={bom} onChecked={setBom} />}
        {props.selection.as_of && what !== "emails" && (
          <Notice>{t("export.as_of", { day: formatDay(props.selection.as_of) })}</Notice>
        )}
        <p class="field-hint">{t("export.audit_hint")}</p>
        {failure !== null && <Notice tone="red">{errorText(failure)}</Notice>}
      </div>
    </Dialog>
  );
}
