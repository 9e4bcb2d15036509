// Any amount of points, with its reason and a message.
import { useRef, useState } from "preact/hooks";
import { ApiError, newKey } from "../api/client";
import { formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { Button, Dialog, errorText, Field, Input, Notice, Segmented, TextArea } from "../ui";
import { amountOf, give } from "./model";

type Way = "credit" | "take";

export function PointsDialog(props: { customer: string; name: string; usable: number; onClose: () => void; onDone: () => void }) {
  const [way, setWay] = useState<Way>("credit");
  const [text, setText] = useState("");
  const [reason, setReason] = useState("");
  const [message, setMessage] = useState("");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  /* the same act, however often the button is pressed; another one when something in it changes */
  const act = useRef({ of: "", key: "" });
  const points = amountOf(text);
  const tooMany = way === "take" && points !== null && points > props.usable;
  const fault = points === null ? t("points.whole") : tooMany ? t("points.only", { usable: formatNumber(props.usable) }) : null;
  const go = () => {
    setTried(true);
    if (busy || fault !== null || points === null) return;
    const giving = { amount: way === "credit" ? points : -points, reason: reason.trim(), message: message.trim() };
    const of = JSON.stringify(giving);
    if (act.current.of !== of) act.current = { of, key: newKey() };
    setBusy(true);
    setFailure(null);
    give(props.customer, giving, act.current.key).then(props.onDone, (error: unknown) => {
      setFailure(error);
      setBusy(false);
    });
  };
  const refused = failure instanceof ApiError && failure.problem.field === "amount" ? failure.message : null;
  return (
    <Dialog
      title={t("points.of", { name: props.name })}
      onClose={props.onClose}
      onSubmit={go}
      footer={
        <>
          <Button onClick={props.onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" variant="primary" busy={busy}>
            {points === null || fault ? t(`points.do_${way}`) : tn(`points.go_${way}`, points, { count: formatNumber(points) })}
          </Button>
        </>
      }
    >
      <div class="form">
        <Segmented<Way>
          label={t("points.way")}
          value={way}
          onValue={setWay}
          options={[
            { value: "credit", label: t("points.do_credit"), icon: "plus" },
            { value: "take", label: t("points.do_take"), icon: "minus" },
          ]}
        />
        <Field
          label={t("points.amount")}
          hint={way === "take" ? t("points.only", { usable: formatNumber(props.usable) }) : undefined}
          error={refused ?? (tried || tooMany ? fault : null)}
        >
          <Input autofocus inputMode="numeric" autocomplete="off" value={text} onText={setText} />
        </Field>
        <Field label={t("points.reason")} hint={t("points.reason_hint")}>
          <Input maxLength={200} value={reason} onText={setReason} />
        </Field>
        <Field label={t("points.message")} hint={t("points.message_hint")}>
          <TextArea maxLength={500} rows={2} value={message} onText={setMessage} />
        </Field>
        {failure !== null && !refused && <Notice tone="red">{errorText(failure)}</Notice>}
      </div>
    </Dialog>
  );
}
