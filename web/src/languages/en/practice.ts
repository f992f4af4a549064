/** All that a person reads in a practice exam (试考), in English. */
import { counted, type Shape } from "@/languages/shape";
import type { practiceTexts as zh } from "../zh/practice";

export const practiceTexts: Shape<typeof zh> = {
  name: "Practice exam",
  is: "This is a practice exam",
  isMore:
    "The steps are those of a real exam, but nothing is scored, no identity checks are used up, and leaving the page does not end it. If you cannot get past a step, press “End practice” at the top right to see why and what to do.",
  end: "End practice and see the result",
  room: "Practice",
  unscored: "Not scored",
  mind: "Please note",
  now: "You can begin in full screen now",
  begin: "Begin",
  left: (n) =>
    n ? `Practice · left the page ${counted(n, "time")}, not counted` : "Practice · not scored",
  submit:
    "After handing in there is no score. You see whether camera, network, face check, full screen and snapshots work.",
  title: "Practice result",
  areas: {
    camera: "Camera",
    network: "Network",
    face: "Face check",
    full_screen: "Full screen",
    snapshots: "Snapshots",
  },
  states: { ok: "Works", failed: "Does not work", waiting: "Being judged", not_tried: "Not tried" },
  allGood: "Everything works. You can take the exam",
  allGoodMore: "On the day of the exam use the same computer and the same network.",
  some: (n) =>
    n === 1
      ? "1 thing does not work. Please solve it before the exam"
      : `${n} things do not work. Please solve them before the exam`,
  someMore: "Follow the advice below and practise once more, until everything works.",
  partly: "The practice was not finished. Some things were not tried",
  partlyMore: "All that was tried works. Please practise once more to try everything.",
  waiting: "Being judged. Please wait",
  waitingMore: "The result appears by itself. You can also see it later in My account > Exams.",
  reading: "Loading the practice result…",
  switches: (n) =>
    `In the practice you left the page ${counted(n, "time")}. In a real exam each counts as a switch, and at the limit your paper is handed in by itself.`,
  kept: (time) =>
    `A practice exam has no score and no result. Photos and records are deleted after ${time}.`,
  again: "Practise once more",
  photo: "Replace the ID photo",
  portal: "Back to the home page",
  card: {
    title: "Practice exam",
    text: "On the day before, go all the way with the computer and network of the exam: about 5 minutes, not scored.",
    start: "Practise",
    tried: (time) => `Practised on ${time}`,
    good: "No problems found",
    open: "Not finished",
    failed: (areas) => `Not working: ${areas}`,
  },
};
