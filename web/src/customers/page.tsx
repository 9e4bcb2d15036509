// The Customers page: rail of filters, search and chips, count, list, quick info.
import { useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { BulkBar } from "../bulk/bar";
import { formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { may } from "../shell/session";
import { useShortcuts } from "../shell/shortcuts";
import { Button, Dialog, EmptyState, ErrorState, IconButton, LinkButton, Segmented, Select, Skeleton } from "../ui";
import { AsOfBanner, AsOfButton, AsOfField, isAsOfProblem } from "./as-of";
import { ColumnChooser } from "./column-chooser";
import { columnIds, columnSpecs, nextSort } from "./columns";
import { CustomerList } from "./list";
import { QuickPanel } from "./late-panel";
import { FilterFields, FilterRail } from "./rail";
import { ask, counts, failure, forget, mergedNumber, queryProblem } from "./rows";
import { Chips, QueryMistake, RawQuery, SearchBox } from "./search";
import {
  asOf,
  clearAll,
  hasScopes,
  narrow,
  queryText,
  railFocus,
  railOpen,
  rawOpen,
  scope,
  setScope,
  setSort,
  sheetOpen,
  sort,
  sortText,
  startRow,
  terms,
} from "./state";
import { chosenCount, everything, untickAll } from "./ticked";

function Count() {
  const now = counts.value;
  if (isAsOfProblem(failure.value)) return null;
  if (!now) return <p class="count muted">{t("ui.loading")}</p>;
  const filtered = queryText.value.trim() !== "";
  return (
    <p class="count" role="status">
      <strong>{formatNumber(now.matching)}</strong>
      <span class="muted">
        {" "}
        {t("customers.of", { total: formatNumber(now.total) })}
        {filtered && now.unknown > 0 && (
          <span class="count-unknown" title={t("customers.unknown_hint")}>
            {" · "}
            {tn("customers.unknown", now.unknown)}
          </span>
        )}
      </span>
    </p>
  );
}

/** On a phone there are no headings to click. */
function SortSelect() {
  const now = sort.value;
  return (
    <div class="sort-select">
      <Select
        aria-label={t("customers.sort")}
        value={now.column}
        options={columnIds.filter((id) => !columnSpecs[id].unsorted).map((id) => ({ value: id, label: t(`column.${id}`) }))}
        onValue={(column) => {
          const id = columnIds.find((one) => one === column);
          if (id) setSort(nextSort({ column: "", descending: false }, id));
        }}
      />
      <IconButton
        variant="secondary"
        icon={now.descending ? "arrow-down" : "arrow-up"}
        label={t(now.descending ? "customers.descending" : "customers.ascending")}
        onClick={() => setSort(now.descending ? now.column : `-${now.column}`)}
      />
    </div>
  );
}

function ScopeSwitch() {
  if (!hasScopes.value) return null;
  return (
    <Segmented<"all" | "mine">
      class="scope-switch"
      label={t("customers.scope")}
      value={scope.value}
      onValue={setScope}
      options={[
        { value: "mine", label: t("customers.scope_mine") },
        { value: "all", label: t("customers.scope_all") },
      ]}
    />
  );
}

function FilterButton() {
  const open = () => (narrow.value ? (sheetOpen.value = true) : (railOpen.value = true));
  const chosen = terms.value.filter((term) => term.field !== "text").length;
  if (!narrow.value && railOpen.value) return null;
  return (
    <Button icon="list-filter" class="filter-button" aria-haspopup="dialog" onClick={open}>
      {chosen ? t("filters.button_count", { count: chosen }) : t("filters.title")}
    </Button>
  );
}

function FilterSheet() {
  const now = counts.value;
  return (
    <Dialog
      title={t("filters.title")}
      shape="sheet"
      onClose={() => (sheetOpen.value = false)}
      footer={
        <>
          <Button onClick={clearAll} disabled={terms.value.length === 0}>
            {t("filters.clear")}
          </Button>
          <Button variant="primary" class="sheet-done" onClick={() => (sheetOpen.value = false)}>
            {tn("filters.show", now?.matching ?? 0)}
          </Button>
        </>
      }
    >
      <div class="sheet-top">
        <ScopeSwitch />
        <SortSelect />
        <AsOfField />
      </div>
      <FilterFields />
    </Dialog>
  );
}

function Nobody() {
  const now = counts.value!;
  if (now.total > 0)
    return (
      <EmptyState
        icon="search-x"
        title={t("customers.none_title")}
        text={
          now.unknown > 0 ? tn("customers.none_unknown", now.unknown) : t("customers.none_text")
        }
        action={<Button onClick={clearAll}>{t("filters.clear")}</Button>}
      />
    );
  if (scope.value === "mine")
    return (
      <EmptyState
        icon="store"
        title={t("customers.empty_mine_title")}
        text={t("customers.empty_mine_text")}
        action={<Button onClick={() => setScope("all")}>{t("customers.scope_all")}</Button>}
      />
    );
  return (
    <EmptyState
      icon="users"
      title={t("customers.empty_title")}
      text={t("customers.empty_text")}
      action={
        may("import") && (
          <LinkButton variant="primary" icon="upload" href="/import">
            {t("customers.empty_action")}
          </LinkButton>
        )
      }
    />
  );
}

function Unreadable() {
  return (
    <EmptyState
      icon="code"
      title={t("customers.unreadable_title")}
      text={t("customers.unreadable_text")}
      action={<Button onClick={clearAll}>{t("filters.clear")}</Button>}
    />
  );
}

function LoadingList() {
  return (
    <div class="list list-loading" role="status" aria-label={t("ui.loading")}>
      {Array.from({ length: 16 }, (_, i) => (
        <div key={i} class="loading-row">
          <Skeleton width="28px" height="28px" round />
          <Skeleton width={`${18 + ((i * 7) % 11)}%`} />
          <Skeleton width="12%" />
          <Skeleton width={`${14 + ((i * 5) % 9)}%`} />
          <Skeleton width="8%" />
        </div>
      ))}
    </div>
  );
}

/** The number that was typed belonged to a card that went into this one. */
function MergedNumber() {
  const merged = mergedNumber.value;
  if (!merged) return null;
  const { into } = merged;
  return (
    <p class="list-merged" role="status">
      {t("customers.merged_number", { number: String(merged.number) })}{" "}
      <a href={`/customers/${into.id}`}>
        {into.name ? `${into.name}, ${t("card.number", { number: String(into.number) })}` : t("card.number", { number: String(into.number) })}
      </a>
    </p>
  );
}

function ListOrState({ again }: { again: () => void }) {
  const now = counts.value;
  if (isAsOfProblem(failure.value)) return null; /* the banner says it */
  if (failure.value && !now) return <ErrorState error={failure.value} retry={again} />;
  if (!now) return <LoadingList />;
  if (now.matching === 0) return queryProblem.value ? <Unreadable /> : <Nobody />;
  return (
    <>
      {failure.value !== null && (
        <div class="list-failure">
          <span>{t("customers.stale")}</span>
          <Button size="s" icon="refresh-cw" onClick={again}>
            {t("ui.retry")}
          </Button>
        </div>
      )}
      <CustomerList />
    </>
  );
}

export default function CustomersPage() {
  const again = () => void ask(question(), startRow(), true);
  const question = () => ({
    q: queryText.value.trim(),
    sort: sortText.value,
    scope: scope.value,
    as_of: asOf.value ?? undefined,
  });
  useEffect(() => {
    addEventListener("online", again);
    return () => {
      removeEventListener("online", again);
      untickAll();
      forget();
    };
  }, []);
  useSignalEffect(() => {
    void ask(question(), startRow());
  });
  /* other filters: everybody who matched is not who was meant any more */
  useSignalEffect(() => {
    const all = everything.peek();
    const { q, scope: where, as_of } = question();
    if (all && (all.selection.q !== q || all.selection.scope !== where || all.selection.as_of !== as_of)) untickAll();
  });
  useShortcuts("shortcuts.filters_group", [
    {
      keys: ["f"],
      text: "shortcuts.filters",
      run: () => {
        if (narrow.peek()) sheetOpen.value = true;
        else {
          railOpen.value = true;
          railFocus.value++;
        }
      },
    },
  ]);
  const small = narrow.value;
  const rail = !small && railOpen.value;
  return (
    <div class={`customers ${rail ? "with-rail" : ""} ${!small && chosenCount.value ? "with-panel" : ""}`}>
      {rail && <FilterRail onClose={() => (railOpen.value = false)} />}
      <section class="customers-main" aria-label={t("nav.customers")}>
        <header class="customers-top">
          <div class="customers-line">
            <h1 class="customers-title">{t("nav.customers")}</h1>
            <Count />
            <span class="spring" />
            {!small && <ScopeSwitch />}
            {!small && <AsOfButton />}
            {!small && <ColumnChooser />}
            {may("customers_write") && (
              <LinkButton variant="primary" icon="user-plus" href="/customers/new">
                {t(small ? "customers.new_short" : "customers.new")}
              </LinkButton>
            )}
          </div>
          <div class="customers-line">
            <FilterButton />
            <SearchBox />
          </div>
          {rawOpen.value && <RawQuery />}
          <QueryMistake />
          <Chips />
        </header>
        <AsOfBanner />
        <MergedNumber />
        <ListOrState again={again} />
        {may("customers_write") && <BulkBar />}
      </section>
      {!small && chosenCount.value > 0 && <QuickPanel />}
      {small && sheetOpen.value && <FilterSheet />}
    </div>
  );
}
