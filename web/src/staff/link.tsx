// The one-time link, shown once.
import { useRef } from "preact/hooks";
import { formatInstant } from "../lib/format";
import { t } from "../lib/i18n";
import { Button, Dialog, Field, Input, toast } from "../ui";
import type { Invited } from "./person";

export function LinkDialog({ invited, onClose }: { invited: Invited; onClose: () => void }) {
  const { staff, link } = invited;
  const frame = useRef<HTMLDivElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link.url);
      toast(t("staff.copied"));
    } catch {
      /* no https, or the browser forbids it: the text is selected, Ctrl+C copies */
      frame.current?.querySelector("input")?.select();
      toast(t("card.copy_failed"), { tone: "red" });
    }
  };
  return (
    <Dialog
      title={t("staff.invited_title", { name: staff.name })}
      onClose={onClose}
      footer={
        <>
          <Button icon="copy" variant="primary" onClick={() => void copy()} data-autofocus>
            {t("staff.copy")}
          </Button>
          <Button onClick={onClose}>{t("staff.done")}</Button>
        </>
      }
    >
      <div class="form" ref={frame}>
        <p>{t("staff.invited_text", { email: staff.email, date: formatInstant(link.expires_at) })}</p>
        <Field label={t("staff.link")}>
          <Input readOnly value={link.url} onFocus={(event) => event.currentTarget.select()} />
        </Field>
      </div>
    </Dialog>
  );
}
