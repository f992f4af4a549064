/** Checks of a chosen picture before it is sent, as a help. The server judges the picture. */
import { photoTexts } from "#texts/identity";

const MAX_BYTES = 5 * 1024 * 1024;
const MIN_WIDTH = 295; // 一寸 at 300 dpi
const MIN_HEIGHT = 413;

/** Returns why this file cannot be used, or "". */
export function whyNoPicture(file: { name: string; type: string; size: number }): string {
  if (/\.hei[cf]$/i.test(file.name) || /^image\/hei[cf]/.test(file.type)) return photoTexts.heic;
  if (!["image/jpeg", "image/png"].includes(file.type)) return photoTexts.wrongType;
  if (file.size === 0) return photoTexts.empty;
  if (file.size > MAX_BYTES) return photoTexts.tooLarge((file.size / 1024 / 1024).toFixed(1));
  return "";
}

/** Returns why an ID photo of this size cannot be used, or "". */
export function whyTooSmall(width: number, height: number): string {
  return width < MIN_WIDTH || height < MIN_HEIGHT ? photoTexts.tooSmall(width, height) : "";
}

/** Opens a file and resolves to why it cannot be used as an ID photo, or "". */
export async function whyNoIdPhoto(file: File): Promise<string> {
  const reason = whyNoPicture(file);
  if (reason) return reason;
  try {
    const bitmap = await createImageBitmap(file);
    const { width, height } = bitmap;
    bitmap.close();
    return whyTooSmall(width, height);
  } catch {
    return photoTexts.unreadable;
  }
}
