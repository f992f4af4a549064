/** One candidate's exam day in this tab: everything that stays when the screen changes. */
import { onScopeDispose, reactive, readonly } from "vue";
import type { Answer } from "@/lib/answers";
import { leaveFullscreen } from "@/lib/fullscreen";
import { useAbsences } from "@/sitting/absences";
import { useAdmission } from "@/sitting/admission";
import { useAnnouncements } from "@/sitting/announcements";
import { useAnswers } from "@/sitting/answers";
import { AttemptApi } from "@/sitting/attempt-api";
import { useExchange } from "@/sitting/exchange";
import { usePictures } from "@/sitting/pictures";
import { useSnapshots } from "@/sitting/snapshots";
import { initialState, type SittingState } from "@/sitting/state";
import { useSubmission } from "@/sitting/submission";
import { useTimes } from "@/sitting/times";

/** What a screen reads and may do; see `useSitting`. */
export type Sitting = ReturnType<typeof useSitting>;

/**
 * Owns the state of an exam day and joins its parts. It ends with the scope that it was made in: the camera goes
 * off and nothing is sent any more.
 */
export function useSitting(attemptId: string) {
  const state = reactive<SittingState>(initialState());
  const left = new AbortController();
  const api = new AttemptApi(attemptId);

  const answers = useAnswers(state, attemptId);
  const announcements = useAnnouncements(state, api);
  const snapshots = useSnapshots(state, api, left.signal);
  const pictures = usePictures(api);
  const times = useTimes(state);
  const absences = useAbsences(state, (report) => {
    answers.keepAbsence(report);
    exchange.now();
  });
  const exchange = useExchange(state, api, {
    connected: snapshots.connected,
    tickets: (tickets) => void snapshots.deliver(tickets),
    announced: (number) => void announcements.heard(number),
    absenceJudged: absences.judged,
    submitted: () => void submission.finish(),
    superseded: () => void supersede(),
    answersMissing: answers.sendAgain,
    pageRefused: (error) => void admission.pageRefused(error),
  });
  const submission = useSubmission(state, api, left.signal, {
    flush: exchange.flush,
    unsaved: answers.unsaved,
    seconds: times.seconds,
    reload: () => admission.reload(),
    closed: () => {
      stop();
      admission.leave(); // other tabs may look at the result
      if (api.pageToken) void snapshots.deliverLast();
      answers.forget();
    },
  });
  const admission = useAdmission(state, api, attemptId, left.signal, {
    readBefore: (attempt) => absences.countedBefore(attempt.switches),
    comingBack: async (coming) => {
      state.unsent = await answers.countUnsent(coming);
    },
    admitted: async ({ page, attempt, heartbeat_s, has_pictures }) => {
      const unsent = await answers.open(page);
      state.returnCounted = attempt.switches > state.switches ? attempt.switches : null;
      admission.take(attempt);
      announcements.forget();
      if (has_pictures) pictures.prefetch();
      exchange.open(unsent, heartbeat_s);
    },
    begun: async (paper) => {
      await answers.adopt(paper.acked_seq, paper.answers);
      state.deadline = paper.deadline ?? null;
      pictures.open(paper.picture_key);
      state.paper = paper.sections;
      state.stage = "exam";
      times.begin();
      absences.watch();
      snapshots.start();
      exchange.now();
    },
    submitted: () => submission.finish(),
    pageOver: () => {
      stop();
      answers.close();
      exchange.close();
      absences.reset();
    },
  });

  /** Another page was admitted. */
  async function supersede(): Promise<void> {
    stop();
    state.stage = "superseded";
    await leaveFullscreen();
  }

  /** Stops the watching of absences, the camera and the sending, and forgets the pictures. */
  function stop(): void {
    pictures.close();
    absences.stop();
    exchange.stop();
    snapshots.stop();
  }

  /** Changes an answer ("" clears it): stored on this computer at once, at the server within two seconds. */
  function change(question: number, changed: Answer): void {
    if (answers.change(question, changed)) exchange.answered(typeof changed !== "string");
  }

  /** The screen shows this question. */
  function look(question: number | null): void {
    times.look(question);
    if (question !== null) answers.keepPlace(question);
  }

  function online(): void {
    exchange.now();
    pictures.again();
  }

  window.addEventListener("online", online);
  onScopeDispose(() => {
    left.abort();
    window.removeEventListener("online", online);
    stop();
    exchange.close();
    admission.leave();
  });

  return {
    state: readonly(state),
    camera: snapshots.camera,
    pictures: pictures.source,
    load: admission.load,
    reload: admission.reload,
    agree: admission.agree,
    cameraChecked: admission.cameraChecked,
    networkChecked: admission.networkChecked,
    verify: admission.verify,
    awaitVerdict: admission.awaitVerdict,
    enter: admission.enter,
    begin: admission.begin,
    again: admission.again,
    answer: answers.answer,
    saved: answers.saved,
    marked: answers.marked,
    change,
    look,
    placeBefore: answers.place,
    mark: answers.mark,
    readAboutSwitch: absences.read,
    confirmAnnouncements: announcements.confirm,
    askForHelp: announcements.askForHelp,
    submit: submission.submit,
    runOut: submission.runOut,
    fetchResult: submission.fetchResult,
    endPractice: submission.endPractice,
    tellPractice: submission.tellPractice,
  };
}
