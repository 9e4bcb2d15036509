// Keyboard shortcuts: a page says which keys it knows while it is on screen, and "?" lists them all.
import { signal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";

export interface Shortcut {
  /** As KeyboardEvent.key; several ways to say the same may be given. */
  keys: readonly string[];
  /** Key of the text in the help. */
  text: string;
  /** Left out: the key is handled where the focus is, and only listed. */
  run?: (event: KeyboardEvent) => void;
}
interface Group {
  title: string;
  shortcuts: readonly Shortcut[];
}

export const groups = signal<readonly Group[]>([]);
export const helpOpen = signal(false);

/** `title` is the key of the group's heading in the help. */
export function useShortcuts(title: string, shortcuts: readonly Shortcut[]): void {
  /* at once: the first key may come before the first frame is painted */
  useLayoutEffect(() => {
    const group = { title, shortcuts };
    groups.value = [...groups.value, group];
    return () => {
      groups.value = groups.value.filter((one) => one !== group);
    };
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  if (target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(target.type);
}

export function startShortcuts(): void {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target) || document.querySelector("dialog[open], [popover]:popover-open")) return;
    if (event.key === "?") {
      event.preventDefault();
      helpOpen.value = true;
      return;
    }
    for (const group of groups.peek().toReversed())
      for (const shortcut of group.shortcuts)
        if (shortcut.run && shortcut.keys.includes(event.key)) {
          event.preventDefault();
          shortcut.run(event);
          return;
        }
  });
}
