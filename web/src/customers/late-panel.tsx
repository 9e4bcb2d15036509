// The quick info, fetched when somebody is first ticked: the list is there sooner.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { withAllTexts } from "../lib/i18n";

const panel = signal<typeof import("./panel") | null>(null);

function usePanel() {
  useEffect(() => {
    if (!panel.peek()) void withAllTexts(import("./panel")).then((module) => (panel.value = module));
  }, []);
  return panel.value;
}

export function QuickPanel() {
  const Panel = usePanel()?.QuickPanel;
  return Panel ? <Panel /> : <aside class="panel" aria-busy="true" />;
}

export function PanelInside() {
  const Inside = usePanel()?.PanelInside;
  return Inside ? <Inside /> : null;
}
