// Pictures of the signed paper: chosen before an act is recorded, or added to one later.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api, apiUrl } from "../api/client";
import { upload } from "../api/upload";
import { t } from "../lib/i18n";
import { lighter, pictureTypes } from "../lib/picture";
import { may } from "../shell/session";
import { Button, ConfirmDialog, IconButton, toast, toastError } from "../ui";
import { type Act, type History, hows } from "./model";

/** As many as the server takes for one act. */
export const picturesMost = 4;

/** A picture goes up to an act; the history as it is then. */
export async function sendPicture(customer: string, act: string, file: File): Promise<History> {
  return upload<History>(`/customers/${customer}/consents/${act}/evidence`, {}, await lighter(file), () => undefined)
    .answer;
}

function PictureButtons(props: { disabled?: boolean; busy?: boolean; onFile: (file: File) => void }) {
  const file = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const take = (input: HTMLInputElement) => {
    const chosen = input.files?.[0];
    input.value = "";
    if (chosen) props.onFile(chosen);
  };
  return (
    <span class="evidence-buttons no-print">
      <Button size="s" icon="upload" busy={props.busy} disabled={props.disabled} onClick={() => file.current?.click()}>
        {t("consent.paper_add")}
      </Button>
      <Button size="s" icon="camera" class="touch-only" disabled={props.disabled || props.busy} onClick={() => camera.current?.click()}>
        {t("consent.paper_camera")}
      </Button>
      <input ref={file} type="file" accept={pictureTypes} hidden onChange={(event) => take(event.currentTarget)} />
      <input ref={camera} type="file" accept={pictureTypes} capture="environment" hidden onChange={(event) => take(event.currentTarget)} />
    </span>
  );
}

function Chosen({ file, n, onRemove }: { file: File; n: number; onRemove: () => void }) {
  const url = useMemo(() => URL.createObjectURL(file), [file]);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  return (
    <li>
      <img src={url} alt={t("consent.paper_alt", { n: String(n) })} />
      <IconButton icon="x" iconSize={14} label={t("consent.paper_drop", { n: String(n) })} onClick={onRemove} />
    </li>
  );
}

/** In the dialog, before anything is sent. */
export function ChoosePictures({ files, onFiles }: { files: readonly File[]; onFiles: (files: File[]) => void }) {
  return (
    <div class="evidence-choose" role="group" aria-label={t("consent.paper")}>
      <span class="field-label">{t("consent.paper")}</span>
      {files.length > 0 && (
        <ul class="evidence-list">
          {files.map((file, i) => (
            <Chosen key={`${file.name} ${file.lastModified} ${i}`} file={file} n={i + 1} onRemove={() => onFiles(files.filter((one) => one !== file))} />
          ))}
        </ul>
      )}
      <PictureButtons disabled={files.length >= picturesMost} onFile={(file) => onFiles([...files, file])} />
      <p class="field-hint">{t("consent.paper_hint")}</p>
    </div>
  );
}

/** On the proof: the pictures of an act, printed with it; another one can be added. */
export function Pictures(props: { customer: string; act: Act; onHistory: (next: History) => void }) {
  const { customer, act } = props;
  const [busy, setBusy] = useState(false);
  const [removing, setRemoving] = useState<string | null>(null);
  const pictures = act.evidence ?? [];
  const mayWrite = may("customers_write");
  const change = async (answer: Promise<History>, done: string) => {
    setBusy(true);
    try {
      props.onHistory(await answer);
      toast(done);
    } catch (error) {
      toastError(error);
    } finally {
      setBusy(false);
      setRemoving(null);
    }
  };
  const addable = mayWrite && pictures.length < picturesMost && hows.some((how) => how === act.how);
  if (pictures.length === 0 && !addable) return null;
  return (
    <div class="proof-papers">
      {pictures.length > 0 && (
        <ul class="evidence-list">
          {pictures.map((one, i) => {
            const url = apiUrl("/customers/{id}/evidence/{id2}", { path: { id: customer, id2: one.id } });
            return (
              <li key={one.id}>
                <a href={url} target="_blank" rel="noreferrer" title={t("consent.paper_open")}>
                  <img src={url} alt={t("consent.paper_alt", { n: String(i + 1) })} />
                </a>
                {mayWrite && (
                  <IconButton
                    icon="x"
                    iconSize={14}
                    class="no-print"
                    label={t("consent.paper_remove", { n: String(i + 1) })}
                    onClick={() => setRemoving(one.id)}
                  />
                )}
                <span class="small muted proof-sha">{t("consent.paper_sha", { sum: one.sha256.slice(0, 16) })}</span>
              </li>
            );
          })}
        </ul>
      )}
      {addable && (
        <PictureButtons
          busy={busy}
          onFile={(file) => void change(sendPicture(customer, act.id, file), t("consent.paper_added"))}
        />
      )}
      {removing && (
        <ConfirmDialog
          danger
          title={t("consent.paper_remove_title")}
          text={t("consent.paper_remove_text")}
          confirm={t("consent.paper_remove_do")}
          busy={busy}
          onConfirm={() =>
            void change(
              api.delete("/customers/{id}/evidence/{id2}", { path: { id: customer, id2: removing } }),
              t("consent.paper_removed"),
            )
          }
          onClose={() => setRemoving(null)}
        />
      )}
    </div>
  );
}
