/** A monotonic clock and timers that move only when told. */
export class FakeTime {
  now = 0;
  private timers = new Map<number, { at: number; run: () => void }>();
  private last = 0;

  readonly clock = (): number => this.now;

  readonly schedule = (run: () => void, ms: number): unknown => {
    this.timers.set((this.last += 1), { at: this.now + ms, run });
    return this.last;
  };

  readonly cancel = (timer: unknown): void => void this.timers.delete(timer as number);

  /** Lets time pass; timers fire at their moment, in order. */
  pass(ms: number): void {
    const until = this.now + ms;
    for (let next = this.next(until); next; next = this.next(until)) {
      this.timers.delete(next.id);
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    this.now = until;
  }

  /** Lets time pass while no timer fires, as in a frozen tab or a sleeping laptop. */
  freeze(ms: number): void {
    this.now += ms;
  }

  private next(until: number): { id: number; at: number; run: () => void } | null {
    const due = [...this.timers].filter(([, { at }]) => at <= until);
    const [first] = due.sort(([, a], [, b]) => a.at - b.at);
    return first ? { id: first[0], ...first[1] } : null;
  }
}
