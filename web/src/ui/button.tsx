import type { AllHTMLAttributes, ComponentChildren } from "preact";
import { Icon } from "./icon";
import type { IconName } from "./icon-names";

type Variant = "primary" | "secondary" | "ghost" | "danger";
type ButtonAttributes = Omit<AllHTMLAttributes<HTMLButtonElement>, "size" | "icon" | "label" | "type" | "role"> & {
  type?: "button" | "submit";
};
type LinkAttributes = Omit<AllHTMLAttributes<HTMLAnchorElement>, "size" | "icon" | "href" | "role"> & {
  href: string;
};

interface Looks {
  variant?: Variant;
  size?: "m" | "s";
  icon?: IconName;
  iconEnd?: IconName;
  /** Shows that it works and takes no second click. */
  busy?: boolean;
  children?: ComponentChildren;
}

function classes(looks: Looks, extra: unknown): string {
  const parts = ["button", `button-${looks.variant ?? "secondary"}`];
  if (looks.size === "s") parts.push("button-s");
  if (looks.busy) parts.push("button-busy");
  if (typeof extra === "string") parts.push(extra);
  return parts.join(" ");
}

function Inside(looks: Looks) {
  return (
    <>
      {looks.icon && <Icon name={looks.icon} />}
      {looks.children !== undefined && <span class="button-text">{looks.children}</span>}
      {looks.iconEnd && <Icon name={looks.iconEnd} />}
    </>
  );
}

export function Button({ variant, size, icon, iconEnd, busy, children, ...rest }: Looks & ButtonAttributes) {
  const looks = { variant, size, icon, iconEnd, busy, children };
  return (
    <button
      type="button"
      {...(rest as object)}
      class={classes(looks, rest.class)}
      aria-busy={busy ? "true" : undefined}
      aria-disabled={busy ? "true" : undefined}
      onClick={busy ? (event: MouseEvent) => event.preventDefault() : rest.onClick}
    >
      <Inside {...looks} />
    </button>
  );
}

/** A link that looks like a button: for what has an address. */
export function LinkButton({ variant, size, icon, iconEnd, children, ...rest }: Looks & LinkAttributes) {
  const looks = { variant, size, icon, iconEnd, children };
  return (
    <a {...(rest as object)} href={rest.href} class={classes(looks, rest.class)}>
      <Inside {...looks} />
    </a>
  );
}

interface IconButtonProps {
  icon: IconName;
  /** Said to screen readers and shown on hover. */
  label: string;
  filled?: boolean;
  iconSize?: number;
  variant?: Variant;
}
export function IconButton({
  icon,
  label,
  filled,
  iconSize,
  variant,
  ...rest
}: IconButtonProps & ButtonAttributes) {
  return (
    <button
      type="button"
      title={label}
      aria-label={label}
      {...(rest as object)}
      class={["icon-button", variant === "secondary" && "icon-button-edged", rest.class].filter(Boolean).join(" ")}
    >
      <Icon name={icon} size={iconSize ?? 16} filled={filled} />
    </button>
  );
}
