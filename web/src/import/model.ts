// Imports as the pages see them.
import type { Schemas } from "../api/client";
import { hasText, t } from "../lib/i18n";
import type { Tone } from "../ui";

export type Import = Schemas["Import"];
export type ImportReading = Schemas["ImportReading"];
export type ImportPreview = Schemas["ImportPreview"];
export type ImportReport = Schemas["ImportReport"];
export type Kind = Import["kind"];
export const importKinds = ["customers", "transactions"] as const satisfies readonly Kind[];

export const stateTones: Readonly<Record<Import["state"], Tone>> = {
  uploaded: "neutral",
  running: "accent",
  done: "green",
  failed: "red",
  canceled: "amber",
};

export function fieldWords(name: string): string {
  const key = `import.field.${name}`;
  return hasText(key) ? t(key) : name.replaceAll("_", " ");
}

/** How a column is called: by its heading, or by its place. */
export function columnWords(column: { heading: string; index: number }): string {
  return column.heading || t("import.column_unnamed", { number: column.index + 1 });
}
