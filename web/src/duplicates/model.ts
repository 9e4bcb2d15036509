// Likely pairs and merges: what the pages share.
import { signal } from "@preact/signals";
import { api, type Schemas } from "../api/client";
import { formatBirthday, formatDay, formatLanguage, formatPhone } from "../lib/format";
import { t } from "../lib/i18n";
import { toast, toastError } from "../ui";

export type Pair = Schemas["DuplicatePair"];
export type PairList = Schemas["DuplicateList"];
export type Reason = Pair["reasons"][number];
export type Merge = Schemas["Merge"];
export type Preview = Schemas["MergePreview"];
export type Run = Schemas["MergeRun"];
export type RunPreview = Schemas["MergeRunPreview"];
export type RunPair = Schemas["MergeRunPairs"]["items"][number];
export type MergeField = Preview["fields"][number];

/** What can be filtered by, in the order of the filter. */
export const reasonFilters = ["phone", "email", "email_writing", "email_typo", "name_script", "name_swapped", "name_similar", "birthday"] as const;

/** Moves with every merge and decision: whoever shows a count asks again. */
export const duplicatesChanged = signal(0);
export function noteChange(): void {
  duplicatesChanged.value++;
}

export function mergeAddress(survivor: string, loser: string): string {
  return `/merge?${new URLSearchParams({ survivor, loser }).toString()}`;
}

export function nameIn({ name, number }: Merge["survivor"]): string {
  return name || t("card.number", { number: String(number) });
}

/** Who was here first keeps the card: the smaller number. */
export function oldestFirst(pair: Pair): [Pair["a"], Pair["b"]] {
  return pair.a.number <= pair.b.number ? [pair.a, pair.b] : [pair.b, pair.a];
}

export function againstIt(reason: Reason): boolean {
  return reason.bits < 0;
}

export async function decide(pair: Pair, different: boolean, done: () => void): Promise<void> {
  try {
    await api.post("/duplicates/decision", { body: { a_id: pair.a.id, b_id: pair.b.id, different } });
    done();
    noteChange();
    toast(t(different ? "duplicates.said_different" : "duplicates.said_open"), {
      undo: () => void decide(pair, !different, done),
    });
  } catch (error) {
    toastError(error);
  }
}

export async function undoMerge(id: string): Promise<Merge> {
  const merge = await api.post("/merges/{id}/undo", { path: { id } });
  noteChange();
  return merge;
}

/** A field's value as people read it; lists have a line each. */
export function fieldValue(field: MergeField["field"], value: string | null): string[] {
  if (value === null) return [];
  switch (field) {
    case "gender":
      return [t(`card.gender_${value}`)];
    case "device":
      return [t(`card.device_${value}`)];
    case "language":
      return [formatLanguage(value)];
    case "registered":
      return [formatDay(value)];
    case "birthday":
      return [/^(\d{4}|-)-\d\d-\d\d$/.test(value) ? formatBirthday(value) : value];
    case "phone":
      return value.split("\n").map(formatPhone);
    case "photo":
      return [t("duplicates.has_photo")];
    default:
      return value.split("\n");
  }
}
