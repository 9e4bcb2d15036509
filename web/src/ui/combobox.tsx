// A text field with suggestions under it: what is there can be chosen, anything else can be typed.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { isAborted } from "../api/client";
import { t } from "../lib/i18n";
import { useFieldAttributes } from "./field";

const typingDelayMs = 120;

/** What the source says to the text; until it has spoken, what of its last answer fits the text. */
function useSuggestions(text: string, open: boolean, ask: (text: string, signal: AbortSignal) => Promise<readonly string[]>) {
  const [found, setFound] = useState<{ to: string; items: readonly string[] }>({ to: "", items: [] });
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    if (!open) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      latest.current(text, abort.signal).then(
        (items) => !abort.signal.aborted && setFound({ to: text, items }),
        (error: unknown) => {
          if (!isAborted(error) && !abort.signal.aborted) setFound({ to: text, items: [] });
        },
      );
    }, typingDelayMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text, open]);
  if (found.to === text) return found.items;
  const typed = text.toLowerCase();
  return found.items.filter((item) => item.toLowerCase().includes(typed));
}

export function Combobox(props: {
  value: string;
  onText: (text: string) => void;
  suggest: (text: string, signal: AbortSignal) => Promise<readonly string[]>;
  /** Enter, or a click on a suggestion; left out where the text alone counts. */
  onChoose?: (text: string) => void;
  /** Not inside a Field. */
  label?: string;
  placeholder?: string;
  maxLength?: number;
  autofocus?: boolean;
}) {
  const list = useId();
  const attributes = useFieldAttributes();
  const [open, setOpen] = useState(false);
  /* by its text: the list may change under it */
  const [active, setActive] = useState<string | null>(null);
  const text = props.value.trim();
  const found = useSuggestions(text, open, props.suggest);
  const shown = open && found.length > 0;
  const at = active === null ? -1 : found.indexOf(active);
  const choose = (value: string) => {
    setActive(null);
    setOpen(false);
    if (props.onChoose) props.onChoose(value);
    else props.onText(value);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      const places = found.length + 1; /* the last of them is the text itself */
      setActive(found[(at + places + step) % places] ?? null);
    } else if (event.key === "Enter" && (shown && found[at] !== undefined)) {
      event.preventDefault();
      choose(found[at]!);
    } else if (event.key === "Enter" && props.onChoose && text) {
      event.preventDefault();
      choose(text);
    } else if (event.key === "Escape" && shown) {
      event.stopPropagation();
      setOpen(false);
    }
  };
  return (
    <span class="combobox">
      <input
        type="text"
        class="input"
        {...attributes}
        role="combobox"
        aria-label={props.label}
        aria-expanded={shown}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={shown && at >= 0 ? `${list}-${at}` : undefined}
        autocomplete="off"
        maxLength={props.maxLength}
        placeholder={props.placeholder}
        autofocus={props.autofocus}
        value={props.value}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onInput={(event) => {
          setOpen(true);
          setActive(null);
          props.onText(event.currentTarget.value);
        }}
        onKeyDown={onKeyDown}
      />
      <ul id={list} class="combobox-list" role="listbox" aria-label={props.label ?? t("ui.suggestions")} hidden={!shown}>
        {found.map((one, i) => (
          <li
            key={one}
            id={`${list}-${i}`}
            role="option"
            aria-selected={i === at}
            class="combobox-option cut"
            onMouseDown={(event) => {
              event.preventDefault(); /* the field keeps the focus */
              choose(one);
            }}
          >
            {one}
          </li>
        ))}
      </ul>
    </span>
  );
}
