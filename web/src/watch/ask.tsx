// A credit that needs a second person: what was refused is asked for instead.
import { useRef, useState } from "preact/hooks";
import { api, ApiError, newKey } from "../api/client";
import { t } from "../lib/i18n";
import { Button, errorText, Notice, toast } from "../ui";

interface Credit {
  customer_id: string;
  amount: number;
  reason: string;
  message: string;
}

export function needsSecondPerson(error: unknown): boolean {
  return error instanceof ApiError && error.problem.code === "watch_second_person";
}

export function AskSecondPerson(props: { error: unknown; credit: Credit; onAsked: () => void }) {
  const [failed, setFailed] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const key = useRef(newKey());
  const ask = () => {
    setBusy(true);
    setFailed(null);
    api
      .post("/watch/requests", { body: props.credit, key: key.current })
      .then(() => {
        toast(t("watch.asked"));
        props.onAsked();
      }, setFailed)
      .finally(() => setBusy(false));
  };
  const button = (
    <Button size="s" busy={busy} onClick={ask}>
      {t("watch.ask")}
    </Button>
  );
  return (
    <Notice tone="amber" action={button}>
      {errorText(failed ?? props.error)}
    </Notice>
  );
}
