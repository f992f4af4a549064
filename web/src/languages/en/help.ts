/** All that a person reads here, in English. */
import type { Shape } from "@/languages/shape";
import { titles } from "./titles";
import type { helpTexts as zh } from "../zh/help";

export const helpTexts: Shape<typeof zh> = {
  title: titles.help,
  intro:
    "The camera must be on during the whole exam. If the device check shows no picture, go through these steps, then go back to it and press “Check again”.",
  parts: [
    {
      heading: "1. Allow the browser to use the camera",
      steps: [
        "Click the lock or the camera left of the address and set “Camera” to “Allow”.",
        "If it is not there, open “Privacy and security > Site settings > Camera” in the browser’s settings and remove this site from those that are not allowed.",
        "In the 360 or QQ browser first switch to the fast mode (Chromium).",
        "Reload the page and choose “Allow” when the browser asks.",
      ],
    },
    {
      heading: "2. Allow the system to use the camera",
      steps: [
        "Windows: in “Settings > Privacy & security > Camera” turn on “Camera access” and “Let desktop apps access your camera”.",
        "macOS: in “System Settings > Privacy & Security > Camera” tick your browser, then start the browser again.",
      ],
    },
    {
      heading: "3. Another program is using the camera",
      steps: [
        "Close WeChat, QQ, Tencent Meeting, DingTalk and other programs that may use the camera.",
        "Close other browser tabs that use the camera.",
        "If it is still in use, restart the computer.",
      ],
    },
    {
      heading: "4. No camera is found, or the picture is black",
      steps: [
        "Unplug an external camera and plug it in again, best directly into the computer.",
        "Check the lens cover, and the key of the keyboard that turns the camera off.",
        "If there are several cameras, choose another one in the device check.",
        "See whether the camera app of your system shows a picture.",
      ],
    },
    {
      heading: "5. A clearer picture",
      steps: [
        "Face a window or a lamp; do not sit with your back to it.",
        "Camera at eye level, your whole face in the middle of the picture.",
        "No other people, posters or photos in the background.",
      ],
    },
  ],
};
