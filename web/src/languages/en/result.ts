/** All that a person reads here, in English. */
import { counted, type Shape } from "@/languages/shape";
import type { complaintTexts as zhComplaint, resultTexts as zhResult } from "../zh/result";

export const resultTexts: Shape<typeof zhResult> = {
  title: "Exam result",
  waiting: "Loading the result…",
  safe: "Your paper is handed in. The result will not be lost.",
  outOf: (n) => ` / ${counted(n, "point")}`,
  outcomes: {
    passed: "Passed",
    failed: "Not passed",
    invalidated: "Not passed (result invalid)",
  },
  provisional: "Provisional result",
  final: "Final result",
  provisionalWhy:
    "The snapshots of the exam are still being checked. When all are done, the result is final.",
  submittedAt: "Time (Beijing)",
  cause: "Handed in by",
  causes: {
    candidate: "you",
    deadline: "the system, when time was up",
    switches: "the system, at the limit of switches",
  },
  answered: "Answered",
  answeredOf: (n, all) => `${n} of ${counted(all, "question")}`,
  invalidatedMore:
    "By the rules of the exam the result counts as not passed. If you disagree, make a complaint below; our staff will review it.",
  flaggedMore: "The result is provisional until our staff have reviewed it.",
  frames: "The snapshots it is based on",
  framesMore: "Only you and authorised staff can see these pictures, and each view is recorded.",
  frameAlt: (time, shows) => `Snapshot of ${time}: ${shows}`,
  noFrame: "The picture is not shown",
  framesAgain: "Load the pictures again",
  switches: "Switches (leaving the page)",
  switchKinds: {
    hidden: "Left the exam page",
    blur: "Went to another window",
    fullscreen: "Left full screen",
    page_lost: "Closed or reloaded the page",
  },
  awayFor: (ms) => `${(ms / 1000).toFixed(1)} s`,
  sections: "Points by section",
  section: "Section",
  right: "Correct",
  points: "Points",
  receipt: (n) => `Receipt: ${counted(n, "answer")} saved`,
  receiptMore:
    "These are the answers that the system received and scored (options in the order of your paper).",
  blank: (n) => `Blank ${n}`,
  empty: "empty",
  toMine: "My exams",
};

export const complaintTexts: Shape<typeof zhComplaint> = {
  title: "Make a complaint",
  open: "Make a complaint",
  intro:
    "If you disagree with this decision, you can make a complaint. Our staff review the whole record of the exam, and you get the answer by text message. There is one complaint for each decision.",
  until: (time) => `Until ${time}. Time left`,
  over: (time) => `The time for complaints ended on ${time}.`,
  states: { open: "In review", accepted: "Upheld", rejected: "Rejected" },
  overturned: "The decision was withdrawn. The result is that of your paper.",
  number: "Complaint number",
  words: "Your complaint",
  hotline: (number) => `Hotline ${number}`,
  dialogIntro:
    "Say why you think that the decision is wrong. You may add pictures. You cannot change it after sending.",
  text: "Your reasons",
  needText: "Please give your reasons",
  pictures: { picture_1: "Picture 1", picture_2: "Picture 2", picture_3: "Picture 3" },
  optional: "optional",
  pictureHint: "JPG or PNG, at most 5 MB",
  left: "Time left for a complaint",
  submit: "Send the complaint",
  busy: "Sending…",
  done: "Your complaint was sent",
  doneMore: (number) =>
    `Its number is ${number}. You get the answer by text message, and you also see it on this page.`,
  ok: "OK",
};
