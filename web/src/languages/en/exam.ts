/** All that a person reads here, in English. */
import { counted, type Shape } from "@/languages/shape";
import type {
  examTexts as zhExam,
  gateTexts as zhGate,
  questionTexts as zhQuestion,
} from "../zh/exam";

export const questionTexts: Shape<typeof zhQuestion> = {
  single: "Single choice",
  multiple: "Multiple choice",
  indefinite: "One or more choices",
  judge: "True or false",
  blank: "Fill in the blanks",
};

export const gateTexts: Shape<typeof zhGate> = {
  title: "Enter full screen to begin",
  text: "The whole exam runs in full screen; leaving the exam page is a switch. The paper appears in full screen, with all answers that you have saved.",
  button: "Enter full screen and continue",
  hint: "After your click the page enters full screen, and the paper appears.",
  refused: "The browser did not enter full screen",
  refusedMore: "Click again. If it still does not work, use a current version of Chrome or Edge.",
};

export const examTexts: Shape<typeof zhExam> = {
  watching: "Proctored",
  switches: (n, limit) => `Switches ${n}/${limit}`,
  switchesSoFar: (n, limit) =>
    `You have left the page ${counted(n, "time")}. At ${limit} your paper is handed in by itself.`,
  pageLossCounts: "Closing or reloading the page in the exam counts as well.",
  returnCounted: (n) =>
    `Coming back has counted as switch ${n}, because the exam page was closed, reloaded or interrupted.`,
  allSaved: "All answers saved",
  unsaved: (n) => `Saving ${counted(n, "answer")}…`,
  unsavedOffline: (n) => `${counted(n, "answer")} not saved yet; saved when you are online`,
  saved: "Saved",
  notSaved: "Not saved",
  answeredOf: (n, all) => `Answered ${n}/${all}`,
  left: "Time left",
  minutesLeft: (n) => `${counted(n, "minute")} left in the exam`,
  moreTime: (n) => `The exam was extended by ${counted(n, "minute")}`,
  offline:
    "The connection is lost. We are reconnecting. Go on answering: your answers are kept on this computer and sent when the connection is back. This is not a switch.",
  submit: "Hand in",
  points: (n) => counted(n, "point"),
  several: {
    single: "",
    multiple: ", choose all that apply",
    indefinite: " (one or more may be right)",
    judge: "",
    blank: "",
  },
  question: (n) => `Question ${n}`,
  blank: (n) => `Blank ${n}`,
  onlyBlank: "Your answer",
  blankTooLong: (over, most) =>
    `${counted(over, "character")} too many; only the first ${most} are saved`,
  savedPartly: (n) => `Saved; ${counted(n, "blank")} still empty`,
  material: (n) => `Text ${n}`,
  materialOf: questions,
  foldMaterial: "Hide the text",
  unfoldMaterial: "Show the text",
  refers: (n, from, to) => `Answer by text ${n} (${questions(from, to).toLowerCase()})`,
  previous: "Previous",
  next: "Next",
  mark: "Flag",
  unmark: "Unflag",
  clear: "Clear this answer",
  keys: (options) =>
    `Keys: A–${"ABCDEFGH"[options - 1]} or 1–${options} choose an option, ← → previous and next question, M flag`,
  keysOfBlanks:
    "Keys: Tab next blank, Enter next blank or question; outside a blank ← → previous and next question, M flag",
  comfort: { seconds: "Seconds", keys: "Shortcuts" },
  noCopy: "Questions of this exam cannot be copied. Selecting words does no harm; please go on.",
  sheet: "Answer sheet",
  sheetItem: (n, stands) => `Question ${n}, ${stands.join(", ")}`,
  legend: {
    answered: "Answered",
    open: "Open",
    partly: "Not complete",
    marked: "Flagged",
    unsaved: "Not saved",
    current: "Current",
  },
  fullscreenLost: "You have left full screen",
  fullscreenGrace: (s) =>
    `Return to full screen within ${counted(s, "second")}, or it counts as a switch.`,
  fullscreenOver: "Return to full screen now. The paper is hidden until then.",
  backToFullscreen: "Return to full screen",
  switchTitle: "You left the exam page",
  switchTodo: {
    hidden: "Stay on this page until you have handed in: no other tabs, no minimising.",
    blur: "Quit programs that show messages, and do not click other windows.",
    fullscreen:
      "Do not press Esc or F11. If full screen ends, click “Return to full screen” at once.",
    page_lost: "Do not close or reload this page.",
  },
  understood: "Got it",
  submitText: "After handing in you can no longer change your answers.",
  unanswered: (n) => `${counted(n, "question")} not answered`,
  unfinished: (n) => `${counted(n, "question")} with empty blanks`,
  markedOnes: (n) => `${counted(n, "question")} flagged`,
  goTo: (n) => `Go to question ${n}`,
  allAnswered: "All questions are answered.",
  submitAgain: "Your paper is not handed in yet. No answer is lost. Try again.",
  keepWriting: "Go on answering",
  submitNow: "Hand in now",
  submitting: "Handing in…",
  timeIsUp: "Time is up. Handing in your paper…",
  timeIsUpMore:
    "The connection is lost. The system hands in your paper by itself, and all saved answers count.",
};

/** Such as `Questions 3–5`. */
function questions(from: number, to: number): string {
  return from === to ? `Question ${from}` : `Questions ${from}–${to}`;
}
