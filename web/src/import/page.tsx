// Imports: a new one, and those so far. /import?kind=transactions
import { api } from "../api/client";
import { formatBytes, formatNumber } from "../lib/format";
import { t } from "../lib/i18n";
import { usePages } from "../lib/load";
import { address, setQuery } from "../lib/router";
import {
  Badge,
  Button,
  type Column,
  EmptyState,
  ErrorState,
  InstantText,
  PageHeader,
  Segmented,
  SkeletonLines,
  Table,
} from "../ui";
import { Drop } from "./drop";
import { type Import, importKinds, type Kind, stateTones } from "./model";

const pageSize = 25;

/** Nothing to say before the import has run. */
function count(one: Import, value: number): string {
  return one.state === "uploaded" ? "–" : formatNumber(value);
}

function columns(): Column<Import>[] {
  return [
    {
      key: "file",
      head: t("import.col_file"),
      cell: (one) => (
        <span class="import-file">
          <span class="cut">{one.file_name}</span>
          <span class="small muted">
            {t(`import.kind_${one.kind}`)} · {formatBytes(one.file_bytes)}
          </span>
        </span>
      ),
    },
    {
      key: "state",
      head: t("import.col_state"),
      cell: (one) => <Badge tone={stateTones[one.state]}>{t(`import.state_${one.state}`)}</Badge>,
    },
    {
      key: "rows",
      head: t("import.col_rows"),
      align: "right",
      wide: true,
      cell: (one) => count(one, one.report.rows),
    },
    {
      key: "added",
      head: t("import.col_added"),
      align: "right",
      wide: true,
      cell: (one) => count(one, one.report.added),
    },
    {
      key: "rejected",
      head: t("import.col_rejected"),
      align: "right",
      wide: true,
      cell: (one) => count(one, one.rejected),
    },
    {
      key: "date",
      head: t("import.col_date"),
      align: "right",
      cell: (one) => <InstantText at={one.created_at} />,
    },
  ];
}

function History() {
  const pages = usePages("imports", (cursor, signal) =>
    api.get("/imports", { query: { cursor, limit: pageSize }, signal }),
  );
  if (pages.error && pages.items.length === 0) return <ErrorState error={pages.error} retry={pages.retry} />;
  if (!pages.first) return <SkeletonLines lines={5} />;
  return (
    <>
      <Table
        label={t("import.history")}
        columns={columns()}
        rows={pages.items}
        rowKey={(one) => one.id}
        href={(one) => `/import/${one.id}`}
        empty={<EmptyState icon="inbox" title={t("import.none")} text={t("import.none_text")} />}
      />
      {pages.hasMore && (
        <div class="list-more">
          <Button busy={pages.loading} onClick={pages.more}>
            {t("card.more")}
          </Button>
        </div>
      )}
    </>
  );
}

export default function ImportPage() {
  const asked = address.value.query.get("kind");
  const kind: Kind = importKinds.find((one) => one === asked) ?? "customers";
  return (
    <div class="page">
      <PageHeader title={t("import.title")} subtitle={t("import.lead")} />
      <section class="import-new">
        <div class="import-kind">
          <Segmented<Kind>
            label={t("import.kind")}
            value={kind}
            onValue={(next) => setQuery({ kind: next === "customers" ? null : next }, { replace: true })}
            options={importKinds.map((one) => ({ value: one, label: t(`import.kind_${one}`) }))}
          />
          <p class="muted">{t(`import.kind_${kind}_text`)}</p>
        </div>
        <Drop kind={kind} />
      </section>
      <section>
        <h2 class="section-title">{t("import.history")}</h2>
        <History />
      </section>
    </div>
  );
}
