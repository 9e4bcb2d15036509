// On the Customers page: the filters as a segment, saved or changed.
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { editedSegment, queryText, setEditedSegment, setQueryText, terms } from "../customers/state";
import { queryProblem } from "../customers/rows";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { navigate } from "../lib/router";
import { Icon, toastError } from "../ui";
import { SegmentDialog } from "./dialog";
import { changeSegment, filtersAddress, type Segment, segmentAddress, useAgain } from "./model";

function SaveButton({ text }: { text: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="segment-action" onClick={() => setOpen(true)}>
        <Icon name="plus" size={14} />
        {text}
      </button>
      {open && (
        <SegmentDialog
          segment={null}
          start={{ name: "", description: "", query: queryText.peek(), shared: false }}
          onClose={() => setOpen(false)}
          onSaved={(segment) => {
            setOpen(false);
            navigate(segmentAddress(segment));
          }}
        />
      )}
    </>
  );
}

/** The filters of a segment are open here: what was changed can be kept. */
function Editing({ id }: { id: string }) {
  const found = useLoad(id, (signal) => api.get("/segments/{id}", { path: { id }, signal }));
  useAgain(found);
  const segment = found.value;
  if (found.error) return <SaveButton text={t("segments.save_as")} />;
  if (!segment) return null;
  const same = segment.query === queryText.value;
  const update = () =>
    void changeSegment(segment, { ...segment, query: queryText.peek() }).then(found.set, toastError);
  return (
    <span class="segment-editing">
      <span class="muted">{t("segments.editing", { name: segment.name })}</span>
      {!same && segment.may_change && !queryProblem.value && (
        <>
          <button type="button" class="segment-action segment-action-main" onClick={update}>
            <Icon name="check" size={14} />
            {t("segments.update")}
          </button>
          <button type="button" class="segment-action" onClick={() => setQueryText(segment.query)}>
            <Icon name="rotate-ccw" size={14} />
            {t("segments.revert")}
          </button>
        </>
      )}
      {!same && <SaveButton text={t("segments.save_as_new")} />}
      {same && (
        <button type="button" class="segment-action" onClick={() => setEditedSegment(null)}>
          <Icon name="x" size={14} />
          {t("segments.stop_editing")}
        </button>
      )}
    </span>
  );
}

/** Exactly one segment is what is asked for: its filters can be opened. */
function OpenFilters({ name }: { name: string }) {
  const list = useLoad("segments", (signal) => api.get("/segments", { signal }));
  useAgain(list);
  const folded = name.toLocaleLowerCase();
  const segment: Segment | undefined = list.value?.items.find((one) => one.name.toLocaleLowerCase() === folded);
  if (!segment) return null;
  return (
    <a class="segment-action" href={filtersAddress(segment)}>
      <Icon name="sliders-horizontal" size={14} />
      {t("segments.open_filters")}
    </a>
  );
}

export function SegmentActions() {
  const id = editedSegment.value;
  if (id) return <Editing id={id} />;
  const [only, second] = terms.value;
  if (only && !second && only.field === "segment" && !only.negated && only.values.length === 1)
    return <OpenFilters name={only.values[0]!} />;
  if (queryProblem.value) return null;
  return <SaveButton text={t("segments.save_as")} />;
}
