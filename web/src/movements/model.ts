// The matrix as the page reads it: rows are where customers were, columns where they are.
import type { Schemas } from "../api/client";
import { dayNumber, dayText, region } from "../lib/format";
import { t } from "../lib/i18n";

export type Movements = Schemas["Movements"];
/** A typology's key; null: not a customer on that day. */
export type Place = string | null;

export interface Matrix {
  rows: Place[];
  columns: Place[];
  name: (place: Place, side: "from" | "to") => string;
  count: (from: Place, to: Place) => number;
  rowTotal: (from: Place) => number;
  columnTotal: (to: Place) => number;
}

export function matrixOf(answer: Movements): Matrix {
  const counts = new Map(answer.cells.map((cell) => [`${cell.from ?? ""}→${cell.to ?? ""}`, cell.customers]));
  const count = (from: Place, to: Place) => counts.get(`${from ?? ""}→${to ?? ""}`) ?? 0;
  const sum = (take: (cell: Movements["cells"][number]) => boolean) =>
    answer.cells.filter(take).reduce((total, cell) => total + cell.customers, 0);
  const keys = answer.types.map((type) => type.key);
  const has = (side: "from" | "to") => answer.cells.some((cell) => cell[side] === null);
  return {
    rows: [...keys, ...(has("from") ? [null] : [])],
    columns: [...keys, ...(has("to") ? [null] : [])],
    name: (place, side) => {
      if (place === null) return t(`movements.none_${side}`);
      return answer.types.find((type) => type.key === place)?.name ?? t(`type.${place}`);
    },
    count,
    rowTotal: (from) => sum((cell) => cell.from === from),
    columnTotal: (to) => sum((cell) => cell.to === to),
  };
}

/** As the address and the server write it. */
export const placeKey = (place: Place): string => place ?? "none";
export const placeOf = (key: string): Place => (key === "none" ? null : key);

export function monthsAgo(day: string, months: number): string {
  const [year, month, date] = day.split("-").map(Number) as [number, number, number];
  const last = new Date(Date.UTC(year, month - months, 0)).getUTCDate();
  return dayText(Math.floor(Date.UTC(year, month - 1 - months, Math.min(date, last)) / 86_400_000));
}

export function dayBefore(day: string): string {
  return dayText(dayNumber(day) - 1);
}

export const today = (): string => region.value.today;

/** For a spreadsheet: names as on the page, whole numbers. */
export function csvOf(matrix: Matrix): string {
  const quote = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = [
    ["", ...matrix.columns.map((to) => matrix.name(to, "to")), t("movements.total")],
    ...matrix.rows.map((from) => [
      matrix.name(from, "from"),
      ...matrix.columns.map((to) => String(matrix.count(from, to))),
      String(matrix.rowTotal(from)),
    ]),
    [
      t("movements.total"),
      ...matrix.columns.map((to) => String(matrix.columnTotal(to))),
      String(matrix.columns.reduce((sum, to) => sum + matrix.columnTotal(to), 0)),
    ],
  ];
  return `\uFEFF${lines.map((line) => line.map(quote).join(",")).join("\r\n")}\r\n`;
}
