// The dry run: what would be done with the first rows, and why some would be refused.
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { Badge, Checkbox, ErrorState, Icon, Notice, SkeletonLines, type Tone } from "../ui";
import { columnWords, type Import, type ImportPreview } from "./model";
import { Counts, Reasons } from "./report";

type PreviewRow = ImportPreview["rows"][number];
const tones: Readonly<Record<PreviewRow["verdict"], Tone>> = {
  add: "green",
  update: "accent",
  skip: "neutral",
  invalid: "red",
};

const nothing: ReadonlySet<string | null> = new Set();
const numbers = ["quantity", "price", "amount"];

/** Cells of the field a problem cites are red, columns not imported are grey, numbers stand right. */
function cellClass(field: string | null | undefined, faulty: ReadonlySet<string | null>): string {
  if (!field) return "muted";
  return [faulty.has(field) && "preview-wrong", numbers.includes(field) && "number"].filter(Boolean).join(" ");
}

function Row({ row, fields }: { row: PreviewRow; fields: readonly (string | null)[] }) {
  const faulty = new Set(row.problems.map((problem) => problem.field));
  return (
    <>
      <tr class={row.problems.length ? "preview-faulty" : undefined}>
        <td class="number muted">{row.line}</td>
        <td>
          <Badge tone={tones[row.verdict]}>{t(`import.verdict_${row.verdict}`)}</Badge>
        </td>
        {row.cells.map((cell, i) => (
          <td key={i} class={cellClass(fields[i], faulty)}>
            <span class="preview-cell" title={cell}>
              {cell}
            </span>
          </td>
        ))}
      </tr>
      {row.problems.length > 0 && (
        <tr class="preview-why">
          <td />
          <td colSpan={row.cells.length + 1}>
            {row.problems.map((problem, i) => (
              <p key={i} class="small">
                <Icon name="circle-alert" size={12} />
                {problem.detail}
              </p>
            ))}
          </td>
        </tr>
      )}
    </>
  );
}

function Rows({ one, preview }: { one: Import; preview: ImportPreview }) {
  const [onlyProblems, setOnlyProblems] = useState(false);
  const rows = onlyProblems ? preview.rows.filter((row) => row.problems.length > 0) : preview.rows;
  const fields = one.columns.map((column) => column.field);
  return (
    <>
      <div class="preview-bar">
        <Checkbox checked={onlyProblems} onChecked={setOnlyProblems} label={t("import.only_problems")} />
      </div>
      {rows.length === 0 ? (
        <p class="muted">{t("import.no_problem_rows")}</p>
      ) : (
        <div class="preview-frame" tabIndex={0} role="region" aria-label={t("import.preview_table")}>
          <table class="preview">
            <caption class="hidden-text">{t("import.preview_table")}</caption>
            <thead>
              <tr>
                <th scope="col" class="number">
                  {t("import.col_line")}
                </th>
                <th scope="col">{t("import.col_verdict")}</th>
                {one.columns.map((column) => (
                  <th
                    key={column.index}
                    scope="col"
                    class={column.field ? cellClass(column.field, nothing) : "preview-ignored"}
                  >
                    {columnWords(column)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={row.line} row={row} fields={fields} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

export function Check({ one }: { one: Import }) {
  const key = JSON.stringify([one.id, one.reading, one.columns.map((column) => column.field)]);
  const dry = useLoad(key, (signal) => api.post("/imports/{id}/preview", { path: { id: one.id }, signal }));
  const preview = dry.value;
  return (
    <section class="import-step" aria-busy={!preview && !dry.error}>
      <h2>{t("import.step_check")}</h2>
      <p class="muted">{t("import.step_check_text")}</p>
      {dry.error ? (
        <ErrorState error={dry.error} retry={dry.reload} />
      ) : !preview ? (
        <SkeletonLines lines={6} />
      ) : (
        <>
          <p class="preview-summary">
            {tn(preview.whole ? "import.checked_whole" : "import.checked_part", preview.report.rows)}
          </p>
          <Counts kind={one.kind} report={preview.report} />
          {preview.report.rows > 0 && preview.report.added + preview.report.updated + preview.report.skipped === 0 && (
            <Notice tone="red">{t("import.nothing_to_do")}</Notice>
          )}
          <Reasons report={preview.report} />
          {preview.rows.length > 0 && <Rows one={one} preview={preview} />}
        </>
      )}
    </section>
  );
}
