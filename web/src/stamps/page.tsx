// Stamp programmes: /stamps. How many stamps fill a card, and what a full one gives.
import { useState } from "preact/hooks";
import { api, ApiError, hasCode, type Schemas } from "../api/client";
import { formatNumber } from "../lib/format";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { may } from "../shell/session";
import {
  Button,
  type Column,
  Dialog,
  EmptyState,
  ErrorState,
  errorText,
  Field,
  IconButton,
  Input,
  Menu,
  Notice,
  PageHeader,
  SkeletonLines,
  Table,
  TextArea,
  toast,
  toastError,
} from "../ui";
import { pointsOf, type RewardDraft, rewardDraft, rewardFault, RewardFields, rewardWords } from "../loyalty/reward";

type Program = Schemas["StampProgram"];

function ProgramDialog(props: { program: Program | null; onClose: () => void; again: () => void }) {
  const { program } = props;
  const [name, setName] = useState(program?.name ?? "");
  const [description, setDescription] = useState(program?.description ?? "");
  const [stamps, setStamps] = useState(String(program?.stamps ?? 10));
  const [perDay, setPerDay] = useState(program?.per_day ? String(program.per_day) : "");
  const [reward, setReward] = useState<RewardDraft>(rewardDraft(program?.reward, "certificate"));
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const size = /^\d{1,3}$/.test(stamps.trim()) ? Number(stamps) : 0;
  const limit = perDay.trim() === "" ? 0 : /^\d{1,3}$/.test(perDay.trim()) ? Number(perDay) : -1;
  const sizeFault = size < 2 || size > 100 ? t("stamps.size_wrong") : null;
  const limitFault = limit < 0 || limit > 100 ? t("stamps.per_day_wrong") : null;
  const fault = rewardFault(reward);
  const field = failure instanceof ApiError ? failure.problem.field : null;
  const refused = (one: string) => (field === one ? (failure as ApiError).message : null);
  const submit = () => {
    setTried(true);
    if (busy || !name.trim() || sizeFault || limitFault || fault) return;
    setBusy(true);
    setFailure(null);
    const body = {
      name: name.trim(),
      description: description.trim(),
      stamps: size,
      per_day: limit,
      reward: reward.kind,
      points: reward.kind === "points" ? pointsOf(reward) : 0,
      gift: reward.kind === "gift" ? reward.gift.trim() : "",
      ...(reward.kind === "certificate" ? { certificate_type: reward.certificate } : {}),
    };
    const sent = program
      ? api.put("/stamp-programs/{id}", { path: { id: program.id }, version: program.version, body })
      : api.post("/stamp-programs", { body });
    sent
      .then((now) => {
        toast(t("stamps.saved", { name: now.name }));
        props.again();
        props.onClose();
      }, setFailure)
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={t(program ? "stamps.edit" : "stamps.new")}
      onClose={props.onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={props.onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="primary" busy={busy}>
            {t(program ? "settings.save" : "stamps.make")}
          </Button>
        </>
      }
    >
      <div class="form">
        <Field label={t("certificates.name")} error={refused("name") ?? (tried && !name.trim() ? t("settings.required") : null)}>
          <Input autofocus maxLength={80} value={name} onText={setName} />
        </Field>
        <Field label={t("certificates.description")} hint={t("stamps.description_hint")}>
          <TextArea rows={2} maxLength={500} value={description} onText={setDescription} />
        </Field>
        <div class="certificate-pair">
          <Field label={t("stamps.size")} error={refused("stamps") ?? (tried ? sizeFault : null)}>
            <Input inputMode="numeric" value={stamps} onText={setStamps} />
          </Field>
          <Field label={t("stamps.per_day")} hint={t("certificates.no_limit")} error={tried ? limitFault : null}>
            <Input inputMode="numeric" value={perDay} onText={setPerDay} />
          </Field>
        </div>
        <RewardFields
          label={t("stamps.reward")}
          draft={reward}
          kinds={["certificate", "points", "gift"]}
          error={refused("reward") ?? (tried ? fault : null)}
          onDraft={setReward}
        />
        {program && program.open > 0 && <p class="small muted">{t("stamps.cards_stay")}</p>}
        {failure !== null && !["name", "stamps", "reward"].includes(field ?? "") && (
          <Notice tone="red">{hasCode(failure, "stale") ? t("certificates.stale") : errorText(failure)}</Notice>
        )}
      </div>
    </Dialog>
  );
}

async function restore(program: Program, again: () => void): Promise<void> {
  try {
    await api.post("/stamp-programs/{id}/restore", { path: { id: program.id } });
    again();
    toast(t("stamps.back", { name: program.name }));
  } catch (error) {
    toastError(error);
  }
}
async function remove(program: Program, again: () => void): Promise<void> {
  try {
    await api.delete("/stamp-programs/{id}", { path: { id: program.id } });
    again();
    toast(t("stamps.removed", { name: program.name }), { undo: () => void restore(program, again) });
  } catch (error) {
    toastError(error);
  }
}

function columns(edit: (program: Program) => void, again: () => void): Column<Program>[] {
  const all: Column<Program>[] = [
    {
      key: "name",
      head: t("certificates.name"),
      cell: (program) => (
        <span class="certificate-lines">
          <span class="strong">{program.name}</span>
          {program.description && <span class="small muted">{program.description}</span>}
        </span>
      ),
    },
    { key: "size", head: t("stamps.size"), align: "right", cell: (program) => formatNumber(program.stamps) },
    { key: "reward", head: t("stamps.reward"), cell: (program) => rewardWords(program.reward) },
    { key: "open", head: t("stamps.open_cards"), align: "right", wide: true, cell: (program) => formatNumber(program.open) },
    { key: "full", head: t("stamps.full_cards"), align: "right", wide: true, cell: (program) => formatNumber(program.completed) },
  ];
  if (may("loyalty"))
    all.push({
      key: "actions",
      head: <span class="hidden-text">{t("card.actions")}</span>,
      align: "right",
      width: "44px",
      cell: (program) => (
        <Menu
          label={t("certificates.actions_of", { name: program.name })}
          items={[
            { label: t("stamps.edit"), icon: "pencil", onSelect: () => edit(program) },
            "line",
            { label: t("stamps.end"), icon: "trash-2", danger: true, onSelect: () => void remove(program, again) },
          ]}
          button={(attributes) => (
            <IconButton icon="ellipsis" label={t("certificates.actions_of", { name: program.name })} {...attributes} />
          )}
        />
      ),
    });
  return all;
}

export default function StampsPage() {
  const [open, setOpen] = useState<{ program: Program | null } | null>(null);
  const list = useLoad("stamp programs", (signal) => api.get("/stamp-programs", { signal }));
  const add = may("loyalty") && (
    <Button variant="primary" icon="plus" onClick={() => setOpen({ program: null })}>
      {t("stamps.new")}
    </Button>
  );
  return (
    <div class="page stamps">
      <PageHeader title={t("nav.stamps")} subtitle={t("stamps.lead")} actions={(list.value?.items.length ?? 0) > 0 && add} />
      {list.error && !list.value ? (
        <ErrorState error={list.error} retry={list.reload} />
      ) : !list.value ? (
        <SkeletonLines lines={4} />
      ) : (
        <>
          <Table
            label={t("nav.stamps")}
            columns={columns((program) => setOpen({ program }), list.reload)}
            rows={list.value.items}
            rowKey={(program) => program.id}
            empty={<EmptyState icon="circle-check" title={t("stamps.empty")} text={t("stamps.empty_text")} action={add || undefined} />}
          />
          {list.value.deleted.length > 0 && may("loyalty") && (
            <details class="groups-deleted">
              <summary>{t("stamps.ended")}</summary>
              <ul>
                {list.value.deleted.map((program) => (
                  <li key={program.id}>
                    <span class="cut">{program.name}</span>
                    <Button size="s" icon="undo-2" onClick={() => void restore(program, list.reload)}>
                      {t("groups.restore")}
                    </Button>
                  </li>
                ))}
              </ul>
            </details>
          )}
        </>
      )}
      {open && <ProgramDialog program={open.program} onClose={() => setOpen(null)} again={list.reload} />}
    </div>
  );
}
