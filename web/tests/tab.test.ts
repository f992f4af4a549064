import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { holdTab } from "@/lib/tab";
import type { TabMemory } from "@/lib/tab-memory";

const ASK_MS = 1500;
const PATIENCE_MS = 10 * ASK_MS; // with a page of the same tab

/** The locks of one browser. Each page of it has a client id, and its lock goes when the page goes. */
class Browser {
  private readonly held = new Map<string, string>();
  private readonly waiting: { name: string; grant: () => void }[] = [];
  queries = true;

  page(clientId: string): LockManager {
    const request = (
      name: string,
      { signal }: { signal: AbortSignal },
      hold: () => Promise<void>,
    ): Promise<void> =>
      new Promise((resolve, reject) => {
        const grant = (): void => {
          this.held.set(name, clientId);
          void hold().then(() => {
            this.held.delete(name);
            resolve();
            this.next(name);
          });
        };
        signal.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
        this.waiting.push({ name, grant });
        if (!this.held.has(name)) this.next(name);
      });
    const query = async (): Promise<LockManagerSnapshot> => {
      if (!this.queries) throw new DOMException("", "SecurityError");
      return { held: [...this.held].map(([name, clientId]) => ({ name, clientId })), pending: [] };
    };
    return { request, query } as unknown as LockManager;
  }

  private next(name: string): void {
    const index = this.waiting.findIndex((one) => one.name === name);
    this.waiting.splice(index, index < 0 ? 0 : 1)[0]?.grant();
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
    const claimed = { taken: 0, release: null as (() => void) | null, given: false, leaving };
    const taken = (): void => void (claimed.taken += 1);
    const options = { taken, left: leaving.signal, locks: browser.page(client), memory: tab };
    void holdTab(name, options).then((release) => {
      claimed.release = release;
      claimed.given = release === null;
    });
    return claimed;
  }

  it("the second is told once that another tab has it", async () => {
    const first = claim("1");
    const second = claim("2");
    await vi.advanceTimersByTimeAsync(ASK_MS - 1);
    expect([first.release !== null, second.taken]).toEqual([true, 0]);
    await vi.advanceTimersByTimeAsync(10 * ASK_MS);
    expect([second.taken, second.release]).toEqual([1, null]);
  });

  it("and goes on by itself when that tab closes", async () => {
    const first = claim("1");
    const second = claim("2");
    await vi.advanceTimersByTimeAsync(ASK_MS);
    first.release?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(second.release).not.toBeNull();
  });

  it("a page that closes in time is no other tab", async () => {
    const dying = claim("1");
    const next = claim("2");
    await vi.advanceTimersByTimeAsync(ASK_MS - 1);
    dying.release?.();
    await vi.advanceTimersByTimeAsync(ASK_MS);
    expect([next.release !== null, next.taken]).toEqual([true, 0]);
  });

  it("a reload on a slow computer waits for its own earlier page and says nothing", async () => {
    const tab = memory();
    const before = claim("1", tab);
    await vi.advanceTimersByTimeAsync(0);
    const after = claim("2", tab);
    await vi.advanceTimersByTimeAsync(PATIENCE_MS - 1);
    expect(after.taken).toBe(0);
    before.release?.();
    await vi.advanceTimersByTimeAsync(0);
    expect([after.release !== null, after.taken]).toEqual([true, 0]);
  });

  it("a copy of a tab remembers the same, and is told after a while", async () => {
    const tab = memory();
    claim("1", tab);
    await vi.advanceTimersByTimeAsync(0);
    const copy = claim("2", tab);
    await vi.advanceTimersByTimeAsync(PATIENCE_MS);
    expect(copy.taken).toBe(1);
  });

  it("a browser that does not tell who has it raises no alarm", async () => {
    claim("1");
    await vi.advanceTimersByTimeAsync(0);
    browser.queries = false;
    const second = claim("2");
    await vi.advanceTimersByTimeAsync(20 * ASK_MS);
    expect([second.taken, second.release]).toEqual([0, null]);
  });

  it("a claim that is given up gets nothing", async () => {
    claim("1");
    const second = claim("2");
    second.leaving.abort();
    await vi.advanceTimersByTimeAsync(ASK_MS);
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
