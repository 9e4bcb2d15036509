// Toasts: what just happened, with Undo where it can be undone. At most three at a time.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../lib/i18n";
import { IconButton } from "./button";
import { errorText } from "./display";
import { Icon } from "./icon";

interface Toast {
  id: number;
  text: string;
  tone: "neutral" | "red";
  undo?: () => void;
}
const shown = signal<readonly Toast[]>([]);
let lastId = 0;
const most = 3;
const visibleMs = 6000;

export function toast(text: string, options: { undo?: () => void; tone?: "neutral" | "red" } = {}): void {
  const next: Toast = { id: ++lastId, text, tone: options.tone ?? "neutral", undo: options.undo };
  shown.value = [...shown.value, next].slice(-most);
}
export function toastError(error: unknown): void {
  toast(errorText(error), { tone: "red" });
}
function dismiss(id: number): void {
  shown.value = shown.value.filter((one) => one.id !== id);
}

function ToastCard({ one }: { one: Toast }) {
  const timer = useRef(0);
  const start = () => {
    timer.current = window.setTimeout(() => dismiss(one.id), visibleMs);
  };
  useEffect(() => {
    start();
    return () => clearTimeout(timer.current);
  }, []);
  return (
    <div
      class={`toast toast-${one.tone}`}
      onPointerEnter={() => clearTimeout(timer.current)}
      onPointerLeave={start}
    >
      {one.tone === "red" && <Icon name="circle-alert" />}
      <span class="toast-text">{one.text}</span>
      {one.undo && (
        <button
          type="button"
          class="toast-undo"
          onClick={() => {
            dismiss(one.id);
            one.undo?.();
          }}
        >
          {t("ui.undo")}
        </button>
      )}
      <IconButton icon="x" iconSize={14} label={t("ui.close")} onClick={() => dismiss(one.id)} />
    </div>
  );
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown.value.map((one) => (
        <ToastCard key={one.id} one={one} />
      ))}
    </div>
  );
}
