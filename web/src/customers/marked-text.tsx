// A box for the text of a query, in which what is wrong is underlined in place.
import type { RefObject, TargetedKeyboardEvent } from "preact";
import { useRef } from "preact/hooks";

export interface Mark {
  from: number;
  to: number;
}

export function MarkedText(props: {
  value: string;
  mark: Mark | null;
  onText: (text: string) => void;
  label: string;
  placeholder?: string;
  rows?: number;
  box?: RefObject<HTMLTextAreaElement | null>;
  id?: string;
  describedBy?: string;
  onKeyDown?: (event: TargetedKeyboardEvent<HTMLTextAreaElement>) => void;
}) {
  const behind = useRef<HTMLDivElement>(null);
  const { value, mark } = props;
  const from = mark?.from ?? 0;
  const to = mark?.to ?? 0;
  return (
    <div class="raw">
      <div class="raw-behind" ref={behind} aria-hidden="true">
        {value.slice(0, from)}
        {mark && <mark>{value.slice(from, to) || " "}</mark>}
        {value.slice(to)}
      </div>
      <textarea
        ref={props.box}
        id={props.id}
        class="raw-input"
        rows={props.rows ?? 2}
        spellcheck={false}
        autocapitalize="off"
        aria-label={props.label}
        aria-invalid={mark ? "true" : undefined}
        aria-describedby={props.describedBy}
        placeholder={props.placeholder}
        value={value}
        onInput={(event) => props.onText(event.currentTarget.value.replaceAll("\n", " "))}
        onScroll={(event) => {
          if (behind.current) behind.current.scrollTop = event.currentTarget.scrollTop;
        }}
        onKeyDown={props.onKeyDown}
      />
    </div>
  );
}
