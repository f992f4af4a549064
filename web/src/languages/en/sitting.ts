/** All that a person reads here, in English. */
import { counted, type Shape } from "@/languages/shape";
import { titles } from "./titles";
import type { comingBackTexts as zhComingBack, sittingTexts as zh } from "../zh/sitting";

export const sittingTexts: Shape<typeof zh> = {
  title: titles.sitting,
  failed:
    "Your saved answers are safe. Check your network, then press “Try again”; if this goes on, call the hotline.",
  blocked: "This exam is open in another tab",
  blockedMore: "Go back to that tab. To continue here, close it; this page then goes on by itself.",
  superseded: "You entered the exam on another page",
  supersededMore:
    "This page is no longer valid. Your saved answers are safe. Continue on the new page; to come back to this one you have to check in again.",
  checkInHere: "Check in again here",
  leaveTitle: "Leave this page?",
  leaveWaiting:
    "If you leave the waiting room, you have to check in again to come back, with the face check.",
  leaveExam:
    "If you leave the exam, you have to check in again to come back, with the face check. The exam time does not stop.",
  leaveCounts: "Coming back counts as 1 switch.",
  leave: "Leave anyway",
  stay: "Stay here",
};

export const comingBackTexts: Shape<typeof zhComingBack> = {
  title: "Your exam is running, and you can go on with it",
  time: "Exam time",
  until: (time) => `The exam runs until ${time}, Beijing time, without a pause. Time left:`,
  answers: "Your answers",
  saved: (n) => `No answer is lost: the server has ${counted(n, "answer")}. `,
  unsent: (n) =>
    `The newest answers to ${counted(n, "question")} are still on this computer and are sent when you enter. Please do not clear the data of the browser.`,
  nothingUnsent: "Nothing on this computer waits to be sent.",
  switch: "Switches",
  counts: (n, limit) =>
    `The exam page was closed, reloaded or interrupted. Nothing has counted yet; entering the exam will count as switch ${n}. At ${limit} your paper is handed in by itself.`,
  countsLast: (n, hotline) =>
    `The exam page was closed, reloaded or interrupted. Nothing has counted yet; entering the exam will count as switch ${n} and hand in your paper at once, with every answer that the server has. If your computer failed, please call ${hotline} first.`,
  countsInPractice: (n) =>
    `The page was closed, reloaded or interrupted. Entering will count as switch ${n}. In a practice run no switch hands anything in.`,
  sameAbsence: (n, limit) =>
    `The switch that you made when you left has counted already, and coming back does not count again. So far: ${n}. At ${limit} your paper is handed in by itself.`,
  notCounted: "Coming back does not count as a switch.",
  now: "What comes now",
  todo: "Check in again, with the face check. Then you are back at the question where you were.",
  go: "Continue to the check-in",
};
