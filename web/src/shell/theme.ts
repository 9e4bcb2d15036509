// Light, dark or as the system says; comfortable or compact rows.
import { effect } from "@preact/signals";
import { stored } from "../lib/stored";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];
export const theme = stored<Theme>("theme", "system", (v): v is Theme => themes.includes(v as Theme));

export const densities = ["comfortable", "compact"] as const;
export type Density = (typeof densities)[number];
export const density = stored<Density>("density", "comfortable", (v): v is Density =>
  densities.includes(v as Density),
);
/** The height of a row of a list, as tokens.css has it. */
export function rowHeight(): number {
  return density.value === "compact" ? 36 : 44;
}

export function startTheme(): void {
  const root = document.documentElement;
  effect(() => {
    if (theme.value === "system") delete root.dataset.theme;
    else root.dataset.theme = theme.value;
  });
  effect(() => {
    root.dataset.density = density.value;
  });
}
