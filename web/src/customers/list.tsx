// The virtual list: only the rows on screen exist; a million scroll as smoothly as a hundred.
import { useRef } from "preact/hooks";
import { language, t } from "../lib/i18n";
import { useShortcuts } from "../shell/shortcuts";
import { density, rowHeight } from "../shell/theme";
import { Checkbox, Icon } from "../ui";
import { type ColumnId, columnSpecs, nextSort } from "./columns";
import { useMoves } from "./keys";
import { ListRow, rowId } from "./row";
import { counts, rowAt } from "./rows";
import { useScroll } from "./scroll";
import { columns, narrow, setSort, sort } from "./state";
import { chooseEverything, chosenCount, everything, isTicked, untickAll } from "./ticked";

const headHeight = 36;
const cardHeight = 88;
const tickWidth = 40;
const endWidth = 8;

function template(ids: readonly ColumnId[]): string {
  const tracks = ids.map((id) => {
    const wide = id === "name" || id === "email";
    return `minmax(${columnSpecs[id].width}px, ${wide ? "1.5fr" : "1fr"})`;
  });
  return `${tickWidth}px ${tracks.join(" ")}`;
}
function leastWidth(ids: readonly ColumnId[]): number {
  return ids.reduce((sum, id) => sum + columnSpecs[id].width, tickWidth + endWidth);
}

function Heading({ id }: { id: ColumnId }) {
  const spec = columnSpecs[id];
  const now = sort.value;
  const sorted = now.column === id;
  if (spec.unsorted)
    return (
      <span class="cell head-cell head-unsorted" role="columnheader">
        <span class="cut">{t(`column.${id}`)}</span>
      </span>
    );
  return (
    <span
      class={`cell head-cell ${spec.align === "right" ? "cell-right" : ""}`}
      role="columnheader"
      aria-sort={sorted ? (now.descending ? "descending" : "ascending") : undefined}
    >
      <button
        type="button"
        class={`head-button ${sorted ? "head-sorted" : ""}`}
        onClick={() => setSort(nextSort(now, id))}
      >
        <span class="cut">{t(`column.${id}`)}</span>
        <Icon name={sorted && now.descending ? "arrow-down" : "arrow-up"} size={12} />
      </button>
    </span>
  );
}

function Head({ ids }: { ids: readonly ColumnId[] }) {
  return (
    <div class="list-head" role="rowgroup">
      <div class="row-head" role="row" aria-rowindex={1}>
        <span class="cell" role="columnheader">
          <Checkbox
            quiet
            label={t("customers.tick_all")}
            checked={everything.value !== null && everything.value.except.size === 0}
            indeterminate={chosenCount.value > 0 && !(everything.value && everything.value.except.size === 0)}
            onChecked={(on) => (on ? chooseEverything() : untickAll())}
          />
        </span>
        {ids.map((id) => (
          <Heading key={id} id={id} />
        ))}
      </div>
    </div>
  );
}

export function CustomerList() {
  const scroller = useRef<HTMLDivElement>(null);
  const small = narrow.value;
  const height = small ? cardHeight : rowHeight();
  const scroll = useScroll(scroller, height, small ? 0 : headHeight);
  const { current, press, click } = useMoves(scroll);
  const enter = (event: KeyboardEvent) => {
    scroller.current?.focus({ preventScroll: true });
    press(event);
  };
  useShortcuts("shortcuts.list", [
    { keys: ["ArrowDown", "ArrowUp"], text: "shortcuts.move", run: enter },
    { keys: ["PageDown", "PageUp", "Home", "End"], text: "shortcuts.far" },
    { keys: [" "], text: "shortcuts.tick" },
    { keys: ["Enter"], text: "shortcuts.open" },
    { keys: ["h"], text: "shortcuts.favourite", run: enter },
    { keys: ["Escape"], text: "shortcuts.untick", run: untickAll },
  ]);

  const total = counts.value?.matching ?? 0;
  const { first, last, offset, height: whole } = scroll.drawn.value;
  const ids = columns.value;
  const look = `${language.value} ${density.value}`;
  const indexes: number[] = [];
  for (let i = first; i <= Math.min(last, total - 1); i++) indexes.push(i);
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
      onScroll={scroll.onScroll}
      onKeyDown={(event) => {
        if (event.target === scroller.current && press(event)) event.preventDefault();
      }}
      onFocus={(event) => {
        const byKeyboard = event.target === scroller.current && event.currentTarget.matches(":focus-visible");
        if (byKeyboard && current.peek() < 0) current.value = scroll.firstRow();
      }}
    >
      <div
        class="list-inside"
        style={{ "--columns": template(ids), minWidth: small ? undefined : `${leastWidth(ids)}px` }}
      >
        {!small && <Head ids={ids} />}
        <div class="list-body" role="rowgroup" style={{ height: `${whole}px` }}>
          {indexes.map((index) => {
            const row = rowAt(index);
            return (
              <ListRow
                key={index}
                index={index}
                row={row}
                place={index * height - offset}
                height={height}
                current={index === current.value}
                ticked={!!row && isTicked(row.id)}
                columns={ids}
                look={look}
                narrow={small}
                onOpen={click}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}
