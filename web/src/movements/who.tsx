// Who stands behind one cell of the matrix.
import { api, type Schemas } from "../api/client";
import { More } from "../customer/operations";
import { formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { usePages } from "../lib/load";
import { Avatar, type Column, DayText, IconButton, Money, Table } from "../ui";
import { type Matrix, type Place, placeKey } from "./model";

type Row = Schemas["CustomerRow"];

function columns(): Column<Row>[] {
  return [
    {
      key: "name",
      head: t("column.name"),
      cell: (row) => (
        <span class="who-name">
          <Avatar id={row.id} name={row.name || String(row.number)} />
          <span class="cut">{row.name || `#${row.number}`}</span>
        </span>
      ),
    },
    { key: "visits", head: t("movements.visits"), align: "right", cell: (row) => formatNumber(row.visits) },
    {
      key: "last",
      head: t("movements.last_visit"),
      align: "right",
      wide: true,
      cell: (row) => <DayText day={row.last_visit} />,
    },
    {
      key: "spent",
      head: t("movements.spent"),
      align: "right",
      cell: (row) => <Money minor={row.spent_minor} />,
    },
  ];
}

export function Who(props: {
  days: { from: string; to: string };
  matrix: Matrix;
  from: Place;
  to: Place;
  close: () => void;
}) {
  const { days } = props;
  const query = { ...days, from_type: placeKey(props.from), to_type: placeKey(props.to) };
  const pages = usePages(`movements ${JSON.stringify(query)}`, (cursor, signal) =>
    api.get("/typologies/movements/customers", { query: { ...query, cursor }, signal }),
  );
  const { matrix } = props;
  const names = { from: matrix.name(props.from, "from"), to: matrix.name(props.to, "to") };
  const count = pages.first?.matching ?? matrix.count(props.from, props.to);
  return (
    <section class="who" aria-label={t("movements.list")}>
      <header class="who-head">
        <h2>{tn("movements.cell", count, names)}</h2>
        <IconButton icon="x" label={t("movements.close")} onClick={props.close} />
      </header>
      {pages.items.length > 0 && (
        <Table
          label={t("movements.list")}
          columns={columns()}
          rows={pages.items}
          rowKey={(row) => row.id}
          href={(row) => `/customers/${row.id}`}
        />
      )}
      {(pages.hasMore || pages.loading || pages.error !== undefined) && (
        <More pages={pages} label={t("card.more")} end="" />
      )}
    </section>
  );
}
