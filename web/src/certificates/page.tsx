// Certificates: /certificates?tab=types&state=open&type=…
import { api } from "../api/client";
import { t } from "../lib/i18n";
import { useLoad, usePages } from "../lib/load";
import { address, setQuery } from "../lib/router";
import { More } from "../customer/operations";
import { Button, EmptyState, PageHeader, Select, TabPanel, Tabs } from "../ui";
import { Check } from "./check";
import { CertificateTable } from "./list";
import { changed, type State, states } from "./model";
import { Types, type TypeList } from "./types";

type Tab = "issued" | "types";

function Issued({ types }: { types: TypeList }) {
  const { query } = address.value;
  const state = states.find((one) => one === query.get("state")) as State | undefined;
  const type = /^\d{1,19}$/.exec(query.get("type") ?? "")?.[0];
  const pages = usePages(`certificates ${state} ${type} ${changed.value}`, (cursor, signal) =>
    api.get("/certificates", { query: { cursor, state, type }, signal }),
  );
  const empty = !pages.loading && !pages.error && pages.items.length === 0;
  return (
    <>
      <div class="certificate-filters">
        <Select
          aria-label={t("certificates.state")}
          value={state ?? ""}
          onValue={(next) => setQuery({ state: next || null })}
          options={[
            { value: "", label: t("certificates.all_states") },
            ...states.map((one) => ({ value: one, label: t(`certificates.state_${one}`) })),
          ]}
        />
        <Select
          aria-label={t("certificates.type")}
          value={type ?? ""}
          onValue={(next) => setQuery({ type: next || null })}
          options={[
            { value: "", label: t("certificates.all_types") },
            ...(types.value?.items ?? []).map((one) => ({ value: one.id, label: one.name })),
          ]}
        />
      </div>
      {pages.items.length > 0 && <CertificateTable items={pages.items} label={t("nav.certificates")} whose />}
      {empty ? (
        <EmptyState
          icon="gift"
          title={t(state || type ? "certificates.none_so" : "certificates.none")}
          text={state || type ? undefined : t("certificates.none_text")}
          action={
            state || type ? (
              <Button onClick={() => setQuery({ state: null, type: null })}>{t("certificates.show_all")}</Button>
            ) : undefined
          }
        />
      ) : (
        <More pages={pages} label={t("bulk.load_more")} end="" />
      )}
    </>
  );
}

export default function CertificatesPage() {
  const tab: Tab = address.value.query.get("tab") === "types" ? "types" : "issued";
  const types: TypeList = useLoad(`certificate types ${changed.value}`, (signal) => api.get("/certificate-types", { signal }));
  return (
    <div class="page certificates">
      <PageHeader title={t("nav.certificates")} subtitle={t("certificates.lead")} />
      <Check />
      <Tabs<Tab>
        name="certificates"
        label={t("nav.certificates")}
        current={tab}
        onCurrent={(next) => setQuery({ tab: next === "issued" ? null : next, state: null, type: null })}
        tabs={[
          { id: "issued", label: t("certificates.issued_tab") },
          { id: "types", label: t("certificates.types"), count: types.value?.items.length },
        ]}
      />
      <TabPanel name="certificates" current={tab} class="certificate-panel">
        {tab === "types" ? <Types list={types} /> : <Issued types={types} />}
      </TabPanel>
    </div>
  );
}
