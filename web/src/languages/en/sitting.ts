/** All that a person reads here, in English. */
import type { Shape } from "@/languages/shape";
import { titles } from "./titles";
import type { sittingTexts as zh } from "../zh/sitting";

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
    "Leaving the exam counts as 1 switch, and you have to check in again to come back. The exam time does not stop.",
  leave: "Leave anyway",
  stay: "Stay here",
};
