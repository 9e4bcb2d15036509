// How many customers a segment had, day by day: a line no higher than a row, and behind it the same
// figures as a table.
import { dayNumber, formatDay, formatNumber } from "../lib/format";
import { t } from "../lib/i18n";
import { Popover } from "../ui";
import type { Segment } from "./model";

type Size = Segment["sizes"][number];

const width = 120;
const height = 24;
const days = 90;
const pad = 2;

/** Days without a figure are bridged; the scale begins at nothing only where that tells more. */
function points(sizes: readonly Size[], today: string): [number, number][] {
  const last = dayNumber(today);
  const most = Math.max(...sizes.map((one) => one.customers));
  const least = Math.min(...sizes.map((one) => one.customers));
  const low = least > most / 2 ? least - Math.max(1, most - least) * 0.5 : 0;
  const span = most === least ? 2 * Math.max(1, most - low) : most - low;
  return sizes.map((one) => [
    pad + ((days - 1 - (last - dayNumber(one.day))) / (days - 1)) * (width - 2 * pad),
    height - pad - ((one.customers - low) / span) * (height - 2 * pad),
  ]);
}

function Line({ sizes, today }: { sizes: readonly Size[]; today: string }) {
  const line = points(sizes, today);
  const [x, y] = line.at(-1)!;
  const path = line.map(([px, py], i) => `${i ? "L" : "M"}${px.toFixed(1)} ${py.toFixed(1)}`).join("");
  return (
    <svg class="sparkline" viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true">
      <line class="sparkline-ground" x1={pad} x2={width - pad} y1={height - 0.5} y2={height - 0.5} />
      <path class="sparkline-line" d={path} />
      <circle class="sparkline-end" cx={x} cy={y} r={2} />
    </svg>
  );
}

function Figures({ sizes }: { sizes: readonly Size[] }) {
  return (
    <table class="size-table">
      <thead>
        <tr>
          <th scope="col">{t("segments.day")}</th>
          <th scope="col" class="number">
            {t("segments.customers")}
          </th>
        </tr>
      </thead>
      <tbody>
        {sizes.toReversed().map((one) => (
          <tr key={one.day}>
            <th scope="row">{formatDay(one.day)}</th>
            <td class="number">{formatNumber(one.customers)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function SizeHistory({ segment, today }: { segment: Segment; today: string }) {
  const { sizes } = segment;
  const first = sizes[0];
  if (!first) return <span class="muted">–</span>;
  const label = t("segments.history_of", { name: segment.name });
  return (
    <Popover
      label={label}
      align="end"
      class="size-popover"
      button={(attributes) => (
        <button type="button" class="sparkline-button" aria-label={label} {...attributes}>
          <Line sizes={sizes} today={today} />
        </button>
      )}
    >
      {() => (
        <div class="size-figures" tabIndex={0} role="region" aria-label={label}>
          <p class="strong">{t("segments.history")}</p>
          <p class="small muted">{t("segments.history_text")}</p>
          <Figures sizes={sizes} />
        </div>
      )}
    </Popover>
  );
}
