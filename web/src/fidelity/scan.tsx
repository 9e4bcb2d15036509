// Scanning a fidelity card: /scan. By the camera, or by typing the number (a hand scanner types it too).
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../lib/i18n";
import { Button, Field, Input, Notice, PageHeader } from "../ui";
import { reader } from "./decode";
import { isCardNumber, openCard } from "./model";

const lookEachMs = 150;
type Sight = "off" | "starting" | "on" | "denied" | "none";

async function start(video: HTMLVideoElement): Promise<MediaStream> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  video.srcObject = stream;
  await video.play();
  return stream;
}

/** Looks until a card is seen; `onNumber` says whether that was enough. */
function useCamera(wanted: boolean, onNumber: (number: string) => Promise<boolean>) {
  const video = useRef<HTMLVideoElement>(null);
  const [sight, setSight] = useState<Sight>("off");
  useEffect(() => {
    if (!wanted) return;
    let stream: MediaStream | null = null;
    let timer = 0;
    let ended = false;
    const look = async (read: (video: HTMLVideoElement) => Promise<string[]>) => {
      const number = ended ? undefined : (await read(video.current!)).find(isCardNumber);
      if (ended || (number && (await onNumber(number)))) return;
      timer = window.setTimeout(() => void look(read), lookEachMs);
    };
    setSight("starting");
    Promise.all([start(video.current!), reader()]).then(
      ([opened, read]) => {
        stream = opened;
        if (ended) return stop();
        setSight("on");
        void look(read);
      },
      (error: unknown) => {
        if (!ended) setSight(error instanceof DOMException && error.name === "NotAllowedError" ? "denied" : "none");
      },
    );
    const stop = () => stream?.getTracks().forEach((track) => track.stop());
    return () => {
      ended = true;
      clearTimeout(timer);
      stop();
    };
  }, [wanted]);
  return { video, sight };
}

export default function ScanPage() {
  const [camera, setCamera] = useState(true);
  const [text, setText] = useState("");
  const { video, sight } = useCamera(camera, openCard);
  const digits = text.replace(/\D/g, "");
  const wrong = digits.length >= 13 && !isCardNumber(digits);
  const go = (event: Event) => {
    event.preventDefault();
    if (isCardNumber(digits)) void openCard(digits).then(() => setText(""));
  };
  const failed = sight === "denied" || sight === "none";
  return (
    <div class="page scan">
      <PageHeader title={t("scan.title")} subtitle={t("scan.text")} />
      {failed && (
        <Notice
          tone="amber"
          action={
            <Button
              size="s"
              onClick={() => {
                setCamera(false);
                setTimeout(() => setCamera(true));
              }}
            >
              {t("scan.again")}
            </Button>
          }
        >
          <p>{t(`scan.${sight}`)}</p>
        </Notice>
      )}
      <div class={`scan-view ${failed ? "scan-view-off" : ""}`}>
        <video ref={video} muted playsInline aria-label={t("scan.view")} />
        <span class="scan-frame" aria-hidden="true" />
        <p class="scan-state small" role="status">
          {!failed && t(sight === "on" ? "scan.on" : "scan.starting")}
        </p>
      </div>
      <form class="scan-typed" onSubmit={go}>
        <Field label={t("scan.number")} hint={t("scan.number_hint")} error={wrong ? t("scan.mistyped") : null}>
          <Input inputMode="numeric" autocomplete="off" maxLength={20} value={text} onText={setText} />
        </Field>
        <Button type="submit" variant="primary" disabled={!isCardNumber(digits)}>
          {t("scan.open")}
        </Button>
      </form>
    </div>
  );
}
