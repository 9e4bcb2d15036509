// The audit log: /audit?entity=…&action=…&staff_id=…&entity_id=…&from=…&to=…&q=…
import { useEffect, useRef, useState } from "preact/hooks";
import { api, download, type Schemas } from "../api/client";
import { formatInstant } from "../lib/format";
import { t } from "../lib/i18n";
import { useLoad, usePages } from "../lib/load";
import { address, setQuery } from "../lib/router";
import { More } from "../customer/operations";
import { Button, Chip, Combobox, EmptyState, Input, PageHeader, Select, toastError } from "../ui";
import { actionName, actionsByName, actionWords, actorWords, type AuditEntry, changesOf, entityWords, saysName } from "./words";

type Staff = Schemas["Staff"];
const pageSize = 50;
const entities = ["session", "staff", "customer", "segment", "import", "export", "job", "store", "merchant", "audit", "base"] as const;

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
          {change.card ? <a href={`/customers/${change.card}`}>{t("audit.see_card")}</a> : <span>{change.to}</span>}
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

/** What the address asks for. */
interface Asked {
  entity: string;
  action: string;
  staff_id: string;
  entity_id: string;
  from: string;
  to: string;
  q: string;
}
const names = ["entity", "action", "staff_id", "entity_id", "from", "to", "q"] as const;

function asked(query: URLSearchParams): Asked {
  return Object.fromEntries(names.map((name) => [name, query.get(name) ?? ""])) as unknown as Asked;
}
/** Only what is asked for goes to the server. */
function given(filters: Asked): Partial<Asked> {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value));
}

const typingMs = 250;

/** Typed words become part of the address a moment after the last key. */
function Words({ value }: { value: string }) {
  const [text, setText] = useState(value);
  const told = useRef(value);
  if (told.current !== value) {
    told.current = value;
    setText(value);
  }
  useEffect(() => {
    if (text === told.current) return;
    const timer = setTimeout(() => {
      told.current = text;
      setQuery({ q: text || null }, { replace: true });
    }, typingMs);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <Input
      type="search"
      icon="search"
      class="audit-words"
      aria-label={t("audit.search")}
      placeholder={t("audit.search")}
      maxLength={100}
      value={text}
      onText={setText}
    />
  );
}

const actionsShown = 12;

/** One action, typed ahead in the reader's words; the address has the action itself. */
function Action({ value }: { value: string }) {
  const [typed, setTyped] = useState<string | null>(null);
  const all = actionsByName();
  const matching = (text: string) =>
    [...all.keys()].filter((name) => name.toLowerCase().includes(text.trim().toLowerCase())).slice(0, actionsShown);
  const type = (text: string) => {
    setTyped(text);
    if (!text) setQuery({ action: null });
  };
  const choose = (text: string) => {
    const action = all.get(text) ?? all.get(matching(text)[0] ?? "");
    setTyped(null);
    if (action) setQuery({ action });
  };
  return (
    <div class="audit-action">
      <Combobox
        label={t("audit.filter_action")}
        placeholder={t("audit.any_action")}
        maxLength={100}
        value={typed ?? (value && actionName(value))}
        onText={type}
        onChoose={choose}
        suggest={(text) => Promise.resolve(matching(typed === null ? "" : text))}
      />
    </div>
  );
}

function Day(props: { name: "from" | "to"; value: string; min?: string; max?: string }) {
  return (
    <label class="audit-day">
      <span class="small muted">{t(`audit.${props.name}_day`)}</span>
      <Input
        type="date"
        value={props.value}
        min={props.min}
        max={props.max}
        onChange={(event) => setQuery({ [props.name]: (event.currentTarget as HTMLInputElement).value || null })}
      />
    </label>
  );
}

function Filters(props: { filters: Asked; people: readonly Staff[]; about: string | null }) {
  const { filters } = props;
  const clear = () => setQuery(Object.fromEntries(names.map((name) => [name, null])));
  return (
    <div class="audit-filters">
      <Words value={filters.q} />
      <Select
        aria-label={t("audit.filter_entity")}
        value={filters.entity}
        options={[
          { value: "", label: t("audit.everything") },
          ...entities.map((entity) => ({ value: entity, label: entityWords(entity) })),
        ]}
        onValue={(entity) => setQuery({ entity: entity || null })}
      />
      <Action value={filters.action} />
      <Select
        aria-label={t("audit.filter_staff")}
        value={filters.staff_id}
        options={[
          { value: "", label: t("audit.everybody") },
          ...props.people.map((one) => ({ value: one.id, label: one.name || one.email })),
        ]}
        onValue={(id) => setQuery({ staff_id: id || null })}
      />
      <div class="audit-days">
        <Day name="from" value={filters.from} max={filters.to || undefined} />
        <Day name="to" value={filters.to} min={filters.from || undefined} />
      </div>
      {filters.entity_id && (
        <Chip removeLabel={t("audit.clear")} onRemove={() => setQuery({ entity_id: null })}>
          {t("audit.one_thing", { name: props.about ?? t("audit.one_unnamed", { id: filters.entity_id }) })}
        </Chip>
      )}
      {Object.keys(given(filters)).length > 0 && (
        <Button variant="ghost" onClick={clear}>
          {t("audit.clear")}
        </Button>
      )}
    </div>
  );
}

function Log(props: { entries: readonly AuditEntry[]; people: readonly Staff[] }) {
  return (
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
        {props.entries.map((entry) => (
          <Row key={entry.id} entry={entry} people={props.people} />
        ))}
      </tbody>
    </table>
  );
}

function Download({ filters }: { filters: Asked }) {
  const [busy, setBusy] = useState(false);
  const start = () => {
    setBusy(true);
    download("/audit/file", { query: given(filters) }, "audit-log.csv")
      .catch(toastError)
      .finally(() => setBusy(false));
  };
  return (
    <Button icon="download" busy={busy} onClick={start}>
      {t("audit.download")}
    </Button>
  );
}

/** Whose history it is: a staff member, or a customer who can still be read. */
function useAbout(id: string, people: readonly Staff[]): string | null {
  const person = people.find((one) => one.id === id);
  const customer = useLoad(`audit about ${id}`, (signal) =>
    id ? api.get("/customers/{id}", { path: { id }, signal }).catch(() => null) : Promise.resolve(null),
  );
  return person?.name ?? customer.value?.row.name ?? null;
}

export default function AuditPage() {
  const filters = asked(address.value.query);
  const query = given(filters);
  const pages = usePages(`audit ${JSON.stringify(query)}`, (cursor, signal) =>
    api.get("/audit", { query: { ...query, cursor, limit: pageSize }, signal }),
  );
  const staff = useLoad("audit staff", (signal) => api.get("/staff", { signal }));
  const people = staff.value?.items ?? [];
  const about = useAbout(filters.entity_id, people);
  const nothing = !pages.loading && !pages.error && pages.items.length === 0;
  return (
    <div class="page">
      <PageHeader
        title={t("audit.title")}
        subtitle={t("audit.lead")}
        actions={<Download filters={filters} />}
      />
      <Filters filters={filters} people={people} about={about} />
      {nothing && !pages.hasMore && (
        <EmptyState icon="history" title={t("audit.none")} text={t("audit.none_text")} />
      )}
      {nothing && pages.hasMore && (
        <EmptyState
          icon="history"
          title={t("audit.looking")}
          action={<Button onClick={pages.more}>{t("audit.further")}</Button>}
        />
      )}
      {pages.items.length > 0 && <Log entries={pages.items} people={people} />}
      {!nothing && <More pages={pages} label={t("audit.more")} end={t("audit.end")} />}
    </div>
  );
}
