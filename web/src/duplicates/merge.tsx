// Two cards side by side, field by field, and what they become: /merge?survivor=…&loser=…
import { useRef, useState } from "preact/hooks";
import { api, hasCode } from "../api/client";
import { formatMoney, formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { address, navigate } from "../lib/router";
import { nameOf } from "../customers/ticked";
import { TypeBadge } from "../typologies/badge";
import {
  Avatar,
  Button,
  DayText,
  EmptyState,
  ErrorState,
  LinkButton,
  Notice,
  PageHeader,
  SkeletonLines,
  toast,
  toastError,
} from "../ui";
import { fieldValue, type MergeField, mergeAddress, noteChange, type Preview, undoMerge } from "./model";

type Side = "survivor" | "loser";
type Choices = Readonly<Partial<Record<MergeField["field"], Side>>>;
const sides = ["survivor", "loser"] as const;

function Head({ row, side }: { row: NonNullable<Preview["survivor"]>; side: Side }) {
  return (
    <div class="merge-head">
      <Avatar id={row.id} name={row.name} photo={row.photo} consent={row.consent.sms === "granted"} />
      <span class="merge-head-words">
        <a class="strong quiet-link" href={`/customers/${row.id}`}>
          {nameOf(row)}
        </a>
        <span class="small muted">
          {t("card.number", { number: String(row.number) })} · {t(side === "survivor" ? "merge.stays" : "merge.goes")}
        </span>
      </span>
    </div>
  );
}

function Lines({ lines }: { lines: readonly string[] }) {
  if (lines.length === 0) return <span class="muted">–</span>;
  return (
    <>
      {lines.map((line) => (
        <span key={line} class="merge-line">
          {line}
        </span>
      ))}
    </>
  );
}

/** What was clicked shows at once; what comes of it follows from the server. */
function FieldRow({ one, chosen, choose }: { one: MergeField; chosen: Side | undefined; choose: (side: Side) => void }) {
  const taken = chosen ?? one.taken;
  const label = t(`merge.field_${one.field}`);
  const differs = one.survivor !== null && one.loser !== null && one.survivor !== one.loser;
  return (
    <tr class={differs ? "merge-differs" : one.survivor === one.loser ? "merge-same" : ""}>
      <th scope="row">{label}</th>
      {sides.map((side) => {
        const lines = fieldValue(one.field, one[side]);
        return (
          <td key={side} class={taken === side && one[side] !== null ? "merge-taken" : ""}>
            {differs ? (
              <label class="merge-choice">
                <input
                  type="radio"
                  name={`merge-${one.field}`}
                  checked={taken === side}
                  aria-label={`${label}: ${lines.join(", ")}`}
                  onChange={() => choose(side)}
                />
                <span>
                  <Lines lines={lines} />
                </span>
              </label>
            ) : (
              <Lines lines={lines} />
            )}
          </td>
        );
      })}
      <td class="merge-result">
        <Lines lines={fieldValue(one.field, one.after)} />
      </td>
    </tr>
  );
}

function ConsentRow({ one }: { one: Preview["consents"][number] }) {
  return (
    <tr>
      <th scope="row">{t(`merge.consent_${one.channel}`)}</th>
      {sides.map((side) => (
        <td key={side}>{t(`card.consent_${one[side]}`)}</td>
      ))}
      <td class="merge-result">
        {t(`card.consent_${one.after}`)}
        {one.suppressed && <span class="small muted merge-line">{t("merge.suppressed")}</span>}
      </td>
    </tr>
  );
}

/** Visits, spend and type of the two and of what they become. */
function Worth({ preview }: { preview: Preview }) {
  const columns = [preview.survivor, preview.loser, preview.after];
  const rows = [
    { label: t("merge.visits"), cell: (row: NonNullable<Preview["after"]>) => formatNumber(row.visits) },
    { label: t("merge.spent"), cell: (row: NonNullable<Preview["after"]>) => formatMoney(row.spent_minor) },
    { label: t("merge.last_visit"), cell: (row: NonNullable<Preview["after"]>) => <DayText day={row.last_visit} /> },
    { label: t("merge.type"), cell: (row: NonNullable<Preview["after"]>) => <TypeBadge type={row.type} /> },
  ];
  return (
    <>
      {rows.map((one) => (
        <tr key={one.label}>
          <th scope="row">{one.label}</th>
          {columns.map((row, i) => (
            <td key={i} class={i === 2 ? "merge-result" : ""}>
              {row ? one.cell(row) : "–"}
            </td>
          ))}
        </tr>
      ))}
    </>
  );
}

function Comparison(props: {
  preview: Preview;
  choices: Choices;
  choose: (field: MergeField["field"], side: Side) => void;
}) {
  const { preview, choices, choose } = props;
  const shown = preview.fields.filter((one) => one.survivor !== null || one.loser !== null);
  return (
    <div class="merge-table-frame" tabIndex={0} role="region" aria-label={t("merge.table")}>
      <table class="merge-table">
        <thead>
          <tr>
            <th>
              <span class="hidden-text">{t("merge.field")}</span>
            </th>
            <th>{preview.survivor && <Head row={preview.survivor} side="survivor" />}</th>
            <th>{preview.loser && <Head row={preview.loser} side="loser" />}</th>
            <th class="merge-result">{t("merge.after")}</th>
          </tr>
        </thead>
        <tbody>
          <Worth preview={preview} />
        </tbody>
        <tbody>
          {shown.map((one) => (
            <FieldRow key={one.field} one={one} chosen={choices[one.field]} choose={(side) => choose(one.field, side)} />
          ))}
        </tbody>
        <tbody>
          {preview.consents.map((one) => (
            <ConsentRow key={one.channel} one={one} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Moves({ preview }: { preview: Preview }) {
  const told = preview.rows.filter((one) => ["transactions", "activity", "note", "task", "customer_tag", "group_member"].includes(one.relation));
  if (told.length === 0) return null;
  return (
    <p class="muted">
      {t("merge.moves")} {told.map((one) => tn(`merge.moves_${one.relation}`, one.count)).join(" · ")}
    </p>
  );
}

function useMerge(survivor: string, loser: string) {
  const [choices, setChoices] = useState<Choices>({});
  const [busy, setBusy] = useState(false);
  const preview = useLoad(`merge ${survivor} ${loser} ${JSON.stringify(choices)}`, (signal) =>
    api.post("/merges/preview", { body: { survivor_id: survivor, loser_id: loser, choices }, signal }),
  );
  const kept = useRef<Preview | null>(null);
  if (preview.value) kept.current = preview.value;
  const merge = (shown: Preview) => {
    setBusy(true);
    const versions = { survivor_version: shown.survivor_version, loser_version: shown.loser_version };
    api
      .post("/merges", { body: { survivor_id: survivor, loser_id: loser, choices, ...versions } })
      .then((done) => {
        noteChange();
        toast(t("merge.done", { number: formatNumber(done.loser.number) }), {
          undo: () => void undoMerge(done.id).then(() => navigate(mergeAddress(survivor, loser)), toastError),
        });
        navigate(`/customers/${survivor}`, { replace: true });
      })
      .catch((error: unknown) => {
        setBusy(false);
        if (hasCode(error, "stale")) preview.reload();
        toastError(error);
      });
  };
  const choose = (field: MergeField["field"], side: Side) => setChoices({ ...choices, [field]: side });
  const swap = () => {
    setChoices({});
    kept.current = null;
    navigate(mergeAddress(loser, survivor), { replace: true });
  };
  return { preview, shown: preview.value ?? kept.current, choices, busy, choose, swap, merge };
}

export default function MergePage() {
  const { query } = address.value;
  const survivor = query.get("survivor") ?? "";
  const loser = query.get("loser") ?? "";
  const { preview, shown, choices, busy, choose, swap, merge } = useMerge(survivor, loser);
  const back = { href: "/duplicates", label: t("nav.duplicates") };
  if (preview.error && !shown)
    return (
      <div class="page merge">
        <PageHeader title={t("merge.title")} back={back} />
        {hasCode(preview.error, "not_found", "bad_id", "fields_wrong") ? (
          <EmptyState icon="user-x" title={t("merge.missing")} text={t("merge.missing_text")} action={<LinkButton href="/duplicates">{t("nav.duplicates")}</LinkButton>} />
        ) : (
          <ErrorState error={preview.error} retry={preview.reload} />
        )}
      </div>
    );
  return (
    <div class="page merge">
      <PageHeader
        title={t("merge.title")}
        subtitle={t("merge.subtitle")}
        back={back}
        actions={
          <Button icon="refresh-cw" onClick={swap}>
            {t("merge.swap")}
          </Button>
        }
      />
      {!shown ? (
        <SkeletonLines lines={10} />
      ) : (
        <>
          <Comparison preview={shown} choices={choices} choose={choose} />
          <Moves preview={shown} />
          <Notice icon="undo-2">{t("merge.undo_any_time")}</Notice>
          <div class="merge-actions">
            <LinkButton href="/duplicates">{t("ui.cancel")}</LinkButton>
            <Button variant="primary" icon="users" busy={busy} onClick={() => merge(shown)}>
              {t("merge.confirm")}
            </Button>
          </div>
        </>
      )}
    </div>
  );
}
