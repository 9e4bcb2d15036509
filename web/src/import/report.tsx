// What an import did, in numbers, and why rows were refused.
import { apiUrl } from "../api/client";
import { formatDay, formatMoney, formatNumber, region } from "../lib/format";
import { t } from "../lib/i18n";
import { Facts, LinkButton } from "../ui";
import { fieldWords, type Import, type ImportReport, type Kind } from "./model";

interface Fact {
  label: string;
  value: string;
}

function counts(report: ImportReport): Fact[] {
  const names = ["rows", "added", "updated", "skipped", "invalid"] as const;
  return names.map((name) => ({ label: t(`import.report_${name}`), value: formatNumber(report[name]) }));
}

/** A decimal text with all its digits. */
function formatExact(value: string): string {
  return formatNumber(Number(value), value.split(".")[1]?.length ?? 0);
}

/** Is the exact sum the same as the total? Prices may have more digits than the currency. */
function isRound(report: ImportReport): boolean {
  const exact = Number(report.value) * 10 ** region.value.decimals;
  return Math.abs(exact - (report.total_minor ?? NaN)) < 1e-3;
}

function saleFacts(report: ImportReport): Fact[] {
  const names = [
    "customers_added",
    "customers_updated",
    "invoices",
    "returns",
    "cancellations",
    "without_customer",
  ] as const;
  const facts: Fact[] = [];
  for (const name of names) {
    const value = report[name];
    if (value !== undefined) facts.push({ label: t(`import.report_${name}`), value: formatNumber(value) });
  }
  if (report.total_minor !== undefined)
    facts.push({ label: t("import.report_total"), value: formatMoney(report.total_minor) });
  if (report.value !== undefined && !isRound(report))
    facts.push({ label: t("import.report_value"), value: formatExact(report.value) });
  if (report.first_day && report.last_day)
    facts.push({
      label: t("import.report_period"),
      value: t("import.period", { from: formatDay(report.first_day), to: formatDay(report.last_day) }),
    });
  return facts;
}

/** Opening balances, where the file brought any. */
function pointFacts(report: ImportReport): Fact[] {
  if (!report.opened_points) return [];
  return [
    { label: t("import.report_opened_points"), value: formatNumber(report.opened_points) },
    { label: t("import.report_opened_customers"), value: formatNumber(report.opened_customers ?? 0) },
  ];
}

export function Counts({ kind, report }: { kind: Kind; report: ImportReport }) {
  const more = kind === "transactions" ? saleFacts(report) : pointFacts(report);
  return (
    <div class="counts">
      <Facts class="counts-main" items={counts(report)} />
      {more.length > 0 && <Facts class="counts-more" items={more} />}
    </div>
  );
}

export function Reasons({ report }: { report: ImportReport }) {
  if (!report.reasons?.length) return null;
  return (
    <table class="table reasons">
      <caption class="hidden-text">{t("import.reason")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("import.reason")}</th>
          <th scope="col">{t("import.reason_field")}</th>
          <th scope="col" class="number">
            {t("import.reason_count")}
          </th>
        </tr>
      </thead>
      <tbody>
        {report.reasons.map((reason) => (
          <tr key={`${reason.code} ${reason.field}`}>
            <td>{reason.detail}</td>
            <td class="muted">{reason.field ? fieldWords(reason.field) : "–"}</td>
            <td class="number">{formatNumber(reason.count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Rejected({ one }: { one: Import }) {
  if (one.rejected === 0) return null;
  return (
    <section class="import-step">
      <header class="import-rejected">
        <div>
          <h2>{t("import.rejected_title")}</h2>
          <p class="muted">{t("import.rejected_text")}</p>
        </div>
        <LinkButton icon="download" href={apiUrl("/imports/{id}/rejected", { path: { id: one.id } })} download="">
          {t("import.rejected_download")}
        </LinkButton>
      </header>
      <Reasons report={one.report} />
    </section>
  );
}
