/** Checks of a chosen picture before it is sent, as a help. The server judges the picture. */
import { PHOTO, needsCrop } from "@/lib/crop";
import { photoTexts } from "#texts/identity";

const MIB = 1024 * 1024;
const MAX_BYTES = 5 * MIB;
const MAX_CUT_BYTES = 30 * MIB; // of a photo that is cut here: what is sent is small

interface ChosenFile {
  name: string;
  type: string;
  size: number;
}

/** Returns why this file cannot be used, or "". */
export function whyNoPicture(file: ChosenFile, most = MAX_BYTES): string {
  if (/\.hei[cf]$/i.test(file.name) || /^image\/hei[cf]/.test(file.type)) return photoTexts.heic;
  if (/\.pdf$/i.test(file.name) || file.type === "application/pdf") return photoTexts.pdf;
  if (!["image/jpeg", "image/png"].includes(file.type)) return photoTexts.wrongType;
  if (file.size === 0) return photoTexts.empty;
  const mb = (bytes: number): string => (bytes / MIB).toFixed(1).replace(/\.0$/, "");
  return file.size > most ? photoTexts.tooLarge(mb(file.size), mb(most)) : "";
}

/** Returns why an ID photo of this size cannot be used, or "". It may lie on its side. */
export function whyTooSmall(width: number, height: number): string {
  const small = Math.min(width, height) < PHOTO.width || Math.max(width, height) < PHOTO.height;
  return small ? photoTexts.tooSmall(width, height) : "";
}

/** What was found in a file: why it cannot be an ID photo ("" if it can), and whether it has to be cut first. */
export interface LookedAt {
  reason: string;
  cut: boolean;
}

/** Opens a file that may become an ID photo. */
export async function lookAtIdPhoto(file: File): Promise<LookedAt> {
  const reason = whyNoPicture(file, MAX_CUT_BYTES);
  if (reason) return { reason, cut: false };
  try {
    const bitmap = await createImageBitmap(file);
    const { width, height } = bitmap;
    bitmap.close();
    const cut = needsCrop({ width, height }) || file.size > MAX_BYTES;
    return { reason: whyTooSmall(width, height), cut };
  } catch {
    return { reason: photoTexts.unreadable, cut: false };
  }
}
