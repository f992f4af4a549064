import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { holdTab } from "@/lib/tab";
import type { TabMemory } from "@/lib/tab-memory";

const TRY_MS = 250;
const TOLD_MS = 5 * TRY_MS; // the sixth try
const TOLD_AFTER_RELOAD_MS = 59 * TRY_MS;

/** The locks of one browser. Each page of it has a client id, and its lock goes when the page goes. */
class Browser {
  private readonly held = new Map<string, string>();
  queries = true;

  page(clientId: string): LockManager {
    const request = async (
      name: string,
      _ifAvailable: LockOptions,
      hold: (lock: Lock | null) => Promise<void>,
    ): Promise<void> => {
      if (this.held.has(name)) return hold(null);
      this.held.set(name, clientId);
      await hold({ name, mode: "exclusive" });
      this.held.delete(name);
    };
    const query = async (): Promise<LockManagerSnapshot> => {
      if (!this.queries) throw new DOMException("", "SecurityError");
      return { held: [...this.held].map(([name, clientId]) => ({ name, clientId })), pending: [] };
    };
    return { request, query } as unknown as LockManager;
  }
}

/** What one tab remembers. */
function memory(): Pick<TabMemory, "get" | "set"> {
  const kept = new Map<string, string>();
  return { get: (key) => kept.get(key) ?? "", set: (key, value) => void kept.set(key, value) };
}

describe("one tab per attempt", () => {
  let browser: Browser;
  beforeEach(() => {
    browser = new Browser();
    vi.useFakeTimers();
  });
  afterEach(() => vi.useRealTimers());

  /** A page that claims attempt `name`. */
  function claim(client: string, tab = memory(), name = "a") {
    const leaving = new AbortController();
    const claimed = {
      taken: 0,
      release: null as (() => void) | null,
      given: false,
      hidden: false,
      leaving,
    };
    void holdTab(name, {
      taken: () => void (claimed.taken += 1),
      left: leaving.signal,
      locks: browser.page(client),
      memory: tab,
      hidden: () => claimed.hidden,
    }).then((release) => {
      claimed.release = release;
      claimed.given = release === null;
    });
    return claimed;
  }

  it("the second is told once that another tab has it", async () => {
    const first = claim("1");
    const second = claim("2");
    await vi.advanceTimersByTimeAsync(TOLD_MS - 1);
    expect([first.release !== null, second.taken]).toEqual([true, 0]);
    await vi.advanceTimersByTimeAsync(10 * TOLD_MS);
    expect([second.taken, second.release]).toEqual([1, null]);
  });

  it("and goes on by itself when that tab closes", async () => {
    const first = claim("1");
    const second = claim("2");
    await vi.advanceTimersByTimeAsync(TOLD_MS);
    first.release?.();
    await vi.advanceTimersByTimeAsync(TRY_MS);
    expect(second.release).not.toBeNull();
  });

  it("out of sight it leaves the attempt to the tab that reloads", async () => {
    const first = claim("1");
    const second = claim("2");
    await vi.advanceTimersByTimeAsync(TOLD_MS);
    second.hidden = true;
    first.release?.();
    await vi.advanceTimersByTimeAsync(10 * TRY_MS);
    const reloaded = claim("3");
    await vi.advanceTimersByTimeAsync(TRY_MS);
    expect([second.release, reloaded.release !== null]).toEqual([null, true]);
  });

  it("a page that closes in time is no other tab", async () => {
    const dying = claim("1");
    const next = claim("2");
    await vi.advanceTimersByTimeAsync(TOLD_MS - 1);
    dying.release?.();
    await vi.advanceTimersByTimeAsync(TRY_MS);
    expect([next.release !== null, next.taken]).toEqual([true, 0]);
  });

  it("a reload on a slow computer waits for its own earlier page and says nothing", async () => {
    const tab = memory();
    const before = claim("1", tab);
    await vi.advanceTimersByTimeAsync(0);
    const after = claim("2", tab);
    await vi.advanceTimersByTimeAsync(TOLD_AFTER_RELOAD_MS - 1);
    expect(after.taken).toBe(0);
    before.release?.();
    await vi.advanceTimersByTimeAsync(TRY_MS);
    expect([after.release !== null, after.taken]).toEqual([true, 0]);
  });

  it("a copy of a tab remembers the same, and is told after a while", async () => {
    const tab = memory();
    claim("1", tab);
    await vi.advanceTimersByTimeAsync(0);
    const copy = claim("2", tab);
    await vi.advanceTimersByTimeAsync(TOLD_AFTER_RELOAD_MS);
    expect(copy.taken).toBe(1);
  });

  it("where the browser does not tell who has it, the page waits as long before it says so", async () => {
    claim("1");
    await vi.advanceTimersByTimeAsync(0);
    browser.queries = false;
    const second = claim("2");
    await vi.advanceTimersByTimeAsync(TOLD_AFTER_RELOAD_MS - 1);
    expect(second.taken).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(second.taken).toBe(1);
  });

  it("a claim that is given up gets nothing", async () => {
    claim("1");
    const second = claim("2");
    second.leaving.abort();
    await vi.advanceTimersByTimeAsync(TOLD_MS);
    expect([second.given, second.taken]).toEqual([true, 0]);
  });

  it("other attempts are free", async () => {
    claim("1");
    const other = claim("2", memory(), "b");
    await vi.advanceTimersByTimeAsync(0);
    expect(other.release).not.toBeNull();
  });

  it("a browser without locks goes on: the server keeps its pages apart", async () => {
    const left = new AbortController().signal;
    expect(await holdTab("a", { taken: () => undefined, left, locks: null })).not.toBeNull();
  });
});
