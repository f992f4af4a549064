/** What the screens of an exam day show. `useSitting` owns it: its composables change it, screens only read it. */
import type { Schemas } from "@/api/client";
import type { CameraState } from "@/lib/camera";

/** `blocked`: another tab of this browser has the attempt; `superseded`: another page was admitted. */
export type Stage =
  "loading" | "failed" | "blocked" | "check-in" | "waiting" | "exam" | "submitted" | "superseded";

export interface SittingState {
  stage: Stage;
  /** Why loading failed or the result is missing; "" when nothing is wrong. */
  problem: string;
  attempt: Schemas["AttemptView"] | null;
  detail: Schemas["ExamDetail"] | null;
  /** The questions, once the exam has begun on this page. */
  paper: readonly Schemas["ShownSection"][] | null;
  /** Server time in ms. */
  deadline: number | null;
  switches: number;
  switchLimit: number;
  /** The number of the switch that coming back to a running exam was; null: it was none. */
  returnCounted: number | null;
  /** How many questions have an answer on this computer that the server never got; null: not known. */
  unsent: number | null;
  /** The message about the last counted absence, until the candidate has read it. */
  switchTold: Schemas["AbsenceView"] | null;
  /** A sentence about an absence that did not count; "" when there is none. */
  remark: string;
  /** Whether the server answers. */
  connected: boolean;
  /** Grows with each change of answers, marks and acknowledgements, which are kept outside of Vue. */
  revision: number;
  fullscreenLost: boolean;
  /** Until when the candidate has to restore full screen, in monotonic ms; null: no countdown. */
  graceEndsAt: number | null;
  camera: CameraState;
  submitting: boolean;
  /** The time is over and the server cannot be reached. */
  timeIsUp: boolean;
  result: Schemas["ResultView"] | null;
  /** What a practice exam (试考) has found, instead of a result. */
  practice: Schemas["PracticeView"] | null;
  /** What operators announced, the oldest first; `read` once the candidate has confirmed it. */
  announcements: readonly Schemas["AnnouncementView"][];
  /** The newest request for help. */
  help: Schemas["HelpView"] | null;
}

/** Returns the state before the attempt is read. */
export function initialState(): SittingState {
  return {
    stage: "loading",
    problem: "",
    attempt: null,
    detail: null,
    switches: 0,
    switchLimit: 3,
    unsent: null,
    deadline: null,
    revision: 0,
    camera: "closed",
    submitting: false,
    result: null,
    practice: null,
    announcements: [],
    help: null,
    ...stateOfPage(),
  };
}

/** The part of the state that belongs to one admission; a new check-in begins with it. */
export function stateOfPage() {
  return {
    paper: null,
    switchTold: null,
    returnCounted: null,
    remark: "",
    connected: true,
    fullscreenLost: false,
    graceEndsAt: null,
    timeIsUp: false,
  };
}
