/** Asking the server again and again, with growing pauses, and not at all while nobody looks at the page. */

/** The pauses between two questions: each is longer than the one before, up to `most` (ms). */
export class Pauses {
  private present: number;

  constructor(
    private readonly first: number,
    private readonly most: number,
    private readonly factor = 1.5,
  ) {
    this.present = first;
  }

  /** Returns the next pause (ms). */
  next(): number {
    const pause = this.present;
    this.present = Math.min(this.most, pause * this.factor);
    return pause;
  }

  /** Begins with the short pauses again. */
  reset(): void {
    this.present = this.first;
  }
}

/**
 * Calls `ask` after each pause until it returns false or `stopped` is aborted. A failed call is made again. A page that is
 * hidden asks nothing; it asks at once when it is shown again.
 */
export async function poll(
  ask: () => Promise<boolean>,
  pauses: Pauses,
  stopped: AbortSignal,
): Promise<void> {
  for (;;) {
    const wasHidden = await rest(pauses.next(), stopped);
    if (stopped.aborted) return;
    if (wasHidden) pauses.reset();
    const goOn = await ask().catch(() => true);
    if (!goOn) return;
  }
}

/** Waits so many ms, or until a hidden page is shown again. Returns whether the page was hidden meanwhile. */
function rest(ms: number, stopped: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    let wasHidden = document.hidden;
    let over = false;
    const timer = setTimeout(() => {
      over = true;
      if (!document.hidden) end();
    }, ms);

    function end(): void {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", changed);
      stopped.removeEventListener("abort", end);
      resolve(wasHidden);
    }

    function changed(): void {
      if (document.hidden) wasHidden = true;
      else if (wasHidden || over) end();
    }

    document.addEventListener("visibilitychange", changed);
    stopped.addEventListener("abort", end);
    if (stopped.aborted) end();
  });
}
