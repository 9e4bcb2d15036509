// Where somebody is signed in: in one's own profile, and for the staff in a dialog.
import { useState } from "preact/hooks";
import { api, type Schemas } from "../api/client";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { Badge, Button, ErrorState, InstantText, SkeletonLines, toast, toastError } from "../ui";
import { deviceWords } from "./device";

type Session = Schemas["SessionList"]["items"][number];

function Row(props: { one: Session; busy: boolean; onEnd: () => void }) {
  const { one } = props;
  const device = deviceWords(one.agent);
  return (
    <li class="session-row">
      <div class="session-what">
        <span class="cut">
          {device} {one.current && <Badge tone="green">{t("security.session_this")}</Badge>}
        </span>
        <span class="muted small">
          {one.address} · <InstantText at={one.seen_at} />
        </span>
      </div>
      {!one.current && (
        <Button
          variant="ghost"
          disabled={props.busy}
          aria-label={t("security.session_end_of", { device })}
          onClick={props.onEnd}
        >
          {t("security.session_end")}
        </Button>
      )}
    </li>
  );
}

/** staffId null: one's own. */
export function Sessions({ staffId }: { staffId: string | null }) {
  const loaded = useLoad(`sessions ${staffId ?? ""}`, (signal) =>
    staffId ? api.get("/staff/{id}/sessions", { path: { id: staffId }, signal }) : api.get("/sessions", { signal }),
  );
  const [busy, setBusy] = useState(false);
  const run = (work: Promise<unknown>) => {
    setBusy(true);
    work
      .then(() => {
        toast(t("security.session_ended"));
        loaded.reload();
      }, toastError)
      .finally(() => setBusy(false));
  };
  const end = (id: string) =>
    run(
      staffId
        ? api.delete("/staff/{id}/sessions/{id2}", { path: { id: staffId, id2: id } })
        : api.delete("/sessions/{id}", { path: { id } }),
    );
  const endAll = () =>
    run(staffId ? api.delete("/staff/{id}/sessions", { path: { id: staffId } }) : api.delete("/sessions"));
  if (loaded.error) return <ErrorState error={loaded.error} retry={loaded.reload} />;
  if (!loaded.value) return <SkeletonLines lines={3} />;
  const { items } = loaded.value;
  if (items.length === 0) return <p class="muted">{t("security.session_none")}</p>;
  return (
    <>
      <ul class="session-list">
        {items.map((one) => (
          <Row key={one.id} one={one} busy={busy} onEnd={() => end(one.id)} />
        ))}
      </ul>
      {items.some((one) => !one.current) && (
        <div>
          <Button disabled={busy} onClick={endAll}>
            {t(staffId ? "security.session_end_all" : "security.session_end_others")}
          </Button>
        </div>
      )}
    </>
  );
}
