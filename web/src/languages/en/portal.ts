/** All that a person reads here, in English. */
import type { Shape } from "@/languages/shape";
import { titles } from "./titles";
import type { portalTexts as zh } from "../zh/portal";

export const portalTexts: Shape<typeof zh> = {
  title: titles.portal,
  heading: "Government procurement qualification exams",
  intro:
    "Take your exam at home: sign in, complete your identity details, check in, and enter on time. Use a computer with a camera.",
  all: "All",
  empty: "There are no exams at the moment. New exams appear here.",
  emptyAudience: "There are no exams for this group at the moment.",
  open: "View exam",
  enter: "Take the exam",
  goOn: "Continue the exam",
  result: "View result",
  check: "Check your device now",
  showAll: "Show all exams",
  untried: "No practice yet",
  own: {
    opened: "Not entered yet",
    started: "In progress",
    entry_closed: "Not taken",
    submitted: "Handed in",
    passed: "Passed",
    failed: "Not passed",
  },
  coming: "Current and coming exams",
  ended: "Past exams",
  more: "Show more exams",
  moreEnded: "Show earlier exams",
};
