/** The end of the exam: 提交试卷, the deadline, and the result. */
import { ApiError, messageOf, type Schemas } from "@/api/client";
import { leaveFullscreen } from "@/lib/fullscreen";
import type { Batch } from "@/lib/outbox";
import { pause } from "@/lib/pause";
import type { AttemptApi, PracticeReport } from "@/sitting/attempt-api";
import { isEnded } from "@/sitting/exchange";
import type { SittingState } from "@/sitting/state";
import { asSignedIn, clock } from "@/store";

const DEADLINE_POLL_MS = 1000;
const RESULT_POLL_MS = 2000;

export interface SubmissionSteps {
  /** Sends everything that is unsent. */
  flush: () => Promise<void>;
  unsaved: () => Batch | null;
  /** How long each question was in sight. */
  seconds: () => number[];
  /** Reads the attempt anew. Throws `ApiError`. */
  reload: () => Promise<void>;
  /** Called when the attempt is closed: the camera goes off, and nothing is sent or kept any more. */
  closed: () => void;
}

/** `left` is aborted when the exam day is left. */
export function useSubmission(
  state: SittingState,
  api: AttemptApi,
  left: AbortSignal,
  steps: SubmissionSteps,
) {
  /** 提交试卷, with what is unsaved. Throws `ApiError`, unless the server had closed the attempt already. */
  async function submit(): Promise<void> {
    if (state.submitting || state.stage !== "exam") return;
    state.submitting = true;
    try {
      await steps.flush();
      if (isPractice()) await endPractice();
      else await finish(await asSignedIn(() => api.submission(steps.unsaved(), steps.seconds())));
    } catch (error) {
      if (!isEnded(error)) throw error;
      await finish();
    } finally {
      state.submitting = false;
    }
  }

  /**
   * Called when the time is over by this page's clock. The page sends what is unsent and waits for the server, which closes
   * the attempt by its own clock, or answers with more time.
   */
  async function runOut(): Promise<void> {
    while (isOver()) {
      await steps.flush();
      await steps.reload().catch(() => (state.timeIsUp = true));
      if (isOver()) await pause(DEADLINE_POLL_MS);
    }
    state.timeIsUp = false;
  }

  function isOver(): boolean {
    return !left.aborted && state.stage === "exam" && clock.now() >= (state.deadline ?? Infinity);
  }

  /** Shows the result of the submitted attempt, and asks the server for it when it is not known. */
  async function finish(result: Schemas["ResultView"] | null = null): Promise<void> {
    if (state.stage === "submitted" && (state.result || state.practice)) return;
    steps.closed();
    state.stage = "submitted";
    state.result = result;
    await leaveFullscreen();
    if (!result) await fetchResult();
  }

  /** Asks for the result until it is there, or is refused. */
  async function fetchResult(): Promise<void> {
    while (!left.aborted) {
      try {
        state.problem = "";
        if (isPractice()) state.practice = await asSignedIn(() => api.practice());
        else state.result = await asSignedIn(() => api.result());
        return;
      } catch (error) {
        state.problem = messageOf(error);
        if (!(error instanceof ApiError) || !error.passing) return;
        await pause(RESULT_POLL_MS);
      }
    }
  }

  function isPractice(): boolean {
    return state.attempt?.kind === "practice";
  }

  /** 结束试考, at whatever step, and shows what was found. Throws `ApiError`. */
  async function endPractice(): Promise<void> {
    await asSignedIn(() => api.reportPractice({ end: true }));
    await finish();
  }

  /** Tells the server what does not work in a practice. Nothing depends on it, so a failure is not shown. */
  async function tellPractice(report: PracticeReport): Promise<void> {
    if (isPractice()) await api.reportPractice(report).catch(() => undefined);
  }

  return { submit, runOut, finish, fetchResult, endPractice, tellPractice };
}
