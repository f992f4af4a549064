// @vitest-environment happy-dom
/** A camera that is pulled out and plugged in again. */
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
    const track = new Track(id);
    this.tracks.push(track);
    return { getTracks: () => [track], getVideoTracks: () => [track] } as unknown as MediaStream;
  };

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
  constructor(readonly id: string) {
    super();
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

describe("a lost camera", () => {
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
