// One import: /import/{id}. Before the start it is set up and checked, then followed, then reported.
import { useState } from "preact/hooks";
import { api, ApiError } from "../api/client";
import { formatBytes, formatInstant } from "../lib/format";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { navigate } from "../lib/router";
import type { PageProps } from "../pages";
import { may } from "../shell/session";
import {
  Badge,
  Button,
  ConfirmDialog,
  EmptyState,
  ErrorState,
  LinkButton,
  Notice,
  PageHeader,
  SkeletonLines,
  toast,
  toastError,
} from "../ui";
import { Check } from "./check";
import { type Import, stateTones } from "./model";
import { Counts, Rejected } from "./report";
import { Running } from "./running";
import { Columns, Reading } from "./setup";

function useStart(one: Import, onChange: (next: Import) => void) {
  const [busy, setBusy] = useState(false);
  return {
    busy,
    start: () => {
      setBusy(true);
      api
        .post("/imports/{id}/start", { path: { id: one.id } })
        .then(onChange, toastError)
        .finally(() => setBusy(false));
    },
  };
}

function Setup({ one, onChange }: { one: Import; onChange: (next: Import) => void }) {
  const { busy, start } = useStart(one, onChange);
  const ready = one.missing.length === 0;
  return (
    <>
      <Reading one={one} onChange={onChange} />
      <Columns one={one} onChange={onChange} />
      {ready && <Check one={one} />}
      <footer class="import-start">
        <Button variant="primary" icon="play" busy={busy} disabled={!ready} onClick={start}>
          {t("import.start")}
        </Button>
        <span class="muted wide-only">{t("import.run_again_text")}</span>
      </footer>
    </>
  );
}

function Result({ one, onChange }: { one: Import; onChange: (next: Import) => void }) {
  const { busy, start } = useStart(one, onChange);
  return (
    <>
      {one.state !== "done" && (
        <Notice tone={stateTones[one.state]}>
          <span class="strong">{t(`import.result_${one.state}`)}</span>
          {one.job?.problem && <p>{one.job.problem.detail}</p>}
        </Notice>
      )}
      <section class="import-step">
        <Counts kind={one.kind} report={one.report} />
      </section>
      <Rejected one={one} />
      <footer class="import-end">
        <LinkButton variant="primary" icon="users" href="/customers">
          {t("import.see_customers")}
        </LinkButton>
        {one.report.added + (one.report.customers_added ?? 0) > 0 && may("customers_merge") && (
          <LinkButton icon="copy" href={`/duplicates?since=${one.created_at}`}>
            {t("duplicates.from_import")}
          </LinkButton>
        )}
        {one.state === "done" ? (
          <LinkButton icon="upload" href={`/import?kind=${one.kind}`}>
            {t("import.another")}
          </LinkButton>
        ) : (
          <Button icon="play" busy={busy} onClick={start}>
            {t("import.go_on")}
          </Button>
        )}
        <span class="muted">{t("import.run_again_text")}</span>
      </footer>
    </>
  );
}

function Remove({ one }: { one: Import }) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const remove = async () => {
    setBusy(true);
    try {
      await api.delete("/imports/{id}", { path: { id: one.id } });
      toast(t("import.removed"));
      navigate("/import");
    } catch (error) {
      setBusy(false);
      setAsking(false);
      toastError(error);
    }
  };
  return (
    <>
      <Button icon="trash-2" onClick={() => setAsking(true)}>
        {t("import.remove")}
      </Button>
      {asking && (
        <ConfirmDialog
          title={t("import.remove_title")}
          text={t("import.remove_text")}
          confirm={t("import.remove")}
          danger
          busy={busy}
          onConfirm={() => void remove()}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

function One({ one, onChange, reload }: { one: Import; onChange: (next: Import) => void; reload: () => void }) {
  return (
    <>
      <PageHeader
        back={{ href: "/import", label: t("import.back") }}
        title={one.file_name}
        subtitle={
          <>
            <Badge tone={stateTones[one.state]}>{t(`import.state_${one.state}`)}</Badge> {t(`import.kind_${one.kind}`)}{" "}
            · {formatBytes(one.file_bytes)} · {formatInstant(one.created_at)}
          </>
        }
        actions={one.state === "running" ? undefined : <Remove one={one} />}
      />
      {one.state === "uploaded" ? (
        <Setup one={one} onChange={onChange} />
      ) : one.state === "running" ? (
        one.job && <Running job={one.job} onEnd={reload} />
      ) : (
        <Result one={one} onChange={onChange} />
      )}
    </>
  );
}

export default function ImportOnePage({ params }: PageProps) {
  const id = params["id"] ?? "";
  const loaded = useLoad(`import ${id}`, (signal) => api.get("/imports/{id}", { path: { id }, signal }));
  const one = loaded.value;
  if (one)
    return (
      <div class="page import">
        <One one={one} onChange={loaded.set} reload={loaded.reload} />
      </div>
    );
  return (
    <div class="page import">
      <h1 class="hidden-text">{t("import.title")}</h1>
      {loaded.error instanceof ApiError && loaded.error.status === 404 ? (
        <EmptyState
          icon="search-x"
          title={t("import.not_found")}
          text={t("import.not_found_text")}
          action={<LinkButton href="/import">{t("import.back")}</LinkButton>}
        />
      ) : loaded.error ? (
        <ErrorState error={loaded.error} retry={loaded.reload} />
      ) : (
        <SkeletonLines lines={6} />
      )}
    </div>
  );
}
