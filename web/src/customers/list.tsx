// The virtual list: only the rows on screen exist; a million scroll as smoothly as a hundred.
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { language, t } from "../lib/i18n";
import { navigate } from "../lib/router";
import { VirtualRows } from "../lib/virtual";
import { useShortcuts } from "../shell/shortcuts";
import { density, rowHeight } from "../shell/theme";
import { Icon } from "../ui";
import { type ColumnId, columnSpecs, nextSort } from "./columns";
import { cardAddress, ListRow, rowId } from "./row";
import { answered, counts, rowAt, want } from "./rows";
import { columns, narrow, rememberRow, setSort, sort, startRow } from "./state";
import { setFavourite, tickAll, ticked, toggleTick, untickAll } from "./ticked";

const headHeight = 36;
const cardHeight = 88;
const overscan = 6;
const fetchDelayMs = 30;
const rememberDelayMs = 300;

function template(ids: readonly ColumnId[]): string {
  const flexible = ids.includes("email") ? ["name", "email"] : ["name"];
  const tracks = ids.map((id) => {
    const { width } = columnSpecs[id];
    return flexible.includes(id) ? `minmax(${width}px, 1.5fr)` : `minmax(${width}px, 1fr)`;
  });
  return `40px ${tracks.join(" ")}`;
}

function Heading({ id }: { id: ColumnId }) {
  const spec = columnSpecs[id];
  const now = sort.value;
  const sorted = now.column === id;
  const text = <span class="cut">{t(`column.${id}`)}</span>;
  return (
    <span
      class={`cell head-cell ${spec.align === "right" ? "cell-right" : ""}`}
      role="columnheader"
      aria-sort={sorted ? (now.descending ? "descending" : "ascending") : undefined}
    >
      {spec.unsorted ? (
        text
      ) : (
        <button type="button" class={`head-button ${sorted ? "head-sorted" : ""}`} onClick={() => setSort(nextSort(now, id))}>
          {text}
          <Icon name={sorted && now.descending ? "arrow-down" : "arrow-up"} size={12} />
        </button>
      )}
    </span>
  );
}

interface Drawn {
  first: number;
  last: number;
  offset: number;
  height: number;
}

