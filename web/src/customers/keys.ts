// The list by keyboard: one current row, moved by arrows, ticked by space, opened by Enter.
import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { navigate } from "../lib/router";
import type { Row } from "./columns";
import { cardAddress } from "./row";
import { answered, counts, rowAt } from "./rows";
import type { Scroll } from "./scroll";
import { setFavourite, tickAll, toggleTick, untickAll } from "./ticked";

const mostTickedAtOnce = 500;

export interface Moves {
  /** The current row; -1: none yet. */
  current: Signal<number>;
  /** True: the key was one of the list's. */
  press: (event: KeyboardEvent) => boolean;
  click: (index: number, event: MouseEvent) => void;
}

export function useMoves(scroll: Scroll): Moves {
  const current = useSignal(-1);
  /* where a range of ticks begins */
  const anchor = useRef(-1);
  useEffect(() => {
    current.value = -1;
    anchor.current = -1;
  }, [answered.value]);

  const select = (index: number) => {
    const matching = counts.peek()?.matching ?? 0;
    if (matching === 0) return;
    current.value = Math.max(0, Math.min(matching - 1, index));
    scroll.reveal(current.value);
  };
  const tickTo = (index: number) => {
    const from = anchor.current < 0 ? index : anchor.current;
    const range: Row[] = [];
    for (let i = Math.min(from, index); i <= Math.max(from, index) && range.length < mostTickedAtOnce; i++) {
      const row = rowAt(i);
      if (row) range.push(row);
    }
    tickAll(range);
  };
  const step = (by: number, event: KeyboardEvent) => {
    if (event.shiftKey && current.peek() >= 0) {
      if (anchor.current < 0) anchor.current = current.peek();
      select(current.peek() + by);
      tickTo(current.peek());
    } else {
      anchor.current = -1;
      select(current.peek() + by);
    }
  };
  const withRow = (act: (row: Row) => void) => {
    const row = current.peek() >= 0 ? rowAt(current.peek()) : undefined;
    if (row) act(row);
  };
  const keys: Readonly<Record<string, (event: KeyboardEvent) => void>> = {
    ArrowDown: (event) => step(1, event),
    ArrowUp: (event) => step(-1, event),
    PageDown: () => select(Math.max(0, current.peek()) + scroll.page()),
    PageUp: () => select(current.peek() - scroll.page()),
    Home: () => select(0),
    End: () => select(Number.MAX_SAFE_INTEGER),
    " ": () => {
      withRow(toggleTick);
      anchor.current = current.peek();
    },
    Enter: () => withRow((row) => navigate(cardAddress(row))),
    h: () => withRow((row) => setFavourite([row], !row.favourite)),
    Escape: untickAll,
  };
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const act = keys[event.key];
    act?.(event);
    return act !== undefined;
  };
  const click = (index: number, event: MouseEvent) => {
    current.value = index;
    const row = rowAt(index);
    if (!row || (event.target as Element).closest("a, button, label")) return;
    if (event.shiftKey) tickTo(index);
    else if (event.ctrlKey || event.metaKey) toggleTick(row);
    else if (!getSelection()?.toString()) navigate(cardAddress(row));
    anchor.current = index;
  };
  return { current, press, click };
}
