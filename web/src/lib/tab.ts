/** Lets only one tab of this browser have an attempt. For other browsers the server's page token does it. */
import { pause } from "@/lib/pause";
import { tabMemory, type TabMemory } from "@/lib/tab-memory";

const TRY_MS = 250;
const TRIES = 6; // a page that closes gives its lock back sooner
const TRIES_AFTER_RELOAD = 60; // so long this tab's own earlier page may keep it, on a slow computer
const HOLDER = "kaochang-tab";
const UNKNOWN = ""; // a client that the browser does not tell

type Locks = Pick<LockManager, "request" | "query">;

export interface TabOptions {
  /** Called once when another tab really has the attempt. The claim stays: it succeeds when that tab closes. */
  taken: () => void;
  /** Aborted when the claim is given up. */
  left: AbortSignal;
  locks?: Locks | null;
  memory?: Pick<TabMemory, "get" | "set">;
  /** Whether nobody looks at this tab. */
  hidden?: () => boolean;
}

/**
 * Claims the attempt for this tab. Resolves to the function that gives it back, as soon as no other tab has it; to null
 * when the claim was given up. A tab that closes or crashes gives its attempt back. A tab that was told waits in the
 * sight of the person only: it must not take the attempt from one that reloads.
 */
export async function holdTab(
  attemptId: string,
  options: TabOptions,
): Promise<(() => void) | null> {
  const { taken, left, locks = navigator.locks ?? null, memory = tabMemory } = options;
  const hidden = options.hidden ?? ((): boolean => document.hidden);
  if (!locks) return () => undefined; // an old browser or no https: only the server's page token distinguishes tabs
  const name = `kaochang-${attemptId}`;
  let told = false;
  for (let tries = 1; !left.aborted; tries += 1) {
    const release = told && hidden() ? null : await take(name, locks);
    if (release) {
      memory.set(HOLDER, (await holderOf(name, locks)) ?? "");
      return release;
    }
    if (!told && (await isTaken(name, locks, tries, memory.get(HOLDER)))) {
      told = true;
      taken();
    }
    await pause(TRY_MS);
  }
  return null;
}

/** Takes a lock if it is free. Returns what gives it back; null when it is not free. */
function take(name: string, locks: Locks): Promise<(() => void) | null> {
  return new Promise((resolve, reject) => {
    const hold = async (lock: Lock | null): Promise<void> => {
      if (lock) await new Promise<void>((release) => resolve(release));
      else resolve(null);
    };
    locks.request(name, { ifAvailable: true }, hold).catch(reject);
  });
}

/** Whether another tab has this lock, and not only the page before a reload of this tab. */
async function isTaken(
  name: string,
  locks: Locks,
  tries: number,
  ownClient: string,
): Promise<boolean> {
  const holder = await holderOf(name, locks);
  if (holder === null) return false;
  const own = holder === ownClient || holder === UNKNOWN;
  return tries >= (own ? TRIES_AFTER_RELOAD : TRIES);
}

/** The client that has this lock; null when nobody has it, `UNKNOWN` when the browser does not tell. */
async function holderOf(name: string, locks: Locks): Promise<string | null> {
  try {
    const { held = [] } = await locks.query();
    const lock = held.find((one) => one.name === name);
    return lock ? (lock.clientId ?? UNKNOWN) : null;
  } catch {
    return UNKNOWN;
  }
}
