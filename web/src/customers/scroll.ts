// Ties the arithmetic of the virtual list to the element that scrolls: which rows are to be drawn, what
// is to be fetched, where the address says the list stands.
import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { VirtualRows } from "../lib/virtual";
import { answered, counts, want } from "./rows";
import { rememberRow, startRow } from "./state";

const overscan = 6;
const fetchDelayMs = 30;
const rememberDelayMs = 300;

export interface Drawn {
  first: number;
  last: number;
  offset: number;
  height: number;
}
export interface Scroll {
  drawn: Signal<Drawn>;
  onScroll: () => void;
  firstRow: () => number;
  /** Scrolls as little as brings the row into view. */
  reveal: (index: number) => void;
  /** How many rows a page key moves. */
  page: () => number;
}

const matching = (): number => counts.peek()?.matching ?? 0;

/** `height` of a row and `head` of what stays above the rows, in pixels. */
export function useScroll(scroller: RefObject<HTMLDivElement | null>, height: number, head: number): Scroll {
  const total = counts.value?.matching ?? 0;
  const drawn = useSignal<Drawn>({ first: 0, last: -1, offset: 0, height: 0 });
  const view = useRef({ rows: new VirtualRows(0, height, 1), top: 0, viewport: 1, height }).current;
  const timers = useRef({ fetch: 0, remember: 0 }).current;

  const firstRow = () => Math.floor(view.top / view.height);
  const lastRow = () => Math.ceil((view.top + view.viewport) / view.height);
  const fetchSoon = () => {
    timers.fetch ||= window.setTimeout(() => {
      timers.fetch = 0;
      want(firstRow(), lastRow());
    }, fetchDelayMs);
  };
  const draw = (place: { top: number; offset: number; height: number }) => {
    view.top = place.top;
    const next = {
      first: Math.max(0, firstRow() - overscan),
      last: Math.min(matching() - 1, lastRow() + overscan),
      offset: place.offset,
      height: place.height,
    };
    const now = drawn.peek();
    if ((Object.keys(next) as (keyof Drawn)[]).some((key) => next[key] !== now[key])) drawn.value = next;
    fetchSoon();
  };
  const goTo = (top: number) => {
    const place = view.rows.goTo(top);
    if (scroller.current) scroller.current.scrollTop = place.scrollTop;
    draw(place);
  };
  const onScroll = () => {
    const at = scroller.current!.scrollTop;
    const place = view.rows.scrolled(at);
    if (Math.abs(place.scrollTop - at) > 1) scroller.current!.scrollTop = place.scrollTop;
    draw(place);
    clearTimeout(timers.remember);
    timers.remember = window.setTimeout(() => rememberRow(firstRow()), rememberDelayMs);
  };

  /* the window's size, the count and a row's height decide where rows stand; the top row stays */
  const fit = () => {
    const element = scroller.current;
    if (!element) return;
    const top = view.height === height ? view.top : firstRow() * height;
    Object.assign(view, { height, viewport: Math.max(1, element.clientHeight - head) });
    view.rows.resize(matching(), height, view.viewport);
    goTo(top);
  };
  useLayoutEffect(fit, [total, height, head]);
  useEffect(() => {
    const observer = new ResizeObserver(fit);
    observer.observe(scroller.current!);
    return () => {
      observer.disconnect();
      clearTimeout(timers.fetch);
      clearTimeout(timers.remember);
      timers.fetch = 0;
    };
  }, [height, head]);
  /* another question begins at its top; the first one, where the address says */
  useLayoutEffect(() => goTo(startRow() * height), [answered.value]);

  return {
    drawn,
    onScroll,
    firstRow,
    reveal: (index) => goTo(view.rows.reveal(index, view.top)),
    page: () => Math.max(1, Math.floor(view.viewport / view.height) - 1),
  };
}
