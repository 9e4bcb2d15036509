// What is seen by a camera, as texts: by the browser's own detector (bar codes and QR codes) where it has
// one, else by a decoder of QR codes that is loaded only here.

interface Detector {
  detect: (source: HTMLVideoElement) => Promise<{ rawValue: string }[]>;
}
interface DetectorClass {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats: () => Promise<string[]>;
}
const formats = ["ean_13", "qr_code"];
const widest = 640; /* pixels looked at: enough for a card in the hand, and quick on a phone */

async function ownDetector(): Promise<Detector | null> {
  const Class = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  if (!Class) return null;
  const known = await Class.getSupportedFormats();
  return formats.some((format) => known.includes(format))
    ? new Class({ formats: formats.filter((format) => known.includes(format)) })
    : null;
}

export async function reader(): Promise<(video: HTMLVideoElement) => Promise<string[]>> {
  const own = await ownDetector();
  if (own) return async (video) => (await own.detect(video)).map((one) => one.rawValue);
  const { decodeQR } = await import("qr/decode.js");
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true })!;
  return (video) => {
    const scale = Math.min(1, widest / (video.videoWidth || 1));
    const width = Math.round(video.videoWidth * scale);
    const height = Math.round(video.videoHeight * scale);
    if (!width || !height) return Promise.resolve([]);
    canvas.width = width;
    canvas.height = height;
    pen.drawImage(video, 0, 0, width, height);
    try {
      return Promise.resolve([decodeQR({ width, height, data: pen.getImageData(0, 0, width, height).data })]);
    } catch {
      return Promise.resolve([]); /* none is in sight */
    }
  };
}
