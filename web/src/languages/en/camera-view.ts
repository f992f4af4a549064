/** All that a person reads here, in English. */
import type { Shape } from "@/languages/shape";
import type { cameraViewTexts as zh } from "../zh/camera-view";

export const cameraViewTexts: Shape<typeof zh> = {
  open: "Turn the camera on again",
  states: {
    live: "",
    closed: "The camera is off. Turn it on now, or this is recorded as irregular.",
    ended:
      "The camera is disconnected. Connect it again, and the picture comes back by itself; otherwise this is recorded as irregular.",
    muted: "The camera gives no picture. Close other programs that use it.",
    covered: "The picture is covered or too dark. Uncover the lens and turn on a light.",
  },
  failures: {
    refused:
      "The browser does not allow the camera. Click the icon left of the address and choose “Allow”.",
    none: "No camera was found. Check that it is connected.",
    busy: "Another program is using the camera. Close it and try again.",
    insecure: "This page is not secure (https), so the browser does not allow the camera.",
    failed: "The camera did not turn on. Try again.",
  },
};
