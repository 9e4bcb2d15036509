// Pictures on their way up: shops have slow lines, and a phone's photo has more than anybody will see.
const longest = 2048; /* pixels */
const smallEnough = 1_500_000; /* bytes */

/** What the server reads. */
export const pictureTypes = "image/jpeg,image/png,image/webp";

/** A large picture made smaller; the server turns it the right way up and makes what is served. */
export async function lighter(file: File): Promise<Blob> {
  if (file.size <= smallEnough) return file;
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d")!.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return await new Promise((made) => canvas.toBlob((blob) => made(blob ?? file), "image/jpeg", 0.9));
  } catch {
    return file; /* the server says what is wrong with it */
  }
}
