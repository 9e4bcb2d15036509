// What floats: dialogs, sheets, menus, popovers.
import type { ComponentChildren, TargetedKeyboardEvent } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../lib/i18n";
import { Button, IconButton } from "./button";
import { Icon } from "./icon";
import type { IconName } from "./icon-names";

/** A native modal dialog: focus is kept inside, Esc closes, focus goes back where it was. */
export function Dialog(props: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  footer?: ComponentChildren;
  /** A sheet comes from an edge: filters on a phone, details beside a list. */
  shape?: "dialog" | "sheet" | "drawer";
  wide?: boolean;
  onSubmit?: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const element = dialog.current!;
    element.showModal();
    return () => element.close();
  }, []);
  const inside = (
    <>
      <header class="dialog-header">
        <h2 id={titleId}>{props.title}</h2>
        <IconButton icon="x" label={t("ui.close")} onClick={props.onClose} />
      </header>
      <div class="dialog-body">{props.children}</div>
      {props.footer && <footer class="dialog-footer">{props.footer}</footer>}
    </>
  );
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    props.onSubmit?.();
  };
  return (
    <dialog
      ref={dialog}
      class={`dialog dialog-${props.shape ?? "dialog"} ${props.wide ? "dialog-wide" : ""}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === dialog.current) props.onClose();
      }}
    >
      {props.onSubmit ? (
        <form class="dialog-frame" onSubmit={submit} noValidate>
          {inside}
        </form>
      ) : (
        <div class="dialog-frame">{inside}</div>
      )}
    </dialog>
  );
}

/** Asks before something that cannot be undone. */
export function ConfirmDialog(props: {
  title: string;
  text: ComponentChildren;
  confirm: string;
  danger?: boolean;
  busy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}) {
  return (
    <Dialog
      title={props.title}
      onClose={props.onClose}
      onSubmit={props.onConfirm}
      footer={
        <>
          <Button onClick={props.onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant={props.danger ? "danger" : "primary"} busy={props.busy}>
            {props.confirm}
          </Button>
        </>
      }
    >
      <p>{props.text}</p>
    </Dialog>
  );
}

/** Puts a floating element under (or above) its anchor, inside the window. */
function place(anchor: HTMLElement, floating: HTMLElement, align: "start" | "end") {
  const gap = 4;
  const edge = 8;
  const a = anchor.getBoundingClientRect();
  const width = floating.offsetWidth;
  const below = innerHeight - a.bottom - gap - edge;
  const above = a.top - gap - edge;
  const height = floating.scrollHeight;
  const up = height > below && above > below;
  const left = align === "start" ? a.left : a.right - width;
  floating.style.left = `${Math.max(edge, Math.min(left, innerWidth - width - edge))}px`;
  floating.style.maxHeight = `${Math.max(120, up ? above : below)}px`;
  floating.style.top = up ? "auto" : `${a.bottom + gap}px`;
  floating.style.bottom = up ? `${innerHeight - a.top + gap}px` : "auto";
}

/** A button and what opens under it. Clicking outside, Esc or Tab out closes. */
export function Popover(props: {
  button: (attributes: {
    "aria-expanded": boolean;
    "aria-haspopup": "dialog" | "menu";
    onClick: () => void;
  }) => ComponentChildren;
  children: (close: () => void) => ComponentChildren;
  label: string;
  role?: "dialog" | "menu";
  align?: "start" | "end";
  class?: string;
  onKeyDown?: (event: TargetedKeyboardEvent<HTMLDivElement>) => void;
}) {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLSpanElement>(null);
  const floating = useRef<HTMLDivElement>(null);
  const close = () => {
    setOpen(false);
    anchor.current?.querySelector<HTMLElement>("button")?.focus();
  };
  useLayoutEffect(() => {
    if (!open) return;
    const element = floating.current!;
    element.showPopover();
    const move = () => place(anchor.current!, element, props.align ?? "start");
    move();
    const first = element.querySelector<HTMLElement>("[data-autofocus], [role^=menuitem], input, button, a[href]");
    (first ?? element).focus();
    const outside = (event: Event) => {
      const target = event.target as Node;
      if (!element.contains(target) && !anchor.current!.contains(target)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside, true);
    document.addEventListener("focusin", outside, true);
    addEventListener("resize", move);
    return () => {
      document.removeEventListener("pointerdown", outside, true);
      document.removeEventListener("focusin", outside, true);
      removeEventListener("resize", move);
    };
  }, [open]);
  return (
    <span class="popover-anchor" ref={anchor}>
      {props.button({
        "aria-expanded": open,
        "aria-haspopup": props.role ?? "dialog",
        onClick: () => (open ? close() : setOpen(true)),
      })}
      {open && (
        <div
          ref={floating}
          class={`popover ${props.class ?? ""}`}
          popover="manual"
          role={props.role ?? "dialog"}
          aria-label={props.label}
          tabIndex={-1}
          onKeyDown={(event) => {
            if (event.key === "Escape") {
              event.stopPropagation();
              close();
            } else props.onKeyDown?.(event);
          }}
        >
          {props.children(close)}
        </div>
      )}
    </span>
  );
}

export type MenuItem =
  | {
      label: string;
      icon?: IconName;
      onSelect?: () => void;
      href?: string;
      danger?: boolean;
      disabled?: boolean;
      /** A choice that is on or off: shown with a tick. */
      checked?: boolean;
      hint?: string;
    }
  | "line";

function moveInMenu(event: TargetedKeyboardEvent<HTMLDivElement>) {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>("[role^=menuitem]:not(:disabled)")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
  const to = steps[event.key];
  if (to !== undefined) {
    event.preventDefault();
    items.at(to % items.length)?.focus();
    return;
  }
  if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.key === " ") return;
  const letter = event.key.toLocaleLowerCase();
  const order = [...items.slice(at + 1), ...items.slice(0, at + 1)];
  order.find((item) => item.textContent?.trim().toLocaleLowerCase().startsWith(letter))?.focus();
}

/** A menu under a button. Arrow keys, Home, End and first letters move; Enter chooses. */
export function Menu(props: {
  label: string;
  items: readonly MenuItem[];
  button: Parameters<typeof Popover>[0]["button"];
  align?: "start" | "end";
}) {
  return (
    <Popover
      label={props.label}
      role="menu"
      align={props.align ?? "end"}
      class="menu"
      button={props.button}
      onKeyDown={moveInMenu}
    >
      {(close) =>
        props.items.map((item, i) => {
          if (item === "line") return <hr key={i} class="menu-line" />;
          const face = (
            <>
              {item.checked !== undefined ? (
                <Icon name="check" class={item.checked ? undefined : "menu-off"} />
              ) : (
                item.icon && <Icon name={item.icon} />
              )}
              <span class="cut">{item.label}</span>
              {item.hint && <span class="menu-hint">{item.hint}</span>}
            </>
          );
          const shared = {
            class: `menu-item ${item.danger ? "menu-danger" : ""}`,
            role: item.checked === undefined ? ("menuitem" as const) : ("menuitemcheckbox" as const),
            "aria-checked": item.checked,
            tabIndex: -1,
          };
          const choose = () => {
            close();
            item.onSelect?.();
          };
          return item.href ? (
            <a key={item.label} href={item.href} onClick={choose} {...shared}>
              {face}
            </a>
          ) : (
            <button key={item.label} type="button" disabled={item.disabled} onClick={choose} {...shared}>
              {face}
            </button>
          );
        })
      }
    </Popover>
  );
}
