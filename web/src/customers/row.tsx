// One row of the list, as a line of a table or (on a phone) as a small card.
import { Component } from "preact";
import { formatMoney, formatPhone } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { Avatar, Checkbox, DayText, Icon, IconButton, Skeleton } from "../ui";
import { TypeBadge } from "../typologies/badge";
import { cells } from "./cells";
import { type ColumnId, columnSpecs, type Row } from "./columns";
import { asOf } from "./state";
import { nameOf, setFavourite, toggleTick } from "./ticked";

export const rowId = (index: number): string => `customer-row-${index}`;
export const cardAddress = (row: Row): string => `/customers/${row.id}`;

function Marks({ row }: { row: Row }) {
  return (
    <span class="row-marks">
      {row.nickname && row.name && <span class="muted cut">{row.nickname}</span>}
      {row.has_profile && (
        <Icon name="shopping-bag" size={14} label={t("customers.has_profile")} class="mark-profile" />
      )}
      {row.blocked && <Icon name="ban" size={14} label={t("customers.blocked")} class="mark-blocked" />}
    </span>
  );
}

function Heart({ row }: { row: Row }) {
  const label = t(row.favourite ? "customers.favourite_remove" : "customers.favourite_add");
  return (
    <IconButton
      class={`heart ${row.favourite ? "heart-on" : ""}`}
      icon="heart"
      filled={row.favourite}
      label={label}
      aria-pressed={row.favourite}
      tabIndex={-1}
      onClick={(event: MouseEvent) => {
        event.stopPropagation();
        setFavourite([row], !row.favourite);
      }}
    />
  );
}

function Tick(props: { row: Row; ticked: boolean }) {
  return (
    <span class="row-tick" onClick={(event) => event.stopPropagation()}>
      <Checkbox
        quiet
        label={t("customers.tick", { name: nameOf(props.row) })}
        checked={props.ticked}
        onChecked={() => toggleTick(props.row)}
      />
    </span>
  );
}

interface RowProps {
  index: number;
  row: Row | undefined;
  place: number;
  height: number;
  current: boolean;
  ticked: boolean;
  columns: readonly ColumnId[];
  /** Language and density change what a row shows: part of what it depends on. */
  look: string;
  narrow: boolean;
  onOpen: (index: number, event: MouseEvent) => void;
}

function SkeletonCells({ columns, index }: { columns: readonly ColumnId[]; index: number }) {
  return (
    <>
      <span class="cell" role="gridcell" />
      {columns.map((id, i) => (
        <span key={id} class={`cell ${columnSpecs[id].align === "right" ? "cell-right" : ""}`} role="gridcell">
          {i === 0 && <Skeleton width="28px" height="28px" round />}
          <Skeleton width={`${40 + ((index * 37 + i * 53) % 40)}%`} />
        </span>
      ))}
    </>
  );
}

function Line({ row, columns, ticked }: { row: Row; columns: readonly ColumnId[]; ticked: boolean }) {
  return (
    <>
      <span class="cell cell-tick" role="gridcell">
        <Tick row={row} ticked={ticked} />
      </span>
      {columns.map((id) =>
        id === "name" ? (
          <span key={id} class="cell cell-name" role="gridcell">
            <Avatar id={row.id} name={row.name} photo={row.photo} consent={row.consent.sms === "granted"} />
            <a class={`row-name cut ${row.name ? "" : "row-nameless"}`} href={cardAddress(row)} tabIndex={-1}>
              {nameOf(row)}
            </a>
            <Marks row={row} />
            <Heart row={row} />
          </span>
        ) : (
          <span key={id} class={`cell ${columnSpecs[id].align === "right" ? "cell-right" : ""}`} role="gridcell">
            <span class="cut">{cells[id](row)}</span>
          </span>
        ),
      )}
    </>
  );
}

function Card({ row, ticked }: { row: Row; ticked: boolean }) {
  const contact = row.phone ? formatPhone(row.phone) : row.email;
  return (
    <span class="row-card" role="gridcell">
      <Avatar id={row.id} name={row.name} photo={row.photo} consent={row.consent.sms === "granted"} />
      <span class="row-card-words">
        <span class="row-card-line">
          <a class={`row-name cut ${row.name ? "" : "row-nameless"}`} href={cardAddress(row)} tabIndex={-1}>
            {nameOf(row)}
          </a>
          <Marks row={row} />
          <TypeBadge type={row.type} />
        </span>
        <span class="cut muted small">{contact ?? t("customers.no_contact")}</span>
        <span class="row-card-line small">
          <span class="strong">{formatMoney(row.spent_minor)}</span>
          <span class="muted cut">
            {tn("customers.visits", row.visits)}
            {row.last_visit && <> · <DayText day={row.last_visit} exact={asOf.value !== null} /></>}
          </span>
        </span>
      </span>
      <Heart row={row} />
      <Tick row={row} ticked={ticked} />
    </span>
  );
}

/** Draws again only when something it shows changed: scrolling moves hundreds of rows. */
export class ListRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const now = this.props;
    return (Object.keys(next) as (keyof RowProps)[]).some((key) => next[key] !== now[key]);
  }
  override render({ index, row, place, height, current, ticked, columns, narrow, onOpen }: RowProps) {
    return (
      <div
        id={rowId(index)}
        class={`row ${current ? "row-current" : ""} ${ticked ? "row-ticked" : ""} ${row?.blocked ? "row-blocked" : ""}`}
        role="row"
        aria-rowindex={index + 2}
        aria-selected={ticked}
        style={{ transform: `translateY(${place}px)`, height: `${height}px` }}
        onClick={(event) => row && onOpen(index, event)}
      >
        {!row ? (
          <SkeletonCells columns={narrow ? ["name"] : columns} index={index} />
        ) : narrow ? (
          <Card row={row} ticked={ticked} />
        ) : (
          <Line row={row} columns={columns} ticked={ticked} />
        )}
      </div>
    );
  }
}

