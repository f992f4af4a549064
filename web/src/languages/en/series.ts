/** All that a person reads about sittings of a series, in English. */
import { counted, type Shape } from "@/languages/shape";
import type { seriesTexts as zh } from "../zh/series";

export const seriesTexts: Shape<typeof zh> = {
  title: "Sittings and retakes",
  thisSitting: (sitting) => `This is the sitting “${sitting}” of a series of exams.`,
  once: "Each person may take the exams of this series once. There are no retakes.",
  most: (n) =>
    `Each person may take the exams of this series at most ${counted(n, "time")}, the first one included.`,
  afterDays: (n) =>
    `There must be ${counted(n, "day")} between two exams, counted from the day on which you handed in the last one.`,
  onlyFailed: "If you have passed, you cannot take another one.",
  alsoPassed: "You may take another one even if you have passed.",
  oneByOne:
    "You can only take one at a time, and the next one when the result of the last one is final.",
  absent: "If you do not begin before entry closes, it does not count as taken.",
  best: "If you take several, the best one counts.",
  last: "If you take several, the last one counts.",
  refused: "You cannot take this sitting",
  counts: "Counts",
  countsSoFar: "Counts for now",
};