export function CustomerList() {
  const scroller = useRef<HTMLDivElement>(null);
  const current = useSignal(-1);
  const drawn = useSignal<Drawn>({ first: 0, last: -1, offset: 0, height: 0 });
  const anchor = useRef(-1);
  const small = narrow.value;
  const height = small ? cardHeight : rowHeight();
  const head = small ? 0 : headHeight;
  const total = counts.value?.matching ?? 0;
  const view = useRef({ rows: new VirtualRows(0, height, 1), top: 0, viewport: 1, height });
  const timers = useRef({ fetch: 0, remember: 0 });

  const firstRow = () => Math.floor(view.current.top / view.current.height);
  const draw = (place: { top: number; offset: number; height: number }) => {
    const { viewport, height: each } = view.current;
    const matching = counts.peek()?.matching ?? 0;
    view.current.top = place.top;
    const first = Math.max(0, firstRow() - overscan);
    const last = Math.min(matching - 1, Math.ceil((place.top + viewport) / each) + overscan);
    const now = drawn.peek();
    if (now.first !== first || now.last !== last || now.offset !== place.offset || now.height !== place.height)
      drawn.value = { first, last, offset: place.offset, height: place.height };
    timers.current.fetch ||= window.setTimeout(() => {
      timers.current.fetch = 0;
      want(firstRow(), Math.ceil((view.current.top + viewport) / each));
    }, fetchDelayMs);
  };
  const goTo = (top: number) => {
    const place = view.current.rows.goTo(top);
    if (scroller.current) scroller.current.scrollTop = place.scrollTop;
    draw(place);
  };
  const scrolled = () => {
    const at = scroller.current!.scrollTop;
    const place = view.current.rows.scrolled(at);
    if (Math.abs(place.scrollTop - at) > 1) scroller.current!.scrollTop = place.scrollTop;
    draw(place);
    clearTimeout(timers.current.remember);
    timers.current.remember = window.setTimeout(() => rememberRow(firstRow()), rememberDelayMs);
  };

  /* the size of the window, the count and the height of a row decide where rows stand */
  const fit = () => {
    const element = scroller.current;
    if (!element) return;
    const before = firstRow();
    const changed = view.current.height !== height;
    const viewport = Math.max(1, element.clientHeight - head);
    Object.assign(view.current, { height, viewport });
    view.current.rows.resize(counts.peek()?.matching ?? 0, height, viewport);
    goTo(changed ? before * height : view.current.top);
  };
  useLayoutEffect(fit, [total, height, head]);
  useEffect(() => {
    const observer = new ResizeObserver(fit);
    observer.observe(scroller.current!);
    return () => {
      observer.disconnect();
      clearTimeout(timers.current.fetch);
      clearTimeout(timers.current.remember);
    };
  }, [height, head]);

  /* another question begins at its top; the first one, where the address says */
  const asked = answered.value;
  useLayoutEffect(() => {
    current.value = -1;
    anchor.current = -1;
    goTo(startRow() * height);
  }, [asked]);

  const select = (index: number) => {
    const matching = counts.peek()?.matching ?? 0;
    if (matching === 0) return;
    current.value = Math.max(0, Math.min(matching - 1, index));
    goTo(view.current.rows.reveal(current.value, view.current.top));
  };
  const tickTo = (index: number) => {
    const from = anchor.current < 0 ? index : anchor.current;
    const range = [];
    for (let i = Math.min(from, index); i <= Math.max(from, index) && range.length < 500; i++) {
      const row = rowAt(i);
      if (row) range.push(row);
    }
    tickAll(range);
  };
  const open = (index: number, event: MouseEvent) => {
    current.value = index;
    const row = rowAt(index);
    if (!row || (event.target as Element).closest("a, button, label")) return;
    if (event.shiftKey) tickTo(index);
    else if (event.ctrlKey || event.metaKey) toggleTick(row);
    else if (!getSelection()?.toString()) navigate(cardAddress(row));
    anchor.current = index;
  };
  const here = () => (current.peek() >= 0 ? rowAt(current.peek()) : undefined);
  const page = () => Math.max(1, Math.floor(view.current.viewport / view.current.height) - 1);
  const keys: Readonly<Record<string, (event: KeyboardEvent) => void>> = {
    ArrowDown: (event) => {
      if (event.shiftKey) tickTo(current.peek());
      select(current.peek() + 1);
      if (event.shiftKey) tickTo(current.peek());
    },
    ArrowUp: (event) => {
      if (event.shiftKey) tickTo(current.peek());
      select(current.peek() - 1);
      if (event.shiftKey) tickTo(current.peek());
    },
    PageDown: () => select(Math.max(0, current.peek()) + page()),
    PageUp: () => select(current.peek() - page()),
    Home: () => select(0),
    End: () => select(Number.MAX_SAFE_INTEGER),
    " ": () => {
      const row = here();
      if (row) toggleTick(row);
      anchor.current = current.peek();
    },
    Enter: () => {
      const row = here();
      if (row) navigate(cardAddress(row));
    },
    h: () => {
      const row = here();
      if (row) setFavourite([row], !row.favourite);
    },
    Escape: untickAll,
  };
  const press = (event: KeyboardEvent) => {
    if (event.target !== scroller.current || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act(event);
  };
  const enter = (key: string) => (event: KeyboardEvent) => {
    scroller.current?.focus({ preventScroll: true });
    keys[key]?.(event);
  };
  useShortcuts("shortcuts.list", [
    { keys: ["ArrowDown", "ArrowUp"], text: "shortcuts.move", run: (event) => enter(event.key)(event) },
    { keys: ["PageDown", "PageUp", "Home", "End"], text: "shortcuts.far" },
    { keys: [" "], text: "shortcuts.tick" },
    { keys: ["Enter"], text: "shortcuts.open" },
    { keys: ["h"], text: "shortcuts.favourite", run: enter("h") },
    { keys: ["Escape"], text: "shortcuts.untick", run: untickAll },
  ]);

  const shown = drawn.value;
  const look = `${language.value} ${density.value}`;
  const ids = columns.value;
  const indexes: number[] = [];
  for (let i = shown.first; i <= Math.min(shown.last, total - 1); i++) indexes.push(i);
  const width = small ? undefined : `${48 + ids.reduce((sum, id) => sum + columnSpecs[id].width, 0)}px`;
  return (
    <div
      ref={scroller}
      class={`list ${small ? "list-cards" : ""}`}
      role="grid"
      tabIndex={0}
      aria-label={t("customers.list")}
      aria-rowcount={total + 1}
      aria-colcount={small ? 1 : ids.length + 1}
      aria-multiselectable="true"
      aria-activedescendant={current.value >= 0 ? rowId(current.value) : undefined}
      onScroll={scrolled}
      onKeyDown={press}
      onFocus={(event) => {
        if (event.target === scroller.current && current.peek() < 0 && event.currentTarget.matches(":focus-visible"))
          current.value = firstRow();
      }}
    >
      <div class="list-inside" style={{ "--columns": template(ids), minWidth: width }}>
        {!small && (
          <div class="list-head" role="rowgroup">
            <div class="row-head" role="row" aria-rowindex={1}>
              <span class="cell" role="columnheader">
                <span class="hidden-text">{t("customers.ticks")}</span>
              </span>
              {ids.map((id) => (
                <Heading key={id} id={id} />
              ))}
            </div>
          </div>
        )}
        <div class="list-body" role="rowgroup" style={{ height: `${shown.height}px` }}>
          {indexes.map((index) => {
            const row = rowAt(index);
            return (
              <ListRow
                key={index}
                index={index}
                row={row}
                place={index * height - shown.offset}
                height={height}
                current={index === current.value}
                ticked={!!row && ticked.value.has(row.id)}
                columns={ids}
                look={look}
                narrow={small}
                onOpen={open}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}
