/** What can be told of a chosen picture before it is sent. It only helps: the server judges. */
import { texts } from "@/texts";

const MAX_BYTES = 5 * 1024 * 1024;
const MIN_WIDTH = 295; // 一寸 at 300 dpi
const MIN_HEIGHT = 413;

/** Why this file cannot serve, or "" when nothing speaks against it. */
export function whyNoPicture(file: { name: string; type: string; size: number }): string {
  if (/\.hei[cf]$/i.test(file.name) || /^image\/hei[cf]/.test(file.type)) return texts.photo.heic;
  if (!["image/jpeg", "image/png"].includes(file.type)) return texts.photo.wrongType;
  if (file.size === 0) return texts.photo.empty;
  if (file.size > MAX_BYTES) return texts.photo.tooLarge((file.size / 1024 / 1024).toFixed(1));
  return "";
}

/** Why an ID photo of this size cannot serve, or "". */
export function whyTooSmall(width: number, height: number): string {
  return width < MIN_WIDTH || height < MIN_HEIGHT ? texts.photo.tooSmall(width, height) : "";
}

/** The same for a file, which is opened to see. Resolves to why it cannot serve as an ID photo, or "". */
export async function whyNoIdPhoto(file: File): Promise<string> {
  const reason = whyNoPicture(file);
  if (reason) return reason;
  try {
    const bitmap = await createImageBitmap(file);
    const { width, height } = bitmap;
    bitmap.close();
    return whyTooSmall(width, height);
  } catch {
    return texts.photo.unreadable;
  }
}
