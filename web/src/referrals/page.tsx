// Who brought whom, who brought most, and what is given for it: /referrals
import { useState } from "preact/hooks";
import { api, ApiError, hasCode, type Schemas } from "../api/client";
import { formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { useLoad, usePages } from "../lib/load";
import { More } from "../customer/operations";
import { may } from "../shell/session";
import {
  Badge,
  Button,
  type Column,
  Dialog,
  EmptyState,
  errorText,
  Field,
  Input,
  InstantText,
  Notice,
  PageHeader,
  Segmented,
  Switch,
  Table,
  toast,
} from "../ui";
import { pointsOf, type RewardDraft, rewardDraft, rewardFault, RewardFields, rewardWords } from "../loyalty/reward";
import { Person, type Referral, standing } from "./model";

type Rules = Schemas["ReferralRules"];
type Demand = Rules["demand"];
const kinds = ["none", "points", "certificate", "gift"] as const;

function wholeOf(text: string, most: number): number | null {
  const clean = text.trim() || "0";
  return /^\d{1,4}$/.test(clean) && Number(clean) <= most ? Number(clean) : null;
}
function sideOf(side: "bringer" | "brought", draft: RewardDraft) {
  return {
    [`${side}_points`]: draft.kind === "points" ? pointsOf(draft) : 0,
    [`${side}_gift`]: draft.kind === "gift" ? draft.gift.trim() : "",
    ...(draft.kind === "certificate" ? { [`${side}_certificate_type`]: draft.certificate } : {}),
  };
}

function RulesDialog(props: { rules: Rules; onClose: () => void; onSaved: (rules: Rules) => void }) {
  const { rules } = props;
  const [active, setActive] = useState(rules.active || rules.version === 0);
  const [demand, setDemand] = useState<Demand>(rules.demand);
  const [newDays, setNewDays] = useState(String(rules.new_days));
  const [perMonth, setPerMonth] = useState(rules.per_month ? String(rules.per_month) : "");
  const [bringer, setBringer] = useState(rewardDraft(rules.bringer, "points"));
  const [brought, setBrought] = useState(rewardDraft(rules.brought, "points"));
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const days = wholeOf(newDays, 365);
  const month = wholeOf(perMonth, 1000);
  const faults = { bringer: rewardFault(bringer), brought: rewardFault(brought) };
  const field = failure instanceof ApiError ? failure.problem.field : null;
  const error = (side: "bringer" | "brought") => (field === side ? errorText(failure) : tried ? faults[side] : null);
  const submit = () => {
    setTried(true);
    if (busy || !days || month === null || faults.bringer || faults.brought) return;
    setBusy(true);
    setFailure(null);
    api
      .put("/referral-rules", {
        version: rules.version,
        body: {
          active,
          demand,
          new_days: days,
          per_month: month,
          bringer: bringer.kind,
          brought: brought.kind,
          ...sideOf("bringer", bringer),
          ...sideOf("brought", brought),
        },
      })
      .then((now) => {
        toast(t("referrals.rules_saved"));
        props.onSaved(now);
        props.onClose();
      }, setFailure)
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={t("referrals.rules")}
      onClose={props.onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={props.onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="primary" busy={busy}>
            {t("settings.save")}
          </Button>
        </>
      }
    >
      <div class="form">
        <Switch checked={active} onChecked={setActive} label={t("referrals.active")} />
        <Field label={t("referrals.demand")}>
          <Segmented<Demand>
            label={t("referrals.demand")}
            value={demand}
            onValue={setDemand}
            options={[
              { value: "first_purchase", label: t("referrals.first_purchase") },
              { value: "registered", label: t("referrals.registered") },
            ]}
          />
        </Field>
        <RewardFields label={t("referrals.for_bringer")} draft={bringer} kinds={kinds} error={error("bringer")} onDraft={setBringer} />
        <RewardFields label={t("referrals.for_brought")} draft={brought} kinds={kinds} error={error("brought")} onDraft={setBrought} />
        <div class="certificate-pair">
          <Field label={t("referrals.new_days")} hint={t("referrals.new_days_hint")} error={tried && !days ? t("referrals.days_wrong") : null}>
            <Input inputMode="numeric" value={newDays} onText={setNewDays} />
          </Field>
          <Field
            label={t("referrals.per_month")}
            hint={t("certificates.no_limit")}
            error={tried && month === null ? t("certificates.whole_wrong") : null}
          >
            <Input inputMode="numeric" value={perMonth} onText={setPerMonth} />
          </Field>
        </div>
        {failure !== null && field !== "bringer" && field !== "brought" && (
          <Notice tone="red">{hasCode(failure, "stale") ? t("certificates.stale") : errorText(failure)}</Notice>
        )}
      </div>
    </Dialog>
  );
}

function RulesLine({ rules, edit }: { rules: Rules; edit: () => void }) {
  return (
    <Notice
      tone={rules.active ? "green" : "neutral"}
      action={
        may("loyalty") && (
          <Button size="s" icon="pencil" onClick={edit}>
            {t("referrals.change_rules")}
          </Button>
        )
      }
    >
      {rules.active
        ? t("referrals.rules_words", {
            bringer: rewardWords(rules.bringer),
            brought: rewardWords(rules.brought),
            demand: t(`referrals.after_${rules.demand}`),
          })
        : t("referrals.rules_off")}
    </Notice>
  );
}

function columns(): Column<Referral>[] {
  return [
    { key: "bringer", head: t("referrals.bringer"), cell: (one) => <Person who={one.bringer} /> },
    { key: "brought", head: t("referrals.brought_head"), cell: (one) => <Person who={one.brought} /> },
    {
      key: "state",
      head: t("certificates.state"),
      cell: (one) => <Badge tone={standing(one, "bringer").tone}>{standing(one, "bringer").text}</Badge>,
    },
    { key: "how", head: t("referrals.how"), wide: true, cell: (one) => <span class="muted">{t(`referrals.how_${one.how}`)}</span> },
    {
      key: "at",
      head: t("referrals.at"),
      align: "right",
      wide: true,
      cell: (one) => (
        <span class="muted">
          <InstantText at={one.at} />
        </span>
      ),
    },
  ];
}

export default function ReferralsPage() {
  const [editing, setEditing] = useState(false);
  const rules = useLoad("referral rules", (signal) => api.get("/referral-rules", { signal }));
  const pages = usePages("referrals", (cursor, signal) => api.get("/referrals", { query: { cursor }, signal }));
  const top = pages.first?.top ?? [];
  const empty = !pages.loading && !pages.error && pages.items.length === 0;
  return (
    <div class="page referrals">
      <PageHeader title={t("nav.referrals")} subtitle={t("referrals.lead")} />
      {rules.value && <RulesLine rules={rules.value} edit={() => setEditing(true)} />}
      {top.length > 0 && (
        <section class="card-section">
          <h2>{t("referrals.top")}</h2>
          <ul class="referral-list">
            {top.map((one) => (
              <li key={one.customer.id}>
                <Person who={one.customer} />
                <span class="muted">{tn("referrals.brought", one.brought, { count: formatNumber(one.brought) })}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {pages.items.length > 0 && <Table label={t("nav.referrals")} columns={columns()} rows={pages.items} rowKey={(one) => one.id} />}
      {empty ? (
        <EmptyState icon="user-plus" title={t("referrals.empty")} text={t("referrals.empty_text")} />
      ) : (
        <More pages={pages} label={t("bulk.load_more")} end="" />
      )}
      {editing && rules.value && <RulesDialog rules={rules.value} onClose={() => setEditing(false)} onSaved={rules.set} />}
    </div>
  );
}
