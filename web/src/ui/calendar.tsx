// A month of days to choose from: by mouse, by arrows (Page Up and Down: the month before and after). What a day
// shows is the page's; so is which day is chosen, and how it stands in the address.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { dayNumber, dayText, formatDay, formatYearMonth } from "../lib/format";
import { t } from "../lib/i18n";
import { addMonths, firstDay, lastDay, type Month, monthText, sameDay, weekday, weekdayNames } from "../lib/month";
import { IconButton } from "./button";

export interface CalendarDay {
  /** For those who do not see the rest: "3 birthdays". */
  label: string;
  content?: ComponentChildren;
  /** 0…4: how warm the day's ground is. */
  warmth?: number;
}

interface CalendarProps {
  month: Month;
  chosen: string | null;
  /** Days outside cannot be chosen. */
  first?: number;
  last?: number;
  today?: string;
  day: (day: string) => CalendarDay;
  onChoose: (day: string) => void;
}

function DayCell(props: { day: number; of: CalendarDay | null; chosen: boolean; today: boolean; focus: boolean; onChoose: (day: string) => void }) {
  const text = dayText(props.day);
  const number = Number(text.slice(8));
  if (!props.of)
    return (
      <span class="calendar-day calendar-out" role="gridcell">
        <span class="calendar-date">{number}</span>
      </span>
    );
  return (
    <span role="gridcell" aria-selected={props.chosen}>
      <button
        type="button"
        class={`calendar-day calendar-warmth-${props.of.warmth ?? 0} ${props.today ? "calendar-today" : ""}`}
        data-day={text}
        aria-pressed={props.chosen}
        aria-current={props.today ? "date" : undefined}
        tabIndex={props.focus ? 0 : -1}
        onClick={() => props.onChoose(text)}
      >
        <span class="calendar-date" aria-hidden="true">
          {number}
        </span>
        {props.of.content && (
          <span class="calendar-content" aria-hidden="true">
            {props.of.content}
          </span>
        )}
        <span class="hidden-text">{`${formatDay(text, "long")}: ${props.of.label}`}</span>
      </button>
    </span>
  );
}

const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
const monthSteps: Readonly<Record<string, number>> = { PageUp: -1, PageDown: 1 };

export function Calendar(props: CalendarProps) {
  const { month, chosen, first = -Infinity, last = Infinity } = props;
  const grid = useRef<HTMLDivElement>(null);
  const focusOn = useRef<string | null>(null);
  useEffect(() => {
    if (!focusOn.current) return;
    const button = grid.current?.querySelector<HTMLElement>(`[data-day="${focusOn.current}"]`);
    if (!button) return;
    button.focus();
    focusOn.current = null;
  });
  const from = firstDay(month);
  const to = lastDay(month);
  const may = (day: number) => day >= first && day <= last;
  const days = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const chosenHere = chosen !== null && dayNumber(chosen) >= from && dayNumber(chosen) <= to && may(dayNumber(chosen));
  const today = props.today !== undefined ? dayNumber(props.today) : NaN;
  const focused = chosenHere ? dayNumber(chosen) : days.includes(today) && may(today) ? today : days.find(may);
  const weeks: (number | null)[][] = [];
  for (let start = from - weekday(from); start <= to; start += 7)
    weeks.push(Array.from({ length: 7 }, (_, i) => (start + i >= from && start + i <= to ? start + i : null)));
  const keys = (event: KeyboardEvent) => {
    const at = (event.target as HTMLElement).dataset["day"];
    const step = steps[event.key];
    const monthStep = monthSteps[event.key];
    if (!at || (step === undefined && monthStep === undefined)) return;
    event.preventDefault();
    const wanted = step !== undefined ? dayNumber(at) + step : sameDay(at, monthStep!);
    const next = dayText(Math.min(last, Math.max(first, wanted)));
    focusOn.current = next;
    props.onChoose(next);
  };
  return (
    <div class="calendar" role="grid" aria-label={formatYearMonth(monthText(month))} ref={grid} onKeyDown={keys}>
      <div class="calendar-week calendar-weekdays" role="row">
        {weekdayNames().map((name) => (
          <span key={name} role="columnheader">
            {name}
          </span>
        ))}
      </div>
      {weeks.map((week, i) => (
        <div key={i} class="calendar-week" role="row">
          {week.map((day, k) =>
            day === null ? (
              <span key={k} role="gridcell" class="calendar-day calendar-none" />
            ) : (
              <DayCell
                key={k}
                day={day}
                of={may(day) ? props.day(dayText(day)) : null}
                chosen={dayText(day) === chosen}
                today={day === today}
                focus={day === focused}
                onChoose={props.onChoose}
              />
            ),
          )}
        </div>
      ))}
    </div>
  );
}

/** Month before, the month's name, month after; beside them what `children` say of it. */
export function MonthBar(props: { month: Month; first?: number; last?: number; onMonth: (month: Month) => void; children?: ComponentChildren }) {
  const { month, first = -Infinity, last = Infinity } = props;
  return (
    <div class="month-bar">
      <IconButton
        icon="chevron-left"
        variant="secondary"
        label={t("ui.month_before")}
        disabled={firstDay(month) <= first}
        onClick={() => props.onMonth(addMonths(month, -1))}
      />
      <h2 aria-live="polite">{formatYearMonth(monthText(month))}</h2>
      <IconButton
        icon="chevron-right"
        variant="secondary"
        label={t("ui.month_after")}
        disabled={lastDay(month) >= last}
        onClick={() => props.onMonth(addMonths(month, 1))}
      />
      {props.children}
    </div>
  );
}
