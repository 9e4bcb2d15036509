// What a full stamp card or a referral gives: its words, and the fields to choose it by.
import { formatNumber } from "../lib/format";
import { api, type Schemas } from "../api/client";
import { t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { Field, Input, Select } from "../ui";
import { worth } from "../certificates/model";

export type Reward = Schemas["Reward"];
export type RewardKind = Reward["kind"];
/** As it is typed. */
export interface RewardDraft {
  kind: RewardKind;
  points: string;
  certificate: string;
  gift: string;
}

export function rewardWords(reward: Reward): string {
  if (reward.kind === "points") return tn("reward.points_count", reward.points, { count: formatNumber(reward.points) });
  if (reward.kind === "certificate") return t("reward.certificate_named", { name: reward.certificate });
  return reward.kind === "gift" ? reward.gift : t("reward.none");
}
export function rewardDraft(reward: Reward | undefined, first: RewardKind): RewardDraft {
  return {
    kind: reward?.kind ?? first,
    points: reward?.points ? String(reward.points) : "",
    certificate: reward?.certificate_type ?? "",
    gift: reward?.gift ?? "",
  };
}
/** The number typed; 0: none that counts. */
export function pointsOf(draft: RewardDraft): number {
  return /^\d{1,7}$/.test(draft.points.trim()) ? Number(draft.points) : 0;
}
export function rewardFault(draft: RewardDraft): string | null {
  if (draft.kind === "points" && !pointsOf(draft)) return t("reward.points_wrong");
  if (draft.kind === "certificate" && !draft.certificate) return t("settings.required");
  if (draft.kind === "gift" && !draft.gift.trim()) return t("settings.required");
  return null;
}

export function RewardFields(props: {
  label: string;
  draft: RewardDraft;
  kinds: readonly RewardKind[];
  error?: string | null;
  onDraft: (draft: RewardDraft) => void;
}) {
  const { draft } = props;
  const set = (part: Partial<RewardDraft>) => props.onDraft({ ...draft, ...part });
  const types = useLoad("certificate types", (signal) => api.get("/certificate-types", { signal }));
  return (
    <div class="reward-fields">
      <Field label={props.label}>
        <Select
          value={draft.kind}
          onValue={(kind) => set({ kind: kind as RewardKind })}
          options={props.kinds.map((kind) => ({ value: kind, label: t(`reward.${kind}`) }))}
        />
      </Field>
      {draft.kind === "points" && (
        <Field label={t("reward.how_many")} error={props.error}>
          <Input inputMode="numeric" autocomplete="off" value={draft.points} onText={(points) => set({ points })} />
        </Field>
      )}
      {draft.kind === "certificate" && (
        <Field label={t("certificates.type")} error={props.error}>
          <Select
            value={draft.certificate}
            onValue={(certificate) => set({ certificate })}
            options={[
              { value: "", label: t("bulk.choose") },
              ...(types.value?.items ?? []).map((one) => ({ value: one.id, label: `${one.name} (${worth(one)})` })),
            ]}
          />
        </Field>
      )}
      {draft.kind === "gift" && (
        <Field label={t("certificates.gift")} error={props.error}>
          <Input maxLength={120} value={draft.gift} onText={(gift) => set({ gift })} />
        </Field>
      )}
    </div>
  );
}
