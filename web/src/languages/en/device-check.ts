/** All that a person reads here, in English. */
import type { Shape } from "@/languages/shape";
import { titles } from "./titles";
import type { deviceCheckTexts as zh } from "../zh/device-check";

export const deviceCheckTexts: Shape<typeof zh> = {
  title: titles.deviceCheck,
  intro:
    "See whether camera and network of this computer are fit for an exam. You need not sign in. The picture stays on this computer and is not uploaded.",
  camera: "Camera",
  network: "Network",
  measure: "Check the network",
  measuring: "Checking…",
  again: "Check again",
  notYet: "Press “Check the network”. It takes about 5 seconds.",
  up: "Upload",
  upLater: "in a practice exam",
  fine: "The network is good",
  weak: "The network is slower than recommended",
  weakMore: "Use a cable or move closer to the router, stop downloads and videos, and check again.",
  failed: "The speed could not be measured",
  failedMore:
    "The connection may be down, or the network may block the test. Check the network and try again.",
  practice:
    "When camera and network work, take a practice exam: only there can you try the face check, full screen and snapshots.",
  toPractice: "Go to the practice exam",
  phone:
    "Exams are taken on a computer. Please do this check on the computer that you will use for the exam.",
};
