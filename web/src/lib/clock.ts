/**
 * The server's time. The device's own clock may be wrong by a day and may be changed while the page is open, so it
 * is not used. The time is computed from the monotonic `performance.now()` and the server's answers.
 */

const MOST_SAMPLES = 5;
const GOOD_TRIP_MS = 200; // a sample with this round trip is at most 100 ms wrong: no more are needed
const RESYNC_MS = 5 * 60_000;
const RETRY_MS = 5000;
const FRESH_MS = 2 * 60_000; // two heartbeats of the waiting room
const SLEPT_MS = 1000; // the device's clock runs during sleep, the monotonic one may stand still

export class ServerClock {
  private offset: number | null = null;
  private roundTrip = Infinity;
  private learntAt = -Infinity;
  private deviceAhead = 0; // the device's clock minus the monotonic one, at the last sample

  constructor(
    private readonly monotonic: () => number = () => performance.now(),
    private readonly device: () => number = () => Date.now(),
  ) {}

  /** Whether the server's time is known. */
  get known(): boolean {
    return this.offset !== null;
  }

  /** Whether the server has sent its time within the last minutes. In the exam each heartbeat has it. */
  get fresh(): boolean {
    return this.monotonic() - this.learntAt < FRESH_MS;
  }

  /** Whether the computer may have slept since the server sent its time, or its clock was changed. */
  get slept(): boolean {
    const ahead = this.device() - this.monotonic();
    return Math.abs(ahead - this.deviceAhead) > SLEPT_MS;
  }

  /** Server time in UTC milliseconds. Before the first sample it is the device's time. */
  now(): number {
    return this.offset === null ? this.device() : this.monotonic() + this.offset;
  }

  /** Milliseconds on the monotonic clock. */
  tick(): number {
    return this.monotonic();
  }

  /**
   * Takes a sample: `serverNow` was read between `sentAt` and `receivedAt` (both monotonic). The sample with the
   * smallest round trip counts. A sample with a longer one changes the time only if it contradicts it.
   */
  learn(serverNow: number, sentAt: number, receivedAt: number): void {
    this.learntAt = receivedAt;
    this.deviceAhead = this.device() - this.monotonic();
    const trip = receivedAt - sentAt;
    const offset = serverNow + trip / 2 - receivedAt;
    const wrong =
      this.offset !== null && Math.abs(offset - this.offset) > trip / 2 + this.roundTrip / 2;
    if (this.offset === null || trip <= this.roundTrip || wrong) {
      this.offset = offset;
      this.roundTrip = trip;
    }
  }

  /** Forgets the round trip of the last sample, so that after sleep or a network change the next one counts. */
  doubt(): void {
    this.roundTrip = Infinity;
  }

  /**
   * Takes samples until one has a good round trip, at most five. `ask` returns the server's time. Throws what `ask`
   * throws.
   */
  async sync(ask: () => Promise<number>): Promise<void> {
    this.doubt();
    for (let n = 0; n < MOST_SAMPLES && this.roundTrip > GOOD_TRIP_MS; n += 1) {
      const sentAt = this.monotonic();
      this.learn(await ask(), sentAt, this.monotonic());
    }
  }
}

/**
 * Takes samples at once, after a network loss, and every five minutes without heartbeats. Somebody who returns to the
 * tab needs one only after sleep, or when the last one is old. During an exam the heartbeats have the time; requests of
 * all pages would be most of the load of that route.
 */
export function keepInSync(clock: ServerClock, ask: () => Promise<number>): () => void {
  let asking = false; // a return to the tab and a return of the network often come together
  const sync = (): void => {
    if (asking) return;
    asking = true;
    clock
      .sync(ask)
      .catch(() => {
        if (!clock.known) setTimeout(sync, RETRY_MS); // otherwise the old offset stays
      })
      .finally(() => (asking = false));
  };
  const shown = (): void => {
    if (document.visibilityState === "visible" && (clock.slept || !clock.fresh)) sync();
  };
  sync();
  const timer = setInterval(() => clock.fresh || sync(), RESYNC_MS);
  window.addEventListener("online", sync);
  document.addEventListener("visibilitychange", shown);
  return () => {
    clearInterval(timer);
    window.removeEventListener("online", sync);
    document.removeEventListener("visibilitychange", shown);
  };
}
