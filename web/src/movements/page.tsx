// Movements between typologies: /movements?from=…&to=…&from_type=…&to_type=…
import { api, ApiError } from "../api/client";
import { formatDay, formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { address, setQuery } from "../lib/router";
import { Button, EmptyState, ErrorState, errorText, Input, Notice, PageHeader, Segmented, SkeletonLines } from "../ui";
import { csvOf, dayBefore, type Matrix, matrixOf, monthsAgo, type Place, placeKey, placeOf, today } from "./model";
import { Who } from "./who";

const presets = { month: 1, quarter: 3, year: 12 } as const;
type Preset = keyof typeof presets;

function Days({ from, to }: { from: string; to: string }) {
  const chosen = (Object.keys(presets) as Preset[]).find(
    (one) => to === today() && from === monthsAgo(to, presets[one]),
  );
  const field = (name: "from" | "to", value: string, max: string) => (
    <label class="movements-day">
      <span class="small muted">{t(`movements.${name}`)}</span>
      <Input
        type="date"
        value={value}
        max={max}
        onChange={(event) => {
          const day = (event.currentTarget as HTMLInputElement).value;
          if (day) setQuery({ [name]: day });
        }}
      />
    </label>
  );
  return (
    <div class="movements-days">
      {field("from", from, dayBefore(today()))}
      {field("to", to, today())}
      <Segmented<Preset | "own">
        label={t("movements.presets")}
        value={chosen ?? "own"}
        onValue={(one) => one !== "own" && setQuery({ from: monthsAgo(today(), presets[one]), to: null })}
        options={(Object.keys(presets) as Preset[]).map((one) => ({ value: one, label: t(`movements.preset_${one}`) }))}
      />
    </div>
  );
}

/** Who stayed is quiet; the rest is the warmer the larger its share of the row. */
function Cell(props: { matrix: Matrix; from: Place; to: Place; open: boolean }) {
  const { from, to, matrix } = props;
  const count = matrix.count(from, to);
  const share = count / Math.max(1, matrix.rowTotal(from));
  if (count === 0)
    return (
      <td class={from === to ? "matrix-same" : undefined}>
        <span class="matrix-zero" aria-label="0">
          ·
        </span>
      </td>
    );
  const words = tn("movements.cell", count, { from: matrix.name(from, "from"), to: matrix.name(to, "to") });
  return (
    <td class={from === to ? "matrix-same" : undefined} style={{ "--heat": share.toFixed(3) }}>
      <button
        type="button"
        class="matrix-cell"
        aria-pressed={props.open}
        title={words}
        onClick={() =>
          setQuery(props.open ? { from_type: null, to_type: null } : { from_type: placeKey(from), to_type: placeKey(to) })
        }
      >
        {formatNumber(count)}
        <span class="hidden-text"> {words}</span>
      </button>
    </td>
  );
}

function MatrixTable(props: { matrix: Matrix; days: { from: string; to: string }; open: string }) {
  const { matrix, days } = props;
  const all = matrix.columns.reduce((sum, to) => sum + matrix.columnTotal(to), 0);
  return (
    <div class="matrix-frame" tabIndex={0} role="region" aria-label={t("movements.title")}>
      <table class="matrix">
        <caption class="hidden-text">{t("movements.title")}</caption>
        <thead>
          <tr>
            <td />
            <th scope="colgroup" colSpan={matrix.columns.length} class="matrix-side">
              {t("movements.head_to", { day: formatDay(days.to) })}
            </th>
            <td />
          </tr>
          <tr>
            <th scope="col" class="matrix-side">
              {t("movements.head_from", { day: formatDay(days.from) })}
            </th>
            {matrix.columns.map((to) => (
              <th scope="col" key={to}>
                {matrix.name(to, "to")}
              </th>
            ))}
            <th scope="col">{t("movements.total")}</th>
          </tr>
        </thead>
        <tbody>
          {matrix.rows.map((from) => (
            <tr key={from}>
              <th scope="row">{matrix.name(from, "from")}</th>
              {matrix.columns.map((to) => (
                <Cell key={to} matrix={matrix} from={from} to={to} open={props.open === `${placeKey(from)} ${placeKey(to)}`} />
              ))}
              <td class="matrix-total">{formatNumber(matrix.rowTotal(from))}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{t("movements.total")}</th>
            {matrix.columns.map((to) => (
              <td key={to} class="matrix-total">
                {formatNumber(matrix.columnTotal(to))}
              </td>
            ))}
            <td class="matrix-total">{formatNumber(all)}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

function download(matrix: Matrix, days: { from: string; to: string }): void {
  const url = URL.createObjectURL(new Blob([csvOf(matrix)], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `movements-${days.from}-${days.to}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

export default function MovementsPage() {
  const { query } = address.value;
  const to = query.get("to") ?? today();
  const from = query.get("from") ?? monthsAgo(to, 1);
  const days = { from, to };
  const fromType = query.get("from_type");
  const toType = query.get("to_type");
  const loaded = useLoad(`movements ${from} ${to}`, (signal) =>
    api.get("/typologies/movements", { query: days, signal }),
  );
  const matrix = loaded.value && matrixOf(loaded.value);
  return (
    <div class="page movements">
      <PageHeader
        title={t("movements.title")}
        subtitle={t("movements.text")}
        actions={
          <Button icon="download" disabled={!matrix} onClick={() => matrix && download(matrix, days)}>
            {t("movements.csv")}
          </Button>
        }
      />
      <Days from={from} to={to} />
      {loaded.error instanceof ApiError && loaded.error.problem.field ? (
        <Notice tone="red">{errorText(loaded.error)}</Notice>
      ) : loaded.error ? (
        <ErrorState error={loaded.error} retry={loaded.reload} />
      ) : !matrix ? (
        <SkeletonLines lines={8} />
      ) : loaded.value!.customers === 0 ? (
        <EmptyState icon="users" title={t("movements.empty")} />
      ) : (
        <>
          <MatrixTable matrix={matrix} days={days} open={`${fromType} ${toType}`} />
          {fromType && toType && (
            <Who
              days={days}
              from={placeOf(fromType)}
              to={placeOf(toType)}
              matrix={matrix}
              close={() => setQuery({ from_type: null, to_type: null })}
            />
          )}
        </>
      )}
    </div>
  );
}
