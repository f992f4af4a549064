/** All that a person reads here, in English. */
import type { Shape } from "@/languages/shape";
import type { waitingTexts as zh } from "../zh/waiting";

export const waitingTexts: Shape<typeof zh> = {
  title: "Waiting room",
  leave: "Leave the waiting room",
  runningTitle: "The exam has started",
  until: "The exam starts in",
  starts: (time) => `Starts ${time}`,
  itself: "At that time “Start exam” appears here by itself. There is no need to reload.",
  now: "You can start now",
  enterUntil: (time) => `Start before ${time}. Time left`,
  late: "Entry is closed. You can no longer take this exam",
  lateMore: (until, hotline) => `Entry closed at ${until}. Questions? Call the hotline ${hotline}.`,
  preview: "Camera picture",
  offline: "The connection is lost",
  offlineMore:
    "We keep trying to reconnect. The countdown follows the server’s time and is not affected. Do not close or reload this page.",
  mind: "While you wait",
  warnings: [
    "Do not close or reload this page, or you have to check in again.",
    "Keep the camera on and sit in the middle of the picture.",
    "Close WeChat, QQ and other programs that open windows: in the exam such a window can count as leaving the page.",
    "Plug in the power supply and turn off automatic sleep.",
  ],
};
