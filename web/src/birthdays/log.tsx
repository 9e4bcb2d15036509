// Who was greeted, newest first.
import { api } from "../api/client";
import { nameOf } from "../customers/ticked";
import { formatNumber } from "../lib/format";
import { t } from "../lib/i18n";
import { usePages } from "../lib/load";
import { Button, type Column, DayText, EmptyState, ErrorState, InstantText, SkeletonLines, Table } from "../ui";
import type { Logged } from "./model";

const columns: () => Column<Logged>[] = () => [
  {
    key: "name",
    head: t("birthdays.log_customer"),
    cell: (one) => (
      <span>
        <a href={`/customers/${one.customer.id}`}>{nameOf(one.customer)}</a>
        <span class="small muted birthday-said">{one.message ?? t(one.consenting ? "birthdays.log_silent" : "birthdays.log_refused")}</span>
      </span>
    ),
  },
  { key: "day", head: t("birthdays.log_day"), wide: true, cell: (one) => <DayText day={one.day} exact /> },
  { key: "points", head: t("birthdays.points"), align: "right", cell: (one) => formatNumber(one.points) },
  { key: "staff", head: t("birthdays.log_staff"), wide: true, cell: (one) => one.staff ?? t("birthdays.by_itself") },
  { key: "at", head: t("birthdays.log_at"), cell: (one) => <InstantText at={one.at} /> },
];

export function Log() {
  const pages = usePages("greetings", (cursor, signal) => api.get("/birthdays/greetings", { query: { cursor }, signal }));
  if (pages.error) return <ErrorState error={pages.error} retry={pages.retry} />;
  if (!pages.first) return <SkeletonLines lines={8} />;
  if (pages.items.length === 0) return <EmptyState icon="cake" title={t("birthdays.log_empty")} text={t("birthdays.log_empty_text")} />;
  return (
    <>
      <Table label={t("birthdays.log")} columns={columns()} rows={pages.items} rowKey={(one) => `${one.customer.id} ${one.at}`} />
      {pages.hasMore && (
        <p>
          <Button busy={pages.loading} onClick={pages.more}>
            {t("departures.more")}
          </Button>
        </p>
      )}
    </>
  );
}
