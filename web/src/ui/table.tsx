// A plain table for short lists (the customers' list is a virtual one of its own), and tabs.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { formatNumber } from "../lib/format";

export interface Column<Row> {
  key: string;
  head: ComponentChildren;
  cell: (row: Row) => ComponentChildren;
  align?: "left" | "right";
  width?: string;
  /** Hidden on a phone. */
  wide?: boolean;
}

/** `href` makes a row a link: its first cell holds the real one, so that the keyboard finds it. */
export function Table<Row>(props: {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  href?: (row: Row) => string | null;
  empty?: ComponentChildren;
}) {
  if (props.rows.length === 0 && props.empty) return <>{props.empty}</>;
  return (
    <div class="table-frame">
      <table class="table">
        <caption class="hidden-text">{props.label}</caption>
        <thead>
          <tr>
            {props.columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                class={cellClass(column)}
                style={column.width ? { width: column.width } : undefined}
              >
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => {
            const href = props.href?.(row);
            return (
              <tr key={props.rowKey(row)} class={href ? "table-link" : undefined}>
                {props.columns.map((column, i) => (
                  <td key={column.key} class={cellClass(column)}>
                    {i === 0 && href ? <a href={href}>{column.cell(row)}</a> : column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function cellClass<Row>(column: Column<Row>): string {
  return `${column.align === "right" ? "number" : ""} ${column.wide ? "wide-only" : ""}`;
}

export interface Tab<Id extends string> {
  id: Id;
  label: string;
  count?: number;
}
/** Arrow keys move between tabs; the panel is the caller's, with id `${name}-panel`. */
export function Tabs<Id extends string>(props: {
  name: string;
  label: string;
  tabs: readonly Tab<Id>[];
  current: Id;
  onCurrent: (id: Id) => void;
}) {
  const list = useRef<HTMLDivElement>(null);
  /* on a phone there are more tabs than room: the current one is in sight */
  useEffect(() => {
    const tab = list.current?.querySelector<HTMLElement>('[aria-selected="true"]');
    if (list.current && tab) list.current.scrollLeft = tab.offsetLeft - (list.current.clientWidth - tab.offsetWidth) / 2;
  }, [props.current, props.tabs.length]);
  const move = (event: KeyboardEvent) => {
    const at = props.tabs.findIndex((tab) => tab.id === props.current);
    const steps: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 };
    const to = steps[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = props.tabs.at(to % props.tabs.length);
    if (!next) return;
    props.onCurrent(next.id);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={props.label} ref={list} onKeyDown={move}>
      {props.tabs.map((tab) => (
        <button
          key={tab.id}
          type="button"
          role="tab"
          class="tab"
          data-tab={tab.id}
          id={`${props.name}-${tab.id}`}
          aria-selected={tab.id === props.current}
          aria-controls={`${props.name}-panel`}
          tabIndex={tab.id === props.current ? 0 : -1}
          onClick={() => props.onCurrent(tab.id)}
        >
          {tab.label}
          {tab.count !== undefined && <span class="tab-count">{formatNumber(tab.count)}</span>}
        </button>
      ))}
    </div>
  );
}
export function TabPanel(props: { name: string; current: string; children: ComponentChildren; class?: string }) {
  return (
    <div
      role="tabpanel"
      id={`${props.name}-panel`}
      aria-labelledby={`${props.name}-${props.current}`}
      class={props.class}
    >
      {props.children}
    </div>
  );
}
