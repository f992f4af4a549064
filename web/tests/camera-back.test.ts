// @vitest-environment happy-dom
/** The camera on computers that have some: its preview, and a camera that is pulled out and plugged in again. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Camera } from "@/lib/camera";

const LOOK_MS = 1000;
const RETAKE_MS = 3000;

/** The cameras of a computer, by their ids. */
class Computer extends EventTarget {
  cameras = ["usb"];
  readonly opened: string[] = [];
  busy = false;
  private tracks: Track[] = [];

  readonly getUserMedia = async ({ video }: { video: MediaTrackConstraints }) => {
    const exact = (video.deviceId as { exact?: string } | undefined)?.exact;
    const id = exact ?? this.cameras[0];
    if (!id || !this.cameras.includes(id)) throw new DOMException("", "NotFoundError");
    this.opened.push(id);
    if (this.busy) throw new DOMException("", "NotReadableError");
    return this.stream(id, video);
  };

  private stream(id: string, constraints: MediaTrackConstraints): MediaStream {
    const track = new Track(id, constraints);
    this.tracks.push(track);
    const tracks = (): Track[] => [track];
    const clone = (): MediaStream => this.stream(id, constraints);
    return { getTracks: tracks, getVideoTracks: tracks, clone } as unknown as MediaStream;
  }

  /** The tracks that film. */
  get filming(): Track[] {
    return this.tracks.filter((track) => track.readyState === "live");
  }

  readonly enumerateDevices = async () =>
    this.cameras.map((deviceId) => ({ kind: "videoinput", deviceId, label: deviceId }));

  plug(...cameras: string[]): void {
    this.cameras = cameras;
    for (const track of this.tracks) if (!cameras.includes(track.id)) track.end();
    this.dispatchEvent(new Event("devicechange"));
  }
}

class Track extends EventTarget {
  readyState = "live";
  muted = false;
  constructor(
    readonly id: string,
    private constraints: MediaTrackConstraints,
  ) {
    super();
  }
  getConstraints(): MediaTrackConstraints {
    return this.constraints;
  }
  async applyConstraints(constraints: MediaTrackConstraints): Promise<void> {
    this.constraints = constraints;
  }
  getSettings(): MediaTrackSettings {
    return { deviceId: this.id };
  }
  stop(): void {
    this.readyState = "ended";
  }
  end(): void {
    this.stop();
    this.dispatchEvent(new Event("ended"));
  }
}

let computer: Computer;
let camera: Camera;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "clearInterval", "performance"] });
  computer = new Computer();
  vi.stubGlobal("navigator", { mediaDevices: computer });
  vi.stubGlobal("isSecureContext", true);
  sessionStorage.clear();
  Object.defineProperty(HTMLVideoElement.prototype, "srcObject", {
    configurable: true,
    set(this: HTMLVideoElement) {
      queueMicrotask(() => this.dispatchEvent(new Event("loadeddata")));
    },
  });
  camera = new Camera();
  await camera.open();
});

afterEach(() => {
  camera.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the preview of an exam", () => {
  it("has fewer pictures than the camera, which is not asked anew", () => {
    const rates = computer.filming.map((track) => track.getConstraints().frameRate);
    expect(rates).toEqual([{ ideal: 15 }, { max: 4 }]);
    expect(computer.opened).toEqual(["usb"]);
    expect(camera.calmStream?.getTracks()).not.toEqual(camera.stream?.getTracks());
  });

  it("goes off with the camera", () => {
    camera.close();
    expect(computer.filming).toEqual([]);
    expect(camera.calmStream).toBeNull();
  });

  it("is of the camera that took the place of a lost one", async () => {
    computer.plug("new");
    await vi.advanceTimersByTimeAsync(0);
    expect(computer.filming.map(({ id }) => id)).toEqual(["new", "new"]);
  });
});

describe("a lost camera", () => {
  it("is opened again by itself when it is plugged in again", async () => {
    computer.plug();
    await vi.advanceTimersByTimeAsync(LOOK_MS);
    expect(camera.state).toBe("ended");
    computer.plug("usb");
    await vi.advanceTimersByTimeAsync(0);
    expect(camera.state).toBe("live");
    expect(camera.deviceId).toBe("usb");
  });

  it("also where the browser tells of no change", async () => {
    computer.plug();
    computer.cameras = ["usb"];
    await vi.advanceTimersByTimeAsync(LOOK_MS);
    expect(camera.state).toBe("live");
  });

  it("another one that is plugged in takes its place", async () => {
    computer.plug();
    computer.plug("new");
    await vi.advanceTimersByTimeAsync(0);
    expect([camera.state, camera.deviceId]).toEqual(["live", "new"]);
  });

  it("one that was there before and was not chosen does not", async () => {
    computer.plug("usb", "lid");
    await camera.open("usb");
    computer.plug("lid");
    await vi.advanceTimersByTimeAsync(5 * LOOK_MS);
    expect([camera.state, computer.opened]).toEqual(["ended", ["usb", "usb"]]);
    computer.plug("lid", "usb");
    await vi.advanceTimersByTimeAsync(0);
    expect([camera.state, camera.deviceId]).toEqual(["live", "usb"]);
  });

  it("that is not ready yet is tried again every three seconds", async () => {
    computer.plug();
    computer.busy = true;
    computer.plug("usb");
    await vi.advanceTimersByTimeAsync(RETAKE_MS - 1);
    expect([camera.state, computer.opened.length]).toEqual(["ended", 2]);
    computer.busy = false;
    await vi.advanceTimersByTimeAsync(LOOK_MS + 1);
    expect(camera.state).toBe("live");
  });

  it("that was missing from the beginning is opened when it comes", async () => {
    camera.close();
    computer.plug();
    await expect(camera.open()).rejects.toThrow();
    expect(camera.state).toBe("closed");
    computer.plug("usb");
    await vi.advanceTimersByTimeAsync(0);
    expect(camera.state).toBe("live");
  });

  it("that was closed for good stays off", async () => {
    camera.close();
    computer.plug();
    computer.plug("usb");
    await vi.advanceTimersByTimeAsync(5 * LOOK_MS);
    expect([camera.state, computer.opened]).toEqual(["closed", ["usb"]]);
  });
});
