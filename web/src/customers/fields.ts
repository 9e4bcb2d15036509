// What the filter rail offers, in its order: each field of the query language and how it is asked for.
export type FieldId = string;

export type Control =
  /** Values with counts; more than `first` hide behind "show all". */
  | { kind: "values"; first: number }
  /** From–to, and ranges with counts; `money` in the merchant's currency. */
  | { kind: "range"; unit: "number" | "money" | "days" | "tenths" }
  /** A day: ages and dates; the ones offered are those that the server counts (src/audience/ranges.c). */
  | { kind: "period"; presets: readonly string[] }
  | { kind: "birthday" }
  | { kind: "letters" }
  /** Saved queries, counted when they are looked at. */
  | { kind: "segments" }
  /** Several yes-or-no fields in one list. */
  | { kind: "marks"; marks: readonly { field: string; value: "yes" | "no"; text: string }[] };

export interface RailField {
  field: FieldId;
  control: Control;
  /** Open before the reader opened or closed anything. */
  open?: boolean;
}
export interface RailGroup {
  id: string;
  fields: readonly RailField[];
}

const since = ["<7d", "<30d", "<90d", "this_month", "this_year"] as const;
const sinceOrLost = [...since, ">=90d", ">=1y", "none"] as const;
const values = (first: number): Control => ({ kind: "values", first });

export const railGroups: readonly RailGroup[] = [
  {
    id: "engagement",
    fields: [
      { field: "type", control: values(5), open: true },
      { field: "consent", control: values(3), open: true },
      {
        field: "marks",
        open: true,
        control: {
          kind: "marks",
          marks: [
            { field: "favourite", value: "yes", text: "favourite" },
            { field: "active", value: "yes", text: "active" },
            { field: "active", value: "no", text: "inactive" },
            { field: "blocked", value: "yes", text: "blocked" },
            { field: "anonymous", value: "yes", text: "anonymous" },
          ],
        },
      },
      { field: "visits", control: { kind: "range", unit: "number" } },
      { field: "visits_per_month", control: { kind: "range", unit: "tenths" } },
      { field: "operations", control: { kind: "range", unit: "number" } },
      { field: "shares", control: { kind: "range", unit: "number" } },
      { field: "comments", control: { kind: "range", unit: "number" } },
      { field: "pushes", control: { kind: "range", unit: "number" } },
      { field: "device", control: values(5) },
      { field: "has", control: values(7) },
    ],
  },
  {
    id: "profile",
    fields: [
      { field: "gender", control: values(4), open: true },
      { field: "age", control: { kind: "range", unit: "number" }, open: true },
      { field: "birthday", control: { kind: "birthday" } },
      { field: "language", control: values(6) },
      { field: "country", control: values(6) },
      { field: "city", control: values(6) },
      { field: "initial", control: { kind: "letters" } },
    ],
  },
  {
    id: "period",
    fields: [
      { field: "last_visit", control: { kind: "period", presets: sinceOrLost }, open: true },
      { field: "last_purchase", control: { kind: "period", presets: sinceOrLost } },
      { field: "registered", control: { kind: "period", presets: since } },
    ],
  },
  {
    id: "value",
    fields: [
      { field: "spent", control: { kind: "range", unit: "money" }, open: true },
      { field: "tier", control: values(6), open: true },
      { field: "points", control: { kind: "range", unit: "number" } },
      { field: "certificate", control: values(6) },
      { field: "stamps", control: { kind: "range", unit: "number" } },
      { field: "referrals", control: { kind: "range", unit: "number" } },
      { field: "average", control: { kind: "range", unit: "money" } },
      { field: "interval", control: { kind: "range", unit: "days" } },
    ],
  },
  {
    id: "belonging",
    fields: [
      { field: "segment", control: { kind: "segments" } },
      { field: "store", control: values(6), open: true },
      { field: "source", control: values(6) },
      { field: "tag", control: values(6), open: true },
      { field: "group", control: values(6) },
      { field: "category", control: values(6) },
      { field: "size", control: values(6) },
    ],
  },
];
