/**
 * The messages to the server in waiting room and exam. One message is sent at a time, with everything unacknowledged
 * in it; only an absence is sent beside it. A failed message is sent again after growing pauses. A refusal that the server
 * makes for good ends the exchange.
 */
import { ApiError, type Schemas } from "@/api/client";
import type { AbsenceReport } from "@/lib/absences";
import type { Batch } from "@/lib/outbox";

export type Beat = Schemas["Beat"];
export type AbsenceView = Schemas["AbsenceView"];

/** What is unsent; `Outbox` is one. */
export interface Unsent {
  pendingBatch(): Batch | null;
  pendingAbsences(): AbsenceReport[];
  addAbsence(report: AbsenceReport): Promise<void>;
  acknowledge(seq: number): Promise<void>;
  acknowledgeAbsences(sent: readonly AbsenceReport[]): Promise<void>;
}

/** The two calls of this page; both throw `ApiError`. */
export interface Line {
  beat(answers: Batch | null): Promise<Beat>;
  absences(reports: AbsenceReport[], answers: Batch | null): Promise<AbsenceView>;
}

export interface ExchangeOptions {
  unsent: Unsent;
  line: Line;
  /** Calls later, after so many milliseconds. Returns a function that cancels the call. */
  later: (run: () => void, ms: number) => () => void;
  random: () => number;
  heard: (beat: Beat) => void;
  told: (view: AbsenceView) => void;
  /** Whether the server can be reached. */
  connected: (yes: boolean) => void;
  /** Called when the server refuses for good. The page has to act on the code. */
  refused: (error: ApiError) => void;
  /** Called when answers become saved or unsaved. */
  changed: () => void;
}

const DEBOUNCE_MS = 800;
const TYPING_MS = 1200; // a text that is being typed is sent less often
const RETRY_MS = [1000, 2000, 4000, 8000, 15_000];
const SPREAD = 0.25; // so that pages that failed or entered at the same time do not all send at the same time

/** Refusals that a repeat does not change. Any other refusal must not end the exam for a person. */
const FINAL = new Set([
  "answers_missing",
  "attempt_submitted",
  "exam_not_started",
  "page_token_invalid",
  "superseded",
  "time_is_up",
]);

function isFinal(error: unknown): error is ApiError {
  return error instanceof ApiError && ([401, 404].includes(error.status) || FINAL.has(error.code));
}

export class Exchange {
  private cancel: (() => void) | null = null;
  private dueIn = Infinity; // of the call that waits
  private running: Promise<void> | null = null;
  private again = false;
  private failures = 0;
  private retryAfterMs = 0;
  private heartbeatMs = 30_000;
  private open = false;

  constructor(private readonly options: ExchangeOptions) {}

  /** Starts, and sends at once. */
  start(heartbeatS: number): void {
    this.heartbeatMs = heartbeatS * 1000;
    this.open = true;
    this.plan(0);
  }

  /** Stops: nothing is sent any more. */
  stop(): void {
    this.open = false;
    this.cancel?.();
    this.cancel = null;
    this.dueIn = Infinity;
  }

  /** An answer was changed, by a choice or by typing: it is sent soon, together with those that follow at once. */
  answered(typed = false): void {
    if (this.failures === 0) this.plan(typed ? TYPING_MS : DEBOUNCE_MS);
  }

  /** Sends at once, because the network is back or an absence cannot wait; also beside a call that is under way. */
  now(): void {
    if (!this.open) return;
    this.failures = 0;
    if (this.options.unsent.pendingAbsences().length === 0) this.plan(0);
    else if (this.running) void this.aside();
    else void this.talk(); // without a timer, because timers of a hidden page are slow
  }

  /** Sends everything that is unsent; resolves when it was acknowledged or could not be. */
  async flush(): Promise<void> {
    await this.running;
    for (let n = 0; n < 10 && this.open && this.options.unsent.pendingBatch(); n += 1) {
      await this.talk();
      if (this.failures) return;
    }
  }

  private plan(ms: number): void {
    if (!this.open) return;
    if (this.running) {
      this.again ||= ms <= TYPING_MS;
      return;
    }
    if (ms >= this.dueIn) return;
    this.cancel?.();
    this.dueIn = ms;
    this.cancel = this.options.later(() => void this.talk(), ms);
  }

  private async talk(): Promise<void> {
    if (this.running) return this.running;
    this.cancel?.();
    this.cancel = null;
    this.dueIn = Infinity;
    this.running = this.once();
    try {
      await this.running;
    } finally {
      this.running = null;
    }
    const soon = this.again || this.options.unsent.pendingBatch() !== null;
    this.again = false;
    this.plan(this.failures ? this.pause() : soon ? DEBOUNCE_MS : this.calm());
  }

  private async once(): Promise<void> {
    const { unsent, line } = this.options;
    try {
      if (unsent.pendingAbsences().length) return await this.tellAbsences();
      const beat = await line.beat(unsent.pendingBatch());
      this.heartbeatMs = beat.heartbeat_s * 1000;
      await this.acknowledged(beat.acked_seq);
      this.options.heard(beat);
    } catch (error) {
      await this.failed(error);
    }
  }

  /** Sends absences beside a running call. If that fails, the next call contains them. */
  private async aside(): Promise<void> {
    await this.tellAbsences().catch(() => this.plan(0));
  }

  /** With the answers of the same moment: the last switch allowed submits the paper. */
  private async tellAbsences(): Promise<void> {
    const { unsent, line } = this.options;
    const reports = unsent.pendingAbsences();
    const view = await line.absences(reports, unsent.pendingBatch());
    await unsent.acknowledgeAbsences(reports);
    await this.acknowledged(view.acked_seq);
    this.options.told(view);
  }

  private async acknowledged(seq: number): Promise<void> {
    await this.options.unsent.acknowledge(seq);
    this.failures = 0;
    this.retryAfterMs = 0;
    this.options.connected(true);
    this.options.changed();
  }

  private async failed(error: unknown): Promise<void> {
    if (isFinal(error)) {
      this.stop();
      this.options.refused(error);
      return;
    }
    if (error instanceof ApiError && error.code === "absences_missing") {
      await this.fillAbsences(Number(error.details["expected"]));
    }
    this.failures += 1;
    this.retryAfterMs = ((error instanceof ApiError && error.retryAfterS) || 0) * 1000;
    this.options.connected(false);
  }

  /** Reports numbers that this browser has lost as absences of length 0, so that the server takes the later ones. */
  private async fillAbsences(expected: number): Promise<void> {
    const known = this.options.unsent.pendingAbsences()[0]?.seq ?? expected;
    for (let seq = expected; seq < known; seq += 1) {
      await this.options.unsent.addAbsence({ seq, kind: "blur", awayMs: 0, ended: true });
    }
  }

  /** Returns the pause before the next try: it grows, and respects `Retry-After`. */
  private pause(): number {
    const step = RETRY_MS[Math.min(this.failures, RETRY_MS.length) - 1] ?? 1000;
    return Math.max(this.retryAfterMs, step) * (1 + SPREAD * this.options.random());
  }

  /** Returns the time to the next heartbeat when nothing is unsent. */
  private calm(): number {
    return this.heartbeatMs * (1 - SPREAD * this.options.random());
  }
}
