/** Lets only one tab of this browser have an attempt. For other browsers the server's page token does it. */

const LOCK_WAIT_MS = 1500; // after a reload the old page may still have the lock

type Locks = Pick<LockManager, "request">;

/**
 * Claims the attempt for this tab. Resolves to the function that gives it back, or to null when another tab has
 * it. It is also given back when the tab closes or crashes.
 */
export async function holdTab(
  attemptId: string,
  locks: Locks | null = navigator.locks ?? null,
  waitMs = LOCK_WAIT_MS,
): Promise<(() => void) | null> {
  if (!locks) return () => undefined; // an old browser or no https: only the server's page token distinguishes tabs
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), waitMs);
  return new Promise((resolve) => {
    const hold = (): Promise<void> => {
      clearTimeout(timer);
      return new Promise((release) => resolve(release));
    };
    locks.request(`kaochang-${attemptId}`, { signal: patience.signal }, hold).catch(() => {
      clearTimeout(timer);
      resolve(null);
    });
  });
}
