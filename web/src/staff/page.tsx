// Staff, stores and what the roles may do: /staff?tab=stores|roles
import { api } from "../api/client";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { address, setQuery } from "../lib/router";
import { PageHeader, TabPanel, Tabs } from "../ui";
import { People } from "./people";
import { Roles } from "./roles";
import { Stores } from "./stores";

const tabs = ["people", "stores", "roles"] as const;
type Tab = (typeof tabs)[number];

export default function StaffPage() {
  const asked = address.value.query.get("tab");
  const tab: Tab = tabs.find((one) => one === asked) ?? "people";
  const staff = useLoad("staff", (signal) => api.get("/staff", { signal }));
  const stores = useLoad("stores", (signal) => api.get("/stores", { signal }));
  const counts = { people: staff.value?.items.length, stores: stores.value?.items.length, roles: undefined };
  return (
    <div class="page">
      <PageHeader title={t("staff.title")} />
      <Tabs<Tab>
        name="staff"
        label={t("staff.tabs")}
        current={tab}
        onCurrent={(next) => setQuery({ tab: next === "people" ? null : next })}
        tabs={tabs.map((one) => ({ id: one, label: t(`staff.tab_${one}`), count: counts[one] }))}
      />
      <TabPanel name="staff" current={tab}>
        {tab === "people" && <People staff={staff} stores={stores.value?.items ?? []} />}
        {tab === "stores" && <Stores stores={stores} staff={staff.value?.items ?? []} />}
        {tab === "roles" && <Roles />}
      </TabPanel>
    </div>
  );
}
