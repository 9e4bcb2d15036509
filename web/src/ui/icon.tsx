import bodies from "habitue:icons";
import type { IconName } from "./icon-names";

/** A Lucide icon; decoration unless a label is given. Filled: for a heart that is on. */
export function Icon(props: { name: IconName; size?: number; label?: string; filled?: boolean; class?: string }) {
  const size = props.size ?? 16;
  return (
    <svg
      class={props.class}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill={props.filled ? "currentColor" : "none"}
      stroke="currentColor"
      stroke-width={size > 24 ? 1.25 : 1.75}
      stroke-linecap="round"
      stroke-linejoin="round"
      role={props.label ? "img" : undefined}
      aria-label={props.label}
      aria-hidden={props.label ? undefined : "true"}
      dangerouslySetInnerHTML={{ __html: bodies[props.name] ?? "" }}
    />
  );
}
