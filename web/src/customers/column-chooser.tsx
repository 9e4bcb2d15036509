// Which columns, and in what order: dragged, or moved with the arrow keys on the grip.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { t } from "../lib/i18n";
import { Button, Checkbox, Icon, IconButton, Popover } from "../ui";
import { type ColumnId, columnIds, defaultColumns } from "./columns";
import { columns, setColumns } from "./state";

function move(ids: readonly ColumnId[], id: ColumnId, to: number): ColumnId[] {
  const rest = ids.filter((one) => one !== id);
  const place = Math.max(1, Math.min(rest.length, to));
  return [...rest.slice(0, place), id, ...rest.slice(place)];
}

function Choice({ id, chosen }: { id: ColumnId; chosen: readonly ColumnId[] }) {
  const at = chosen.indexOf(id);
  const over = useSignal(false);
  const spoken = useRef<HTMLSpanElement>(null);
  const shift = (event: KeyboardEvent) => {
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const next = move(chosen, id, at + step);
    setColumns(next);
    const words = { column: t(`column.${id}`), place: next.indexOf(id) + 1, count: next.length };
    if (spoken.current) spoken.current.textContent = t("columns.moved", words);
  };
  return (
    <li
      class={`choice ${over.value ? "choice-over" : ""}`}
      draggable={at > 0}
      onDragStart={(event) => event.dataTransfer?.setData("text/plain", id)}
      onDragOver={(event) => {
        if (at < 0) return;
        event.preventDefault();
        over.value = true;
      }}
      onDragLeave={() => (over.value = false)}
      onDrop={(event) => {
        event.preventDefault();
        over.value = false;
        const dragged = chosen.find((one) => one === event.dataTransfer?.getData("text/plain"));
        if (dragged && dragged !== "name") setColumns(move(chosen, dragged, at));
      }}
    >
      {at > 0 ? (
        <IconButton
          class="choice-grip"
          icon="grip-vertical"
          iconSize={14}
          label={t("columns.move", { column: t(`column.${id}`) })}
          onKeyDown={shift}
        />
      ) : (
        <span class="choice-grip" />
      )}
      <Checkbox
        label={t(`column.${id}`)}
        checked={at >= 0}
        disabled={id === "name"}
        onChecked={(on) => setColumns(on ? [...chosen, id] : chosen.filter((one) => one !== id))}
      />
      <span ref={spoken} class="hidden-text" role="status" />
    </li>
  );
}

export function ColumnChooser() {
  return (
    <Popover
      label={t("columns.title")}
      align="end"
      class="column-chooser"
      button={(attributes) => (
        <Button icon="columns-3" class="wide-button" title={t("columns.title")} {...attributes}>
          {t("columns.title")}
        </Button>
      )}
    >
      {() => {
        const chosen = columns.value;
        const others = columnIds.filter((id) => !chosen.includes(id));
        return (
          <>
            <ul>
              {chosen.map((id) => (
                <Choice key={id} id={id} chosen={chosen} />
              ))}
            </ul>
            <p class="chooser-heading">{t("columns.more")}</p>
            <ul>
              {others.map((id) => (
                <Choice key={id} id={id} chosen={chosen} />
              ))}
            </ul>
            <button type="button" class="chooser-reset" onClick={() => setColumns(defaultColumns)}>
              <Icon name="rotate-ccw" size={14} />
              {t("columns.reset")}
            </button>
          </>
        );
      }}
    </Popover>
  );
}
