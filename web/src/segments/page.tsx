// All segments: how many customers each has now, how that went, whose it is, and what can be done.
import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api/client";
import { formatNumber, formatPercent } from "../lib/format";
import { t } from "../lib/i18n";
import { type Loaded, useLoad } from "../lib/load";
import { may, session } from "../shell/session";
import {
  Badge,
  Button,
  type Column,
  EmptyState,
  ErrorState,
  IconButton,
  Input,
  InstantText,
  LinkButton,
  Menu,
  type MenuItem,
  PageHeader,
  SkeletonLines,
  Table,
  toastError,
} from "../ui";
import { SegmentDialog } from "./dialog";
import {
  type Draft,
  filtersAddress,
  freeName,
  removeSegment,
  type Segment,
  segmentAddress,
  type SegmentList,
  useAgain,
} from "./model";
import { SizeHistory } from "./sparkline";

interface Open {
  segment: Segment | null;
  start: Draft;
}
const searchFrom = 10;

function Name({ one }: { one: Segment }) {
  return (
    <span class="segment-name">
      <span class="segment-title">
        <a class="strong quiet-link" href={segmentAddress(one)}>
          {one.name}
        </a>
        {!one.shared && (
          <Badge icon="lock" title={t("segments.private_text")}>
            {t("segments.private")}
          </Badge>
        )}
      </span>
      {one.problem ? (
        <span class="segment-wrong small">{one.problem.detail}</span>
      ) : (
        one.description && <span class="small muted segment-words">{one.description}</span>
      )}
    </span>
  );
}

function Count({ one, total }: { one: Segment; total: number }) {
  if (one.customers === null) return <Badge tone="red">{t("segments.broken")}</Badge>;
  return (
    <span class="segment-size">
      <span class="strong">{formatNumber(one.customers)}</span>
      <span class="small muted">{total > 0 ? formatPercent(one.customers / total) : "–"}</span>
    </span>
  );
}

function actionsOf(one: Segment, all: readonly Segment[], open: (what: Open) => void): MenuItem[] {
  const { name, description, query, shared } = one;
  const items: MenuItem[] = [
    { label: t("segments.open"), icon: "users", href: segmentAddress(one) },
    { label: t("segments.open_filters"), icon: "sliders-horizontal", href: filtersAddress(one) },
  ];
  if (one.may_change)
    items.push({
      label: t("segments.edit"),
      icon: "pencil",
      onSelect: () => open({ segment: one, start: { name, description, query, shared } }),
    });
  items.push({
    label: t("segments.duplicate"),
    icon: "copy",
    onSelect: () =>
      open({
        segment: null,
        start: {
          name: freeName(
            name,
            all.map((other) => other.name),
          ),
          description,
          query,
          shared: shared && may("segments_share"),
        },
      }),
  });
  if (one.may_change)
    items.push("line", {
      label: t("segments.remove"),
      icon: "trash-2",
      danger: true,
      onSelect: () => void removeSegment(one).catch(toastError),
    });
  return items;
}

function columns(list: SegmentList, open: (what: Open) => void): Column<Segment>[] {
  const history = list.items.some((one) => one.sizes.length > 0);
  const all: (Column<Segment> | false)[] = [
    { key: "name", head: t("segments.name"), cell: (one) => <Name one={one} /> },
    {
      key: "customers",
      head: t("segments.customers"),
      align: "right",
      width: "110px",
      cell: (one) => <Count one={one} total={list.total} />,
    },
    history && {
      key: "history",
      head: t("segments.history"),
      align: "right",
      wide: true,
      width: "150px",
      cell: (one) => <SizeHistory segment={one} today={list.today} />,
    },
    {
      key: "owner",
      head: t("segments.owner"),
      wide: true,
      cell: (one) => (
        <span class="muted">{one.owner_id === session.value?.staff.id ? t("segments.you") : one.owner}</span>
      ),
    },
    {
      key: "changed",
      head: t("segments.changed"),
      align: "right",
      wide: true,
      cell: (one) => (
        <span class="muted">
          <InstantText at={one.updated_at} />
        </span>
      ),
    },
    {
      key: "actions",
      head: <span class="hidden-text">{t("card.actions")}</span>,
      align: "right",
      width: "44px",
      cell: (one) => (
        <Menu
          label={t("segments.actions_of", { name: one.name })}
          items={actionsOf(one, list.items, open)}
          button={(attributes) => (
            <IconButton icon="ellipsis" label={t("segments.actions_of", { name: one.name })} {...attributes} />
          )}
        />
      ),
    },
  ];
  return all.filter((column) => column !== false);
}

function NoSegments({ add }: { add: () => void }) {
  return (
    <EmptyState
      icon="filter"
      title={t("segments.empty_title")}
      text={t("segments.empty_text")}
      action={
        <span class="segment-empty-actions">
          <LinkButton variant="primary" icon="users" href="/customers">
            {t("segments.empty_action")}
          </LinkButton>
          <Button onClick={add}>{t("segments.write")}</Button>
        </span>
      }
    />
  );
}

function List({ list, open, add }: { list: SegmentList; open: (what: Open) => void; add: () => void }) {
  const [text, setText] = useState("");
  const wanted = text.trim().toLocaleLowerCase();
  const rows = list.items.filter((one) => `${one.name} ${one.description}`.toLocaleLowerCase().includes(wanted));
  if (list.items.length === 0) return <NoSegments add={add} />;
  return (
    <>
      {list.items.length >= searchFrom && (
        <div class="panel-bar">
          <Input
            type="search"
            icon="search"
            aria-label={t("segments.search")}
            placeholder={t("segments.search")}
            value={text}
            onText={setText}
          />
        </div>
      )}
      <Table
        label={t("segments.title")}
        columns={columns(list, open)}
        rows={rows}
        rowKey={(one) => one.id}
        empty={<EmptyState icon="search-x" title={t("segments.not_found")} />}
      />
    </>
  );
}

const lookAgainMs = 2500;
const looks = 12;
const weeks = 13;
/** A new segment's past is counted after it was made, week by week: it is looked for some times. */
function useHistoryComing(list: Loaded<SegmentList>): void {
  const left = useRef(looks);
  const coming = list.value?.items.some((one) => one.sizes.length > 0 && one.sizes.length < weeks) ?? false;
  useEffect(() => {
    if (!coming || left.current === 0) return;
    const timer = setTimeout(() => {
      left.current--;
      list.reload();
    }, lookAgainMs);
    return () => clearTimeout(timer);
  }, [coming, list.value]);
}

export default function SegmentsPage() {
  const [open, setOpen] = useState<Open | null>(null);
  const list = useLoad("segments", (signal) => api.get("/segments", { query: { history: true }, signal }));
  useAgain(list);
  useHistoryComing(list);
  const add = () => setOpen({ segment: null, start: { name: "", description: "", query: "", shared: false } });
  return (
    <div class="page segments">
      <PageHeader
        title={t("segments.title")}
        subtitle={t("segments.lead")}
        actions={
          (list.value?.items.length ?? 0) > 0 && (
            <Button variant="primary" icon="plus" onClick={add}>
              {t("segments.new")}
            </Button>
          )
        }
      />
      {list.error && !list.value ? (
        <ErrorState error={list.error} retry={list.reload} />
      ) : !list.value ? (
        <SkeletonLines lines={6} />
      ) : (
        <List list={list.value} open={setOpen} add={add} />
      )}
      {open && (
        <SegmentDialog
          segment={open.segment}
          start={open.start}
          onClose={() => setOpen(null)}
          onSaved={() => setOpen(null)}
        />
      )}
    </div>
  );
}
