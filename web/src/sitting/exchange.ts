/** Sends messages to the server in waiting room and exam, and acts on its answers and refusals. */
import { ApiError, type Schemas } from "@/api/client";
import { Exchange, type Unsent } from "@/lib/exchange";
import { pause } from "@/lib/pause";
import type { AttemptApi } from "@/sitting/attempt-api";
import type { SittingState } from "@/sitting/state";
import { askToSignIn } from "@/store";

const ASK_AGAIN_MS = 30_000; // a candidate who closes the sign-in dialog can continue; answers are kept in this browser
const HEARTBEAT_EXAM_S = 30; // until an answer of the server sets it
const HEARTBEAT_WAITING_S = 60;

/** Refusals that mean: the attempt is over, look at the result. */
const ENDED = new Set(["attempt_submitted", "time_is_up"]);

/** Whether an error says that the attempt is over. */
export function isEnded(error: unknown): boolean {
  return error instanceof ApiError && ENDED.has(error.code);
}

export interface ExchangeListeners {
  connected: (yes: boolean) => void;
  /** Frames are asked for. */
  tickets: (tickets: readonly Schemas["SnapshotTicket"][]) => void;
  /** How many announcements there are for this candidate. */
  announced: (number: number) => void;
  absenceJudged: (view: Schemas["AbsenceView"]) => void;
  submitted: () => void;
  superseded: () => void;
  /** The server does not have the answers before those that were sent. */
  answersMissing: (ackedSeq: number) => Promise<void>;
  /** The server does not know this page any more. */
  pageRefused: (error: ApiError) => void;
}

export function useExchange(state: SittingState, api: AttemptApi, on: ExchangeListeners) {
  let exchange: Exchange | null = null;

  /** Starts: sends what is unsent, and a heartbeat at a fixed interval. */
  function open(unsent: Unsent, heartbeatS: number): void {
    exchange = new Exchange({
      unsent,
      line: {
        beat: (answers) => api.beat(answers),
        absences: (reports, answers) => api.absences(reports, answers),
      },
      later: (run, ms) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
      random: Math.random,
      heard,
      told,
      connected,
      refused: (error) => void refused(error),
      changed: () => (state.revision += 1),
    });
    exchange.start(heartbeatS);
  }

  function heard(beat: Schemas["Beat"]): void {
    const { starts_at, start_until, version } = beat;
    if (state.attempt) state.attempt = { ...state.attempt, starts_at, start_until, version };
    state.deadline = beat.deadline ?? state.deadline; // a heartbeat from before the start has no deadline
    state.switches = beat.switches;
    on.tickets(beat.snapshots);
    on.announced(beat.announced);
    if (beat.status === "submitted") on.submitted();
  }

  function told(view: Schemas["AbsenceView"]): void {
    on.absenceJudged(view);
    if (view.status === "submitted") on.submitted();
  }

  function connected(yes: boolean): void {
    state.connected = yes;
    on.connected(yes);
  }

  /** The server has refused for good. */
  async function refused(error: ApiError): Promise<void> {
    if (isEnded(error)) on.submitted();
    else if (error.code === "superseded") on.superseded();
    else if (error.status === 401) await signIn(error);
    else if (error.code === "answers_missing") {
      await on.answersMissing(Number(error.details["acked_seq"]));
      exchange?.start(HEARTBEAT_EXAM_S);
    } else on.pageRefused(error);
  }

  async function signIn(error: ApiError): Promise<void> {
    connected(false);
    if (!(await askToSignIn(error.message))) await pause(ASK_AGAIN_MS);
    const started = state.attempt?.status === "started";
    exchange?.start(started ? HEARTBEAT_EXAM_S : HEARTBEAT_WAITING_S);
  }

  /** Sends at once: something cannot wait, or the network is back. */
  function now(): void {
    exchange?.now();
  }

  /** An answer was changed, by a choice or by typing. */
  function answered(typed: boolean): void {
    exchange?.answered(typed);
  }

  /** Sends everything that is unsent; resolves when it was acknowledged or could not be. */
  async function flush(): Promise<void> {
    await exchange?.flush();
  }

  /** Stops: nothing is sent any more. */
  function stop(): void {
    exchange?.stop();
  }

  /** Stops for good: a later refusal has no effect. */
  function close(): void {
    stop();
    exchange = null;
  }

  return { open, now, answered, flush, stop, close };
}
