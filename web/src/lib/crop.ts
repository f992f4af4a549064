/** The part of a photo that becomes the ID photo: 295 × 413 (一寸). Geometry first, then what draws. */

export const PHOTO = { width: 295, height: 413 };
const MOST_WIDTH = 3 * PHOTO.width; // of the result: sharp enough for print, far below the limit of an upload
const TOLERANCE = 0.02; // of the ratio of width to height
const FACE_SHARE = 0.55; // of the photo's width
const FACE_MIDDLE = 0.46; // of the photo's height, from above
const QUALITY = 0.92;

export interface Size {
  width: number;
  height: number;
}

/** A cut in pixels of the photo, from its upper left corner. Its height follows from its width. */
export interface Crop {
  x: number;
  y: number;
  width: number;
}

export type Turn = 0 | 90 | 180 | 270; // degrees, clockwise

export function heightOf(width: number): number {
  return (width * PHOTO.height) / PHOTO.width;
}

/** Whether a photo of this size has another shape than an ID photo. */
export function needsCrop({ width, height }: Size): boolean {
  return Math.abs((width * PHOTO.height) / (height * PHOTO.width) - 1) > TOLERANCE;
}

/** The width of the largest cut of a photo. */
export function widest({ width, height }: Size): number {
  return Math.min(width, (height * PHOTO.width) / PHOTO.height);
}

/** Whether a cut has the pixels that an ID photo needs. */
export function isLargeEnough(crop: Crop): boolean {
  return Math.round(crop.width) >= PHOTO.width;
}

/** The cut with a width that is possible, moved into the photo. */
export function within(crop: Crop, size: Size): Crop {
  const most = widest(size);
  const width = Math.min(Math.max(crop.width, Math.min(PHOTO.width, most)), most);
  return {
    x: Math.min(Math.max(crop.x, 0), size.width - width),
    y: Math.min(Math.max(crop.y, 0), size.height - heightOf(width)),
    width,
  };
}

/** The largest cut, in the middle. */
export function centred(size: Size): Crop {
  const width = widest(size);
  return { x: (size.width - width) / 2, y: (size.height - heightOf(width)) / 2, width };
}

/** A cut with the face where an ID photo has it. `box`: in fractions of the photo. */
export function aroundFace(box: Crop & { height: number }, size: Size): Crop {
  const width = (box.width * size.width) / FACE_SHARE;
  const middle = {
    x: (box.x + box.width / 2) * size.width,
    y: (box.y + box.height / 2) * size.height,
  };
  const fitting = Math.min(Math.max(width, PHOTO.width), widest(size));
  const crop = {
    x: middle.x - fitting / 2,
    y: middle.y - heightOf(fitting) * FACE_MIDDLE,
    width: fitting,
  };
  return within(crop, size);
}

export function moved(crop: Crop, dx: number, dy: number, size: Size): Crop {
  return within({ ...crop, x: crop.x + dx, y: crop.y + dy }, size);
}

/** Zooms about the middle of the cut: a factor above 1 comes closer. */
export function zoomed(crop: Crop, factor: number, size: Size): Crop {
  const { width } = within({ ...crop, width: crop.width / factor }, size);
  const x = crop.x + (crop.width - width) / 2;
  const y = crop.y + (heightOf(crop.width) - heightOf(width)) / 2;
  return within({ x, y, width }, size);
}

/** The picture turned clockwise; with `most`, its longer side has at most so many pixels. */
export function turned(picture: ImageBitmap, turn: Turn, most = Infinity): HTMLCanvasElement {
  const scale = Math.min(1, most / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width * scale, picture.height * scale].map(Math.round) as [
    number,
    number,
  ];
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = turn % 180 ? [height, width] : [width, height];
  const pen = penOf(canvas);
  pen.translate(canvas.width / 2, canvas.height / 2);
  pen.rotate((turn * Math.PI) / 180);
  pen.drawImage(picture, -width / 2, -height / 2, width, height);
  return canvas;
}

/** Draws a cut over the whole of a canvas. */
export function drawCut(
  picture: HTMLCanvasElement,
  { x, y, width }: Crop,
  onto: HTMLCanvasElement,
): void {
  const pen = penOf(onto);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, x, y, width, heightOf(width), 0, 0, onto.width, onto.height);
}

/** The cut as a JPEG file. Rejects when the browser cannot write it. */
export function cutOut(picture: HTMLCanvasElement, crop: Crop): Promise<File> {
  const canvas = document.createElement("canvas");
  canvas.width = Math.min(Math.round(crop.width), MOST_WIDTH);
  canvas.height = Math.round(heightOf(canvas.width));
  drawCut(picture, crop, canvas);
  return new Promise((resolve, reject) => {
    const take = (blob: Blob | null): void =>
      blob
        ? resolve(new File([blob], "id-photo.jpg", { type: blob.type }))
        : reject(new Error("no JPEG"));
    canvas.toBlob(take, "image/jpeg", QUALITY);
  });
}

function penOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no canvas");
  return pen;
}
