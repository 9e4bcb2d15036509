// Greeting those who are ticked, or everybody of a day: points and a message, each customer once a year.
import { useRef, useState } from "preact/hooks";
import { api, newKey } from "../api/client";
import { formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { fieldError } from "../shell/confirm";
import { Button, Dialog, errorText, Field, Input, Notice, TextArea, toast, toastError } from "../ui";
import { type Greeted, kindOf, type Kinds } from "./model";

interface Act {
  day: string;
  kinds: Kinds;
  /** null: everybody of the day. */
  ids: readonly string[] | null;
  count: number;
}
interface Gift {
  points: number;
  message: string;
}

/** `acts`: of each request that greeted somebody. */
type Given = Greeted & { acts: string[] };

const asOnce = 500; /* customers in one request */

/** Request by request; the same key for the same request, so that trying again gives nothing twice. */
async function give(act: Act, gift: Gift, keys: string[], first: number): Promise<Given> {
  const sum: Given = { greeted: 0, points: 0, with_message: 0, without_consent: 0, waiting: 0, already: 0, blocked: 0, absent: 0, next: null, id: null, acts: [] };
  const chosen = act.ids && [...act.ids];
  let after: string | null = null;
  for (let round = first; ; round++) {
    const key = (keys[round] ??= newKey());
    const whom = chosen
      ? { customer_ids: chosen.slice(round * asOnce, (round + 1) * asOnce) }
      : { all: true, after: after ?? undefined };
    const answer: Greeted = await api.post("/birthdays/greetings", {
      body: { day: act.day, kind: kindOf(act.kinds), points: gift.points, message: gift.message || undefined, ...whom },
      key,
    });
    sum.greeted += answer.greeted;
    sum.points += answer.points;
    sum.with_message += answer.with_message;
    sum.without_consent += answer.without_consent;
    sum.waiting += answer.waiting;
    sum.already += answer.already;
    sum.blocked += answer.blocked;
    sum.absent += answer.absent;
    if (answer.id) sum.acts.push(answer.id);
    after = answer.next;
    if (chosen ? (round + 1) * asOnce >= chosen.length : after === null) return sum;
  }
}

function outcome(sum: Greeted): string {
  const parts = [tn("birthdays.done", sum.greeted)];
  if (sum.points > 0) parts.push(tn("birthdays.done_points", sum.points));
  if (sum.waiting > 0) parts.push(tn("bulk.count.waits", sum.waiting));
  if (sum.without_consent > 0) parts.push(tn("birthdays.done_silent", sum.without_consent));
  if (sum.already > 0) parts.push(tn("birthdays.done_already", sum.already));
  if (sum.blocked > 0) parts.push(tn("birthdays.done_blocked", sum.blocked));
  return parts.join(" · ");
}

async function takeBack(acts: readonly string[]): Promise<void> {
  let left = 0;
  for (const id of acts) left += (await api.post("/birthdays/greetings/{id}/undo", { path: { id }, key: newKey() })).left;
  toast([t("watch.state_taken_back"), left > 0 && tn("watch.done_left", left)].filter(Boolean).join(" · "));
}

export function GreetDialog(props: Act & { onClose: () => void; onDone: () => void }) {
  const [points, setPoints] = useState("");
  const [message, setMessage] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const keys = useRef<string[]>([]);
  const gift = { points: points.trim() === "" ? 0 : Number(points), message: message.trim() };
  const change = (set: (text: string) => void) => (text: string) => {
    keys.current = []; /* another request */
    set(text);
  };
  const submit = () => {
    if (busy) return;
    setBusy(true);
    setError(null);
    give(props, gift, keys.current, 0)
      .then((sum) => {
        const undo = () => void takeBack(sum.acts).then(props.onDone, toastError);
        toast(outcome(sum), sum.acts.length > 0 ? { undo } : {});
        props.onDone();
      }, setError)
      .finally(() => setBusy(false));
  };
  const elsewhere = error !== null && !fieldError(error, "points") && !fieldError(error, "message");
  return (
    <Dialog
      title={tn("birthdays.greet_title", props.count, { count: formatNumber(props.count) })}
      onClose={props.onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={props.onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="primary" busy={busy} disabled={!(gift.points > 0) && !gift.message}>
            {t("birthdays.greet")}
          </Button>
        </>
      }
    >
      <div class="form">
        {elsewhere && <Notice tone="red">{errorText(error)}</Notice>}
        <Field label={t("birthdays.points")} hint={t("birthdays.points_hint")} error={fieldError(error, "points")}>
          <Input type="number" inputMode="numeric" min={0} step={1} autofocus value={points} onText={change(setPoints)} />
        </Field>
        <Field label={t("birthdays.message")} hint={t("birthdays.message_hint")} error={fieldError(error, "message")}>
          <TextArea rows={3} maxLength={500} value={message} onText={change(setMessage)} />
        </Field>
        <Notice>{t("birthdays.kept")}</Notice>
      </div>
    </Dialog>
  );
}
