// The audit log: /audit?entity=…&staff_id=…
import { api, type Schemas } from "../api/client";
import { formatInstant } from "../lib/format";
import { t } from "../lib/i18n";
import { useLoad, usePages } from "../lib/load";
import { address, setQuery } from "../lib/router";
import { More } from "../customer/operations";
import { Button, EmptyState, PageHeader, Select } from "../ui";
import { actionWords, actorWords, type AuditEntry, changesOf, entityWords, saysName } from "./words";

type Staff = Schemas["Staff"];
const pageSize = 50;
const entities = ["session", "staff", "store", "merchant", "import", "customer"] as const;

/** Where the thing that the entry is about can be seen. */
function placeOf(entry: AuditEntry): string | null {
  if (!entry.entity_id) return null;
  if (entry.entity === "customer") return `/customers/${entry.entity_id}`;
  if (entry.entity === "import" && entry.action !== "import.remove") return `/import/${entry.entity_id}`;
  return null;
}

function Changes({ entry }: { entry: AuditEntry }) {
  const changes = changesOf(entry);
  if (changes.length === 0) return null;
  return (
    <ul class="changes small">
      {changes.map((change) => (
        <li key={change.field}>
          <span class="muted">{change.field}</span>{" "}
          {change.from !== undefined && (
            <>
              <span class="hidden-text">{t("audit.from")}: </span>
              <del>{change.from}</del>
              <span aria-hidden="true"> → </span>
              <span class="hidden-text">{t("audit.to")}: </span>
            </>
          )}
          <span>{change.to}</span>
        </li>
      ))}
    </ul>
  );
}

function Row({ entry, people }: { entry: AuditEntry; people: readonly Staff[] }) {
  const place = placeOf(entry);
  const words = actionWords(entry);
  const about = entry.entity === "staff" && people.find((one) => one.id === entry.entity_id);
  return (
    <tr>
      <td class="audit-when">
        <time dateTime={entry.at}>{formatInstant(entry.at)}</time>
      </td>
      <td class="audit-who">{actorWords(entry)}</td>
      <td class="audit-what">
        {place ? <a href={place}>{words}</a> : words}
        {about && !saysName(entry) && about.name !== entry.actor && <span class="muted"> · {about.name}</span>}
        <Changes entry={entry} />
      </td>
      <td class="audit-where muted">{entry.address ?? t("audit.no_address")}</td>
    </tr>
  );
}

function Filters(props: { entity: string; staffId: string; people: readonly Staff[] }) {
  return (
    <div class="audit-filters">
      <Select
        aria-label={t("audit.filter_entity")}
        value={props.entity}
        options={[
          { value: "", label: t("audit.everything") },
          ...entities.map((entity) => ({ value: entity, label: entityWords(entity) })),
        ]}
        onValue={(entity) => setQuery({ entity: entity || null })}
      />
      <Select
        aria-label={t("audit.filter_staff")}
        value={props.staffId}
        options={[
          { value: "", label: t("audit.everybody") },
          ...props.people.map((one) => ({ value: one.id, label: one.name || one.email })),
        ]}
        onValue={(id) => setQuery({ staff_id: id || null })}
      />
      {(props.entity || props.staffId) && (
        <Button variant="ghost" onClick={() => setQuery({ entity: null, staff_id: null })}>
          {t("audit.clear")}
        </Button>
      )}
    </div>
  );
}

export default function AuditPage() {
  const { query } = address.value;
  const entity = query.get("entity") ?? "";
  const staffId = query.get("staff_id") ?? "";
  const pages = usePages(`audit ${entity} ${staffId}`, (cursor, signal) =>
    api.get("/audit", {
      query: { cursor, limit: pageSize, entity: entity || undefined, staff_id: staffId || undefined },
      signal,
    }),
  );
  const staff = useLoad("audit staff", (signal) => api.get("/staff", { signal }));
  const people = staff.value?.items ?? [];
  const empty = !pages.loading && !pages.error && pages.items.length === 0;
  return (
    <div class="page">
      <PageHeader title={t("audit.title")} subtitle={t("audit.lead")} />
      <Filters entity={entity} staffId={staffId} people={people} />
      {empty && <EmptyState icon="history" title={t("audit.none")} text={t("audit.none_text")} />}
      {pages.items.length > 0 && (
        <table class="table audit">
          <caption class="hidden-text">{t("audit.title")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("audit.when")}</th>
              <th scope="col">{t("audit.who")}</th>
              <th scope="col">{t("audit.what")}</th>
              <th scope="col">{t("audit.where")}</th>
            </tr>
          </thead>
          <tbody>
            {pages.items.map((entry) => (
              <Row key={entry.id} entry={entry} people={people} />
            ))}
          </tbody>
        </table>
      )}
      {!empty && <More pages={pages} label={t("audit.more")} end={t("audit.end")} />}
    </div>
  );
}
