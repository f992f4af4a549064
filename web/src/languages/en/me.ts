/** All that a person reads here, in English. */
import type { Shape } from "@/languages/shape";
import { titles } from "./titles";
import type { meTexts as zh, myExamsTexts as zhExams } from "../zh/me";

export const meTexts: Shape<typeof zh> = {
  title: titles.me,
  sections: "Sections of my account",
  signedOut: "Please sign in",
  signedOutMore: "Then you can fill in your identity details and see your results.",
  account: "About me",
  identity: "Identity details",
  learning: "My learning",
  exams: "Exams",
};

export const myExamsTexts: Shape<typeof zhExams> = {
  empty: "You have not taken any exams yet",
  emptyMore: "After you start one, your exams and results appear here.",
  toPortal: "See all exams",
  unknownExam: "Exam",
  round: (n) => `Attempt ${n}`,
  result: "See the result",
  practice: "Practice, not scored",
  practiceResult: "See the practice result",
  goOn: "Continue exam",
  checkIn: "Check in",
  states: {
    opened: "Not entered yet",
    started: "In the exam",
    entry_closed: "Not taken (entry is closed)",
  },
  outcome: { passed: "Passed", failed: "Not passed", invalidated: "Not passed" },
  provisional: "Provisional",
  points: (got, full) => `${got} of ${full} points`,
  submittedAt: (time) => `Handed in: ${time}`,
  startsAt: (time) => `Exam time: ${time}`,
  noResult: "The result cannot be shown at the moment. Reload the page later",
};
