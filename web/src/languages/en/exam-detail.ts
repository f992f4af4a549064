/** All that a person reads here, in English. */
import { counted, type Shape } from "@/languages/shape";
import { titles } from "./titles";
import type { detailTexts as zhDetail, rulesTexts as zhRules } from "../zh/exam-detail";

export const detailTexts: Shape<typeof zhDetail> = {
  title: titles.examDetail,
  missingId: "The link names no exam. Please choose one from the list.",
  toPortal: "See all exams",
  start: "Start exam",
  resume: "Continue exam",
  result: "See the result",
  startsAt: "Starts (Beijing)",
  duration: "Duration",
  minutes: (n) => counted(n, "minute"),
  passMark: "Pass mark",
  passMarkValue: (percent, points) => `${(points * percent) / 100} of ${counted(points, "point")}`,
  paper: "Paper",
  rules: "Rules of this exam",
  announcements: "Announcements",
  notice: "About this exam",
  hotline: "Need help",
  countdown: {
    upcoming: "Waiting room opens in",
    waiting: "Exam starts in",
    running: "Entry closes in",
    closed: "Entry is closed",
    ended: "The exam is over",
  },
  opensAt: (time) => `From ${time} you can check in and enter the waiting room.`,
  rosterOnly: "Only for candidates on the registration list",
  computerOnly: "This exam can only be taken on a computer",
  computerOnlyMore: "On a computer with a camera, open this link in a browser:",
  insecure:
    "This page is not secure (https), so the browser does not allow the camera. Use the link of the exam that begins with https.",
  section: (title, questions, worth) => `${title}: ${counted(questions, "question")}, ${worth}`,
  materials: (title, count, questions, worth) =>
    `${title}: ${counted(count, "text")}, ${counted(questions, "question")} in all, ${worth}`,
  unscored: (title, questions) => `${title}: ${counted(questions, "question")}, not scored`,
  practice: {
    start: "Start practice exam",
    resume: "Continue practice exam",
    again: "Practise once more",
    last: "See the last practice result",
    open: "Open at any time",
    openMore: "about 5 minutes, at most 10 times a day",
    rules: "About the practice exam",
    notice: "Before you practise",
  },
  each: (points) => `${counted(points, "point")} each`,
  together: (points) => `${counted(points, "point")} in all`,
};

export const rulesTexts: Shape<typeof zhRules> = {
  practice: [
    "You go all the way of a real exam: device check, network check, identity check, answering in full screen, random snapshots, handing in.",
    "Use the computer and the network that you will use for the exam, best on the day before.",
    "There is no score, no result and no certificate. It uses up no identity checks of the real exam. Leaving the page only shows a reminder and never ends it.",
    "You may end at any time. Then you see what works, what does not, and what to do.",
    "Photos and records are deleted by themselves after three days.",
  ],
  waiting: (min) =>
    `The waiting room opens ${counted(min, "minute")} before the start. Please check in early.`,
  entry: (min) => `You cannot enter later than ${counted(min, "minute")} after the start.`,
  closing:
    "If you close or reload the waiting room, you have to check in again, with the face check.",
  chances: (n) =>
    `There ${n === 1 ? "is 1 identity check" : `are ${n} identity checks`}; retaking the photo is not limited.`,
  headTurn:
    "When the check starts, turn your head to the left or right as you are told. A second photo is taken then.",
  byRoster:
    "Your face is compared with the registration photo on the organiser’s list, not with the ID photo that you uploaded.",
  switches: (n) =>
    `Leaving the exam page is a switch. At switch number ${n} your paper is handed in at once.`,
  fullscreen: (s) =>
    `The whole exam runs in full screen. If you leave it, come back within ${counted(s, "second")}, or it counts as a switch.`,
  pageLoss:
    "Closing or reloading the page in the exam counts as 1 switch; a lost connection does not.",
  snapshots: (n) =>
    `The camera takes snapshots at random moments. If ${n} of them show several people, the exam is not passed; neither is it if somebody else is found to sit it.`,
  camera:
    "Keep the camera on until you have handed in. Do not look down or aside for long, cover your face, or wear headphones.",
  network: (down, up) =>
    `Recommended network: at least ${down} Mbps download and ${up} Mbps upload.`,
  several: (types, rule) => `${types}: ${rule}`,
  multipleRules: {
    all_or_nothing: "points only if all correct options and no others are chosen.",
    half_for_subset:
      "half of the points if correct options are missing; none if a wrong one is chosen.",
    proportional: "points by the share of correct options chosen; none if a wrong one is chosen.",
    minus_for_wrong:
      "points by the share of correct options chosen; each wrong one takes away a correct one, never below 0.",
  },
  blankRules: {
    each: "Fill in the blanks: each blank counts the same, and you get points for each correct one.",
    all_or_nothing: "Fill in the blanks: points only if all blanks are correct.",
  },
  blankAnswers: "In blanks, capitals, spaces and the width of characters make no difference.",
};
