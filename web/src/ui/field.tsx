// Form controls. Each stands in a Field, which gives the label, the hint and the error their ids.
import { type AllHTMLAttributes, createContext, type ComponentChildren, type TargetedEvent } from "preact";
import { useContext, useId } from "preact/hooks";
import { Icon } from "./icon";
import type { IconName } from "./icon-names";

interface FieldIds {
  id: string;
  describedBy: string | undefined;
  invalid: boolean;
}
const Ids = createContext<FieldIds | null>(null);

/** What a control of one's own needs to belong to the Field around it. */
export function useFieldAttributes() {
  const ids = useContext(Ids);
  return ids
    ? {
        id: ids.id,
        "aria-describedby": ids.describedBy,
        "aria-invalid": ids.invalid ? ("true" as const) : undefined,
      }
    : {};
}

export function Field(props: {
  label: string;
  hint?: ComponentChildren;
  error?: string | null;
  /** The label is only said, not shown. */
  quiet?: boolean;
  class?: string;
  children: ComponentChildren;
}) {
  const id = useId();
  const describedBy = [props.error && `${id}-error`, props.hint && `${id}-hint`].filter(Boolean).join(" ");
  return (
    <div class={`field ${props.class ?? ""}`}>
      <label class={props.quiet ? "hidden-text" : "field-label"} for={id}>
        {props.label}
      </label>
      <Ids.Provider value={{ id, describedBy: describedBy || undefined, invalid: !!props.error }}>
        {props.children}
      </Ids.Provider>
      {props.error && (
        <p class="field-error" id={`${id}-error`}>
          <Icon name="circle-alert" size={14} />
          {props.error}
        </p>
      )}
      {props.hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
    </div>
  );
}

type InputProps = Omit<AllHTMLAttributes<HTMLInputElement>, "icon" | "onInput" | "type" | "role"> & {
  type?: "text" | "email" | "password" | "search" | "number" | "date" | "tel" | "url";
  icon?: IconName;
  onText?: (text: string) => void;
  onInput?: (event: TargetedEvent<HTMLInputElement>) => void;
};
export function Input({ icon, onText, onInput, ...rest }: InputProps) {
  const input = (
    <input
      type="text"
      {...useFieldAttributes()}
      {...(rest as object)}
      class={`input ${icon ? "input-with-icon" : ""} ${typeof rest.class === "string" ? rest.class : ""}`}
      onInput={(event) => {
        onInput?.(event);
        onText?.(event.currentTarget.value);
      }}
    />
  );
  if (!icon) return input;
  return (
    <span class="input-frame">
      <Icon name={icon} />
      {input}
    </span>
  );
}

export function TextArea({
  onText,
  ...rest
}: AllHTMLAttributes<HTMLTextAreaElement> & { onText?: (text: string) => void }) {
  return (
    <textarea
      {...useFieldAttributes()}
      {...(rest as object)}
      class={`input textarea ${typeof rest.class === "string" ? rest.class : ""}`}
      onInput={(event) => onText?.(event.currentTarget.value)}
    />
  );
}

export interface Option {
  value: string;
  label: string;
  disabled?: boolean;
}
export function Select({
  options,
  onValue,
  ...rest
}: AllHTMLAttributes<HTMLSelectElement> & { options: readonly Option[]; onValue: (value: string) => void }) {
  return (
    <span class="select-frame">
      <select
        {...useFieldAttributes()}
        {...(rest as object)}
        class={`input select ${typeof rest.class === "string" ? rest.class : ""}`}
        onChange={(event) => onValue(event.currentTarget.value)}
      >
        {options.map((option) => (
          <option
            key={option.value}
            value={option.value}
            disabled={option.disabled}
            selected={option.value === rest.value}
          >
            {option.label}
          </option>
        ))}
      </select>
      <Icon name="chevron-down" size={14} />
    </span>
  );
}

export function Checkbox(props: {
  checked: boolean;
  indeterminate?: boolean;
  onChecked: (checked: boolean) => void;
  label: ComponentChildren;
  /** The label is only said, not shown. */
  quiet?: boolean;
  disabled?: boolean;
  class?: string;
}) {
  return (
    <label class={`checkbox ${props.class ?? ""}`}>
      <input
        type="checkbox"
        checked={props.checked}
        disabled={props.disabled}
        ref={(input) => {
          if (input) input.indeterminate = props.indeterminate ?? false;
        }}
        onChange={(event) => props.onChecked(event.currentTarget.checked)}
      />
      <span class="checkbox-box">
        <Icon name={props.indeterminate ? "minus" : "check"} size={12} />
      </span>
      <span class={props.quiet ? "hidden-text" : "checkbox-label"}>{props.label}</span>
    </label>
  );
}

export function Switch(props: {
  checked: boolean;
  onChecked: (checked: boolean) => void;
  label: ComponentChildren;
  disabled?: boolean;
}) {
  return (
    <label class="switch">
      <input
        type="checkbox"
        role="switch"
        checked={props.checked}
        disabled={props.disabled}
        onChange={(event) => props.onChecked(event.currentTarget.checked)}
      />
      <span class="switch-track" />
      <span>{props.label}</span>
    </label>
  );
}

/** A few alternatives side by side; one holds. */
export function Segmented<V extends string>(props: {
  label: string;
  options: readonly { value: V; label: string; icon?: IconName; title?: string }[];
  value: V;
  onValue: (value: V) => void;
  class?: string;
}) {
  const name = useId();
  return (
    <div class={`segmented ${props.class ?? ""}`} role="radiogroup" aria-label={props.label}>
      {props.options.map((option) => (
        <label key={option.value} class="segment" title={option.title}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === props.value}
            onChange={() => props.onValue(option.value)}
          />
          <span class="segment-face">
            {option.icon && <Icon name={option.icon} size={14} />}
            {option.label}
          </span>
        </label>
      ))}
    </div>
  );
}
