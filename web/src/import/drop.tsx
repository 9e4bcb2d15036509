// Upload: drop a file or choose one; its progress, and what went wrong.
import { useRef, useState } from "preact/hooks";
import { isAborted, NetworkError } from "../api/client";
import { upload, type Upload } from "../api/upload";
import { formatBytes, formatPercent } from "../lib/format";
import { t } from "../lib/i18n";
import { navigate } from "../lib/router";
import { Button, errorText, Icon, Notice, Progress, toast } from "../ui";
import type { Import, Kind } from "./model";

const mostBytes = 2 * 1024 ** 3;

interface Sending {
  file: File;
  share: number;
  upload: Upload<Import>;
}
interface Refused {
  file: File | null;
  title: string;
  text?: string;
}

function refusal(files: readonly File[]): Refused | null {
  const [file] = files;
  if (!file) return null;
  if (files.length > 1) return { file: null, title: t("import.one_file") };
  if (file.size === 0) return { file: null, title: t("import.file_empty", { name: file.name }) };
  if (file.size > mostBytes) return { file: null, title: t("import.too_large", { name: file.name }) };
  return null;
}

function SendingView({ sending }: { sending: Sending }) {
  const { file, share } = sending;
  return (
    <div class="drop drop-sending" role="status">
      <p class="strong cut">{share < 1 ? t("import.uploading", { name: file.name }) : t("import.reading_file")}</p>
      <Progress value={share} max={share < 1 ? 1 : null} label={t("import.uploading", { name: file.name })} />
      <p class="small muted">
        {formatPercent(share)} · {formatBytes(file.size)}
      </p>
      <Button size="s" onClick={sending.upload.cancel}>
        {t("import.upload_cancel")}
      </Button>
    </div>
  );
}

export function Drop({ kind }: { kind: Kind }) {
  const [sending, setSending] = useState<Sending | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  async function send(file: File): Promise<void> {
    setRefused(null);
    const started = upload<Import>("/imports", { kind, file_name: file.name }, file, (share) =>
      setSending((now) => now && { ...now, share }),
    );
    setSending({ file, share: 0, upload: started });
    try {
      navigate(`/import/${(await started.answer).id}`);
    } catch (error) {
      setSending(null);
      if (isAborted(error)) toast(t("import.upload_canceled"));
      else
        setRefused({
          file,
          title: t("import.upload_failed", { name: file.name }),
          text: error instanceof NetworkError ? t("import.connection_lost") : errorText(error),
        });
    }
  }
  function take(list: FileList | null | undefined): void {
    const files = [...(list ?? [])];
    const no = refusal(files);
    if (no) setRefused(no);
    else if (files[0]) void send(files[0]);
  }

  if (sending) return <SendingView sending={sending} />;
  return (
    <>
      <div
        class={`drop ${over ? "drop-over" : ""}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          take(event.dataTransfer?.files);
        }}
      >
        <Icon name="upload" size={20} />
        <p class="strong drop-words">{t(over ? "import.drop_now" : "import.drop")}</p>
        <Button variant="primary" onClick={() => input.current?.click()}>
          {t("import.choose")}
        </Button>
        <input
          ref={input}
          class="hidden-text"
          type="file"
          tabIndex={-1}
          accept=".csv,.tsv,.txt,.vcf,text/csv,text/tab-separated-values,text/plain,text/vcard"
          aria-label={t("import.choose")}
          onChange={(event) => {
            take(event.currentTarget.files);
            event.currentTarget.value = "";
          }}
        />
        <p class="small muted">{t("import.drop_text")}</p>
      </div>
      {refused && (
        <Notice
          tone="red"
          action={
            refused.file ? (
              <Button size="s" onClick={() => void send(refused.file!)}>
                {t("import.try_again")}
              </Button>
            ) : undefined
          }
        >
          <p class="strong">{refused.title}</p>
          {refused.text && <p>{refused.text}</p>}
        </Notice>
      )}
    </>
  );
}
