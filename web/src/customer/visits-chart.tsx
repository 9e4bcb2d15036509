// Visit days of the last twelve months as bars, with the same figures as a table for whoever cannot
// or does not want to read bars.
import { formatNumber, formatYearMonth } from "../lib/format";
import { t } from "../lib/i18n";
import type { Customer } from "./model";

type Month = Customer["visits"]["by_month"][number];

const width = 24; /* of a month, bar and gap */
const height = 72;

function Bar({ month, index, top }: { month: Month; index: number; top: number }) {
  const size = month.visits ? Math.max(3, (month.visits / top) * height) : 1;
  const words = t("card.visits_bar", {
    month: formatYearMonth(month.month),
    count: formatNumber(month.visits),
  });
  return (
    <g class={month.visits ? "visits-month" : "visits-month visits-month-empty"}>
      <title>{words}</title>
      <rect class="visits-hit" x={index * width} y={0} width={width} height={height} />
      <rect class="visits-bar" x={index * width + 5} y={height - size} width={width - 10} height={size} rx={2} />
    </g>
  );
}

function VisitsTable({ months }: { months: readonly Month[] }) {
  return (
    <details class="visits-table">
      <summary>{t("card.visits_table")}</summary>
      <table>
        <caption class="hidden-text">{t("card.visits_chart")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("card.visits_month")}</th>
            <th scope="col" class="number">
              {t("card.visits_title")}
            </th>
          </tr>
        </thead>
        <tbody>
          {months.map((month) => (
            <tr key={month.month}>
              <th scope="row">{formatYearMonth(month.month)}</th>
              <td class="number">{formatNumber(month.visits)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

export function VisitsChart({ months }: { months: readonly Month[] }) {
  const top = Math.max(1, ...months.map((month) => month.visits));
  const first = months[0];
  const last = months[months.length - 1];
  if (!first || !last || !months.some((month) => month.visits)) return <p class="muted">{t("card.visits_none")}</p>;
  return (
    <figure class="visits-chart">
      <svg
        viewBox={`0 0 ${months.length * width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t("card.visits_chart")}
      >
        {months.map((month, index) => (
          <Bar key={month.month} month={month} index={index} top={top} />
        ))}
      </svg>
      <figcaption class="visits-axis small muted">
        <span>{formatYearMonth(first.month, "short")}</span>
        <span>{formatYearMonth(last.month, "short")}</span>
      </figcaption>
      <VisitsTable months={months} />
    </figure>
  );
}
