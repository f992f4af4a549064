/**
 * Still pictures of a playing video. A browser that paints without a graphics card keeps a copy of each video
 * picture that is drawn (1.2 MB, up to some 500 MB); of pixels that are copied out of a `VideoFrame` it keeps
 * nothing. So they are copied, into the same memory each time, and drawn only where that is not possible.
 */
import { greyFields, writeRgba, type YuvFrame } from "@/lib/yuv";

/** `picture` can be drawn. It has this content until the next one is taken. */
export interface Still {
  picture: HTMLCanvasElement | HTMLVideoElement;
  width: number;
  height: number;
}

export class Stills {
  private readonly canvas = document.createElement("canvas");
  private pixels = new ImageData(1, 1);
  private bytes = new Uint8Array(0);
  private underWay: Promise<Still> | null = null;

  /** Returns the present picture. Calls at the same time get the same one. It never fails on a playing video. */
  take(video: HTMLVideoElement): Promise<Still> {
    this.underWay ??= this.read(video).finally(() => (this.underWay = null));
    return this.underWay;
  }

  /**
   * Returns how bright the fields of a grid over the present picture are, as `greyFields` does. It reads the brightness
   * alone, which is less work than a still picture. Null where the browser cannot; then take a still.
   */
  async grey(video: HTMLVideoElement, columns: number, rows: number): Promise<Float32Array | null> {
    const frame = frameOf(video);
    try {
      const planes = frame && (await this.planesOf(frame));
      return planes && greyFields(planes, columns, rows);
    } catch {
      return null;
    } finally {
      frame?.close();
    }
  }

  private async read(video: HTMLVideoElement): Promise<Still> {
    const frame = frameOf(video);
    try {
      if (frame && (await this.copy(frame))) return this.paint();
    } catch {
      // a frame in the graphics card cannot be read, but drawing it costs nothing
    } finally {
      frame?.close();
    }
    return { picture: video, width: video.videoWidth, height: video.videoHeight };
  }

  /** Fills `pixels`. Returns false when the frame has to be drawn instead. Throws what the browser throws. */
  private async copy(frame: VideoFrame): Promise<boolean> {
    const { format, visibleRect } = frame;
    if ((format !== "I420" && format !== "NV12") || !visibleRect) return false;
    const { width, height } = visibleRect;
    if (this.pixels.width !== width || this.pixels.height !== height)
      this.pixels = new ImageData(width, height);
    const rgba = this.pixels.data;
    if (frame.allocationSize({ format: "RGBA" }) === rgba.length) {
      await frame.copyTo(rgba, { format: "RGBA" });
      return true;
    }
    // Before Chrome 127 the browser only returns the format of the camera.
    const planes = await this.planesOf(frame);
    if (planes) writeRgba(planes, rgba);
    return planes !== null;
  }

  /** Returns the bytes of the frame as the camera gave them, until the next call; null for formats without planes. */
  private async planesOf(frame: VideoFrame): Promise<YuvFrame | null> {
    const { format, visibleRect, colorSpace } = frame;
    if ((format !== "I420" && format !== "NV12") || !visibleRect) return null;
    const size = frame.allocationSize();
    if (this.bytes.length !== size) this.bytes = new Uint8Array(size);
    const planes = await frame.copyTo(this.bytes);
    const { width, height } = visibleRect;
    const [fullRange, hd] = [colorSpace.fullRange === true, colorSpace.matrix === "bt709"];
    return { format, bytes: this.bytes, planes, width, height, fullRange, hd };
  }

  private paint(): Still {
    const { width, height } = this.pixels;
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
    const pen = this.canvas.getContext("2d", { willReadFrequently: true });
    if (!pen) throw new Error("no canvas");
    pen.putImageData(this.pixels, 0, 0);
    return { picture: this.canvas, width, height };
  }
}

/** Returns the present frame of the video; null in a browser without frames (before Chrome 94) or before the first. */
function frameOf(video: HTMLVideoElement): VideoFrame | null {
  try {
    return new VideoFrame(video);
  } catch {
    return null;
  }
}
