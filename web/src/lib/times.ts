/** How long each question was in sight, on this page's monotonic clock. */

const SECOND_MS = 1000;

export class QuestionTimes {
  private readonly ms = new Map<number, number>();
  private current: number | null = null;
  private since = 0;

  constructor(private readonly monotonic: () => number) {}

  /** From now on this question is in sight; null: none. */
  turn(question: number | null): void {
    const now = this.monotonic();
    if (this.current !== null) {
      this.ms.set(this.current, (this.ms.get(this.current) ?? 0) + now - this.since);
    }
    this.current = question;
    this.since = now;
  }

  /** Whole seconds, rounded down, for each of these questions. */
  seconds(questions: readonly number[]): number[] {
    this.turn(this.current);
    return questions.map((question) => Math.floor((this.ms.get(question) ?? 0) / SECOND_MS));
  }
}
