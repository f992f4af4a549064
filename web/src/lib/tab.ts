/** Lets only one tab of this browser have an attempt. For other browsers the server's page token does it. */
import { tabMemory, type TabMemory } from "@/lib/tab-memory";

const ASK_MS = 1500; // a page that closes gives its lock back sooner
const ASKS_BEFORE_RELOAD = 10; // of the same tab: how often its own earlier page may still have the lock
const HOLDER = "kaochang-tab";

type Locks = Pick<LockManager, "request" | "query">;

export interface TabOptions {
  /** Called once when another tab really has the attempt. The claim stays: it succeeds when that tab closes. */
  taken: () => void;
  /** Aborted when the claim is given up. */
  left: AbortSignal;
  locks?: Locks | null;
  memory?: Pick<TabMemory, "get" | "set">;
}

/**
 * Claims the attempt for this tab. Resolves to the function that gives it back, as soon as no other tab has it; to null
 * when the claim was given up. A tab that closes or crashes gives its attempt back.
 */
export async function holdTab(
  attemptId: string,
  { taken, left, locks = navigator.locks ?? null, memory = tabMemory }: TabOptions,
): Promise<(() => void) | null> {
  if (!locks) return () => undefined; // an old browser or no https: only the server's page token distinguishes tabs
  const name = `kaochang-${attemptId}`;
  const timer = setInterval(() => void ask(), ASK_MS);
  let asks = 0;
  let held = false;

  /** Asks the browser who has the lock: a slow computer alone is no reason to say that another tab has it. */
  async function ask(): Promise<void> {
    asks += 1;
    const holder = await holderOf(name, locks as Locks);
    const reloads = holder === memory.get(HOLDER) && asks < ASKS_BEFORE_RELOAD;
    if (holder === null || reloads || held || left.aborted) return;
    clearInterval(timer);
    taken();
  }

  try {
    return await new Promise((resolve, reject) => {
      const hold = async (): Promise<void> => {
        held = true;
        clearInterval(timer);
        memory.set(HOLDER, (await holderOf(name, locks as Locks)) ?? "");
        await new Promise<void>((release) => resolve(release));
      };
      locks.request(name, { signal: left }, hold).catch(reject);
    });
  } catch {
    return null; // given up
  } finally {
    clearInterval(timer);
  }
}

/** The client that has this lock; null when nobody has it or the browser does not tell. */
async function holderOf(name: string, locks: Locks): Promise<string | null> {
  const { held = [] } = await locks.query().catch(() => ({ held: [] }));
  return held.find((lock) => lock.name === name)?.clientId ?? null;
}
