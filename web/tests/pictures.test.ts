import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Pictures, type PictureState } from "@/lib/pictures";

const KEY = new Uint8Array(32).fill(7);
const OTHER_KEY = new Uint8Array(32).fill(8);
const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

/** Nonce (12 bytes), ciphertext, tag: as the server stores pictures. */
async function sealed(bytes: Uint8Array<ArrayBuffer>, key = KEY): Promise<ArrayBuffer> {
  const usable = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const iv = new Uint8Array(12).fill(3);
  const text = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, usable, bytes);
  return new Blob([iv, text]).arrayBuffer();
}

/** The store behind the links; time passes only when a test says so. */
class Shelf {
  readonly stored = new Map<string, ArrayBuffer>();
  readonly states = new Map<string, PictureState>();
  readonly pauses: number[] = [];
  rounds = 0;
  busy = 0;
  busiest = 0;
  expired = false; // links of earlier rounds do not work
  offline = false;
  private passing: (() => void)[] = [];

  readonly pictures = new Pictures({
    line: {
      links: async () => {
        if (this.offline) throw new Error("offline");
        this.rounds += 1;
        return Object.fromEntries(
          [...this.stored.keys()].map((sha) => [sha, `${sha}?${this.rounds}`]),
        );
      },
      download: async (url) => {
        this.busy += 1;
        this.busiest = Math.max(this.busiest, this.busy);
        await Promise.resolve();
        this.busy -= 1;
        const [sha = "", round] = url.split("?");
        if (this.offline || (this.expired && Number(round) === 1)) throw new Error("403");
        return this.stored.get(sha)!.slice(0);
      },
    },
    pause: (ms) => {
      this.pauses.push(ms);
      return new Promise((resolve) => this.passing.push(resolve));
    },
    changed: (sha, now) => this.states.set(sha, now),
  });

  /** Ends the pauses between two tries that have begun. */
  pass(): void {
    for (const go of this.passing.splice(0)) go();
  }

  /** Waits until this many pauses have begun: then the try before the last one is over. */
  async paused(times: number): Promise<void> {
    await vi.waitUntil(() => this.pauses.length === times, { interval: 1 });
  }

  stateOf(sha: string): string | undefined {
    return this.states.get(sha)?.state;
  }
}

let shelf: Shelf;
const revoked: string[] = [];
beforeEach(() => {
  shelf = new Shelf();
  revoked.length = 0;
  vi.spyOn(URL, "revokeObjectURL").mockImplementation((url) => void revoked.push(url));
});
afterEach(() => vi.restoreAllMocks());

describe("pictures of a paper", () => {
  it("are fetched before the start, and shown only with the key of the paper", async () => {
    shelf.stored.set("a", await sealed(PNG));
    await shelf.pictures.fetch();
    expect(shelf.states.size).toBe(0);
    await shelf.pictures.open(base64(KEY));
    expect(shelf.stateOf("a")).toBe("ready");
    expect(shelf.rounds).toBe(1);
  });

  it("come a few at a time", async () => {
    for (const sha of "abcdefgh") shelf.stored.set(sha, await sealed(PNG));
    await shelf.pictures.fetch();
    expect(shelf.busiest).toBe(3);
  });

  it("are fetched with new links when the links have expired", async () => {
    shelf.stored.set("a", await sealed(PNG));
    shelf.expired = true;
    const fetched = shelf.pictures.fetch();
    await shelf.paused(1);
    expect([shelf.stateOf("a"), shelf.pauses]).toEqual(["failed", [1000]]);
    shelf.pass();
    await fetched;
    await shelf.pictures.open(base64(KEY));
    expect(shelf.stateOf("a")).toBe("ready");
    expect(shelf.rounds).toBe(2);
  });

  it("are tried again after growing pauses, and at once when somebody asks", async () => {
    shelf.stored.set("a", await sealed(PNG));
    shelf.offline = true;
    void shelf.pictures.fetch();
    for (let n = 1; n <= 6; n += 1) {
      await shelf.paused(n);
      if (n < 6) shelf.pass();
    }
    expect(shelf.pauses).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000]);
    shelf.offline = false;
    await shelf.pictures.fetch();
    await shelf.pictures.open(base64(KEY));
    expect(shelf.stateOf("a")).toBe("ready");
  });

  it("that come after the start are shown at once", async () => {
    shelf.stored.set("a", await sealed(PNG));
    await shelf.pictures.open(base64(KEY));
    await shelf.pictures.fetch();
    expect(shelf.stateOf("a")).toBe("ready");
  });

  it("that the key does not open are fetched again", async () => {
    shelf.stored.set("a", await sealed(PNG, OTHER_KEY));
    await shelf.pictures.fetch();
    const opened = shelf.pictures.open(base64(KEY));
    await shelf.paused(1);
    expect(shelf.stateOf("a")).toBe("failed");
    shelf.stored.set("a", await sealed(PNG));
    shelf.pass();
    await opened;
    expect(shelf.stateOf("a")).toBe("ready");
  });

  it("are not asked for twice when nothing is missing", async () => {
    await shelf.pictures.fetch();
    await shelf.pictures.fetch();
    expect(shelf.rounds).toBe(1);
  });

  it("are forgotten at the end, and nothing comes later", async () => {
    shelf.stored.set("a", await sealed(PNG));
    await shelf.pictures.fetch();
    await shelf.pictures.open(base64(KEY));
    const { url } = shelf.states.get("a")!;
    shelf.pictures.close();
    expect(revoked).toEqual([url]);
    shelf.states.clear();
    await shelf.pictures.fetch();
    expect(shelf.states.size).toBe(0);
  });
});
