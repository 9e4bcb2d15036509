// Before the start: how the file is read and what its columns mean. Each change is the server's at once.
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { t, tn } from "../lib/i18n";
import { Field, Icon, Notice, type Option, Select, toastError } from "../ui";
import { columnWords, fieldWords, type Import, type ImportReading } from "./model";

type Delimiter = ImportReading["delimiter"];
const delimiters: Readonly<Record<string, string>> = {
  ",": "comma",
  ";": "semicolon",
  "\t": "tab",
  "|": "pipe",
  " ": "blank",
};
const encodings: Readonly<Record<ImportReading["encoding"], string>> = {
  "utf-8": "UTF-8",
  "utf-16le": "UTF-16 LE",
  "utf-16be": "UTF-16 BE",
  "windows-1252": "Windows-1252",
};

interface Part {
  one: Import;
  onChange: (next: Import) => void;
}
type Change = Partial<ImportReading> & { columns?: Record<string, number> };

/** Sends a change of the reading; the answer is the import read anew. */
function useReading({ one, onChange }: Part): { busy: boolean; change: (change: Change) => void } {
  const [busy, setBusy] = useState(false);
  return {
    busy,
    change: (body) => {
      setBusy(true);
      api
        .put("/imports/{id}/reading", { path: { id: one.id }, body })
        .then(onChange, toastError)
        .finally(() => setBusy(false));
    },
  };
}

function ReadingSelect<V extends string>(props: {
  label: string;
  value: V;
  options: readonly { value: V; label: string }[];
  disabled: boolean;
  onValue: (value: V) => void;
}) {
  return (
    <Field label={props.label}>
      <Select
        value={props.value}
        disabled={props.disabled}
        options={props.options}
        onValue={(value) => props.onValue(value as V)}
      />
    </Field>
  );
}

export function Reading(props: Part) {
  const { reading } = props.one;
  const { busy, change } = useReading(props);
  const shownDelimiters = Object.entries(delimiters).filter(([sign]) => sign !== " " || reading.delimiter === " ");
  if (reading.format === "vcard")
    return (
      <section class="import-step">
        <h2>{t("import.step_reading")}</h2>
        <p class="muted">{t("import.vcard")}</p>
      </section>
    );
  return (
    <section class="import-step">
      <h2>{t("import.step_reading")}</h2>
      <p class="muted">{t("import.step_reading_text")}</p>
      <div class="import-reading">
        <ReadingSelect
          label={t("import.delimiter")}
          value={reading.delimiter}
          disabled={busy}
          options={shownDelimiters.map(([sign, name]) => ({
            value: sign as Delimiter,
            label: t(`import.delimiter_${name}`),
          }))}
          onValue={(delimiter) => change({ delimiter })}
        />
        <ReadingSelect
          label={t("import.encoding")}
          value={reading.encoding}
          disabled={busy}
          options={Object.entries(encodings).map(([value, label]) => ({
            value: value as ImportReading["encoding"],
            label,
          }))}
          onValue={(encoding) => change({ encoding })}
        />
        <ReadingSelect
          label={t("import.decimal")}
          value={reading.decimal}
          disabled={busy}
          options={[
            { value: ".", label: t("import.decimal_point") },
            { value: ",", label: t("import.decimal_comma") },
          ]}
          onValue={(decimal) => change({ decimal })}
        />
        <ReadingSelect
          label={t("import.date_order")}
          value={reading.date_order}
          disabled={busy}
          options={(["ymd", "dmy", "mdy"] as const).map((order) => ({
            value: order,
            label: t(`import.date_${order}`),
          }))}
          onValue={(date_order) => change({ date_order })}
        />
        <ReadingSelect
          label={t("import.header")}
          value={reading.header ? "yes" : "no"}
          disabled={busy}
          options={[
            { value: "yes", label: t("import.header_yes") },
            { value: "no", label: t("import.header_no") },
          ]}
          onValue={(header) => change({ header: header === "yes" })}
        />
      </div>
    </section>
  );
}

/** The whole mapping with one column's meaning changed; a field is held by one column only. */
function remapped(one: Import, index: number, field: string): Record<string, number> {
  const columns: Record<string, number> = {};
  for (const column of one.columns)
    if (column.field && column.index !== index && column.field !== field) columns[column.field] = column.index;
  if (field) columns[field] = index;
  return columns;
}

function meaningOptions(one: Import): Option[] {
  return [
    { value: "", label: t("import.ignore") },
    ...one.fields.map((field) => ({
      value: field.name,
      label: field.required ? t("import.required_mark", { field: fieldWords(field.name) }) : fieldWords(field.name),
    })),
  ];
}

function Samples({ samples }: { samples: readonly string[] }) {
  const shown = [...new Set(samples)].slice(0, 3);
  return (
    <span class="samples">
      {shown.map((sample, i) => (
        <span key={i} class="sample cut" title={sample}>
          {sample || <span class="muted">{t("import.sample_empty")}</span>}
        </span>
      ))}
    </span>
  );
}

export function Columns(props: Part) {
  const { one } = props;
  const { busy, change } = useReading(props);
  const options = meaningOptions(one);
  const used = one.columns.filter((column) => column.field).length;
  return (
    <section class="import-step">
      <h2>{t("import.step_columns")}</h2>
      <p class="muted">{tn("import.step_columns_text", one.columns.length, { used })}</p>
      {one.missing.length > 0 && (
        <Notice tone="amber">
          <span class="strong">{t("import.missing", { fields: one.missing.map(fieldWords).join(", ") })}</span>{" "}
          {t("import.missing_text")}
        </Notice>
      )}
      <table class="table import-columns">
        <caption class="hidden-text">{t("import.step_columns")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("import.column")}</th>
            <th scope="col">{t("import.samples")}</th>
            <th scope="col">{t("import.meaning")}</th>
          </tr>
        </thead>
        <tbody>
          {one.columns.map((column) => (
            <tr key={column.index} class={column.field ? undefined : "import-ignored"}>
              <th scope="row">{columnWords(column)}</th>
              <td>
                <Samples samples={column.samples} />
              </td>
              <td>
                <span class="import-meaning">
                  <Icon name={column.field ? "check" : "minus"} size={14} />
                  <Select
                    value={column.field ?? ""}
                    aria-label={t("import.meaning_of", { heading: columnWords(column) })}
                    options={options}
                    disabled={busy}
                    onValue={(field) => change({ columns: remapped(one, column.index, field) })}
                  />
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
