/** All that a person reads here, in English. */
import { counted, type Shape } from "@/languages/shape";
import type { checkInTexts as zh } from "../zh/check-in";

/** What stands in the way of a turn to the left or right. */
function turnHints(side: "left" | "right") {
  return {
    loading: "Preparing the automatic photo…",
    manual: `Turn your head to the ${side}, hold still, then press “Take photo”`,
    noFace: "No face was found. Turn back a little",
    several: "There are several people in the picture. Only you should be there",
    dark: "It is too dark. Go where there is more light",
    closer: "Come a little closer",
    turn: `Slowly turn your head to the ${side}`,
    wrongWay: `Wrong way. Turn your head to the ${side}`,
    back: "A little too far. Turn back a bit",
    ok: "Good. Hold still",
  };
}

export const checkInTexts: Shape<typeof zh> = {
  title: "Check-in",
  steps: ["Exam rules", "Device check", "Network check", "Identity check", "Enter the room"],
  stepOf: (n, name) => `Step ${n} of 5: ${name}`,
  done: " (done)",
  untilStart: "Exam starts in",
  untilClosed: "Entry closes in",
  untilDeadline: "Exam ends in",
  leave: "Leave the check-in",
  offline: "You are offline. Check your network; you can go on from this step.",
  working: "Working…",
  again: "Check again",
  notice: {
    heading: "Exam rules",
    intro: "Please read the rules of this exam carefully.",
    rules: "Rules of this exam",
    more: "About this exam",
    agree: "I agree to the ",
    needed: "First read the Personal Data Authorisation and tick the box",
    faceData:
      "The identity check and the snapshots during the exam use your face data. This needs your separate consent.",
  },
  camera: {
    heading: "Device check",
    intro:
      "The camera must be on during the whole exam. Make sure that a working camera is connected.",
    open: "Turn on the camera",
    opening: "Turning on the camera…",
    allow: "If the browser asks for the camera, choose “Allow”.",
    choose: "Choose a camera",
    unnamed: (n) => `Camera ${n}`,
    preview: "Camera picture",
    fine: "The camera works",
    fineMore: "Make sure that you are in the picture, then press “Next”.",
    helpBefore: "If something does not work, see",
    help: "Turning on the camera",
    newTab: " (opens in a new tab)",
    noFace: "No face in the picture",
    noFaceMore:
      "Sit in the middle of the picture, face the camera and the light, and take off mask and sunglasses. You may go on, but the identity check needs to see your face.",
    background: (n) =>
      `Besides you there ${n === 1 ? "is 1 face" : `are ${n} faces`} in the picture`,
    backgroundMore:
      "It may be another person, or a poster, a photo or a screen. Ask others to leave, and take down or cover pictures of people: snapshots with several faces affect your result.",
    tipsHeading: "Please prepare",
    tips: [
      "Camera at eye level, straight before your face",
      "Face the light; no bright window behind you",
      "No other people, posters or photos in the background",
      "No headphones, mask or sunglasses",
      "If you wear glasses on your registered photo, wear the same ones; if not, take them off",
    ],
    failures: {
      refused: {
        what: "The browser may not use the camera",
        todo: "Click the icon left of the address, set “Camera” to “Allow”, and press “Check again”. If that does not help, reload the page.",
      },
      none: {
        what: "No camera was found",
        todo: "Connect a camera, or unplug it and plug it in again. If it does not come back by itself, press “Check again”.",
      },
      busy: {
        what: "Another program is using the camera",
        todo: "Close WeChat, QQ, Tencent Meeting, DingTalk and web pages that use the camera, then press “Check again”.",
      },
      insecure: {
        what: "This page is not secure (https), so the browser does not allow the camera",
        todo: "Use the link of the exam that begins with https.",
      },
      failed: {
        what: "The camera did not turn on",
        todo: "Unplug the camera and plug it in again, or restart the browser, then press “Check again”.",
      },
      ended: {
        what: "The camera is disconnected",
        todo: "Check its cable and the browser’s permission. It comes back by itself, or press “Check again”.",
      },
      muted: {
        what: "The camera gives no picture",
        todo: "Check the switch of the camera and the camera key of your computer, and close other programs that use it. We go on by ourselves when the picture is back.",
      },
      covered: {
        what: "The picture is covered or too dark",
        todo: "Open the lens cover and turn on a light or face it. We go on by ourselves when the picture is back.",
      },
    },
  },
  network: {
    heading: "Network check",
    intro:
      "Make sure that your network is steadily faster than recommended, or it will disturb your exam. The check takes about 10 seconds.",
    phases: {
      latency: "Measuring the delay…",
      down: "Measuring the download speed…",
      up: "Measuring the upload speed…",
      done: "Check complete",
      failed: "Check not complete",
    },
    down: "Download",
    up: "Upload",
    latency: "Delay",
    item: "What",
    measured: "Measured",
    recommended: "Recommended",
    verdict: "Verdict",
    atLeast: (mbps) => `≥ ${mbps} Mbps`,
    atMost: (ms) => `≤ ${ms} ms`,
    mbps: (value) => `${value} Mbps`,
    ms: (value) => `${value} ms`,
    good: "Good",
    slow: "Slow",
    late: "High",
    unknown: "Not measured",
    waiting: "To do",
    fine: "The network is good",
    fineMore: "Keep it steady during the exam: no downloads and no videos.",
    weak: "The network is slower than recommended. You can still take the exam",
    weakMore:
      "It is better to improve it first: use a cable or move closer to the router, stop downloads and videos, and check again. Even if the network fails in the exam, your answers are kept on this computer and sent when it is back.",
    failed: "The speed could not be measured",
    failedUp: "The upload speed could not be measured",
    failedMore:
      "The connection may be down, or the network may block the test. Check it and try again; if it still cannot be measured, you may go on. A lost connection in the exam does not affect your answers.",
    goOn: "Go on anyway",
    gauge: {
      latency: "Speed now",
      down: "Download now",
      up: "Upload now",
      done: "Download",
      failed: "Download",
    },
  },
  face: {
    heading: "Identity check",
    intro:
      "Put your face into the frame. When the frame turns green, the photo is taken by itself.",
    frame: "Camera picture. Put your face into the frame",
    hints: {
      loading: "Preparing the automatic photo…",
      manual: "Put your face into the frame, then press “Take photo”",
      noFace: "No face was found. Look into the camera and come closer",
      several: "There are several people in the picture. Only you should be there",
      dark: "It is too dark. Go where there is more light",
      closer: "Come a little closer",
      centre: "Move your face to the middle of the frame",
      straight: "Look straight into the camera",
      ok: "Good. Hold still",
    },
    shoot: "Take photo",
    noShot: "No photo was taken. Try again",
    shot: "The photo just taken",
    own: "Please confirm your identity",
    name: "Name",
    idNumber: "ID number",
    chances: (left, all) => `${left} of ${counted(all, "check")} left`,
    practice: "A practice exam uses up no checks. You may try as often as you like.",
    replacePhoto: "Replace the ID photo",
    replacePhotoMore:
      "If your ID photo is not a recent, clear photo of you, replace it now and practise once more.",
    unlimited: "You may retake the photo as often as you like. It uses up no checks.",
    retake: "Retake photo",
    start: "Start the check",
    judging: "Checking…",
    judgingMore: "This usually takes a few seconds. Do not close the page.",
    slow: "This takes longer than usual. Please wait",
    slowMore:
      "Your photo has been sent, and the result appears here by itself. You need not do anything. If the system cannot complete the check, you get it back.",
    failed: "The identity check was not passed",
    notRun: "This check did not take place",
    adviceHeading: "What you can improve",
    advice: [
      "Look straight into the camera with your whole face; take off mask, sunglasses and headphones",
      "Go where there is enough light, and face the light",
      "If you wear glasses on your registered photo, wear the same ones; if not, take them off",
      "Your registered photo must be a recent, clear photo of you. If it is not, press “Report a problem”",
    ],
    turn: {
      before:
        "After “Start the check”, turn your head once to the left or right as the page tells you. A second photo is taken then.",
      ask: { left: "Turn your head to the left", right: "Turn your head to the right" },
      more: {
        left: "Slowly turn your head to your own left, so that the camera sees your right cheek. Hold still; the photo is taken by itself.",
        right:
          "Slowly turn your head to your own right, so that the camera sees your left cheek. Hold still; the photo is taken by itself.",
      },
      stay: "Turn only your head. Your eyes may stay on the screen.",
      left: (time) => `Time left ${time}`,
      hints: { left: turnHints("left"), right: turnHints("right") },
      advice: [
        "Look at the arrow before you turn. The picture is like a mirror: turn left, and the face in it turns left",
        "Turn slowly and hold still for two seconds; not only the eyes, and not too far",
        "It must be you before the camera, not a photo or a screen",
      ],
    },
    retry: "Take a new photo",
    feedback: "Report a problem",
    hotline: (number) => `You can also call the hotline ${number}.`,
    wait: (time) => `You can check again in ${time}`,
    waitTitle: "Several checks were not passed. Please wait a moment",
    waitMore: "Meanwhile improve light and angle, and take a new photo.",
    usedUp: "There are no checks left",
    usedUpMore: (all) => `All ${counted(all, "check")} of this exam are used up.`,
    byTicket: "Press “Report a problem”. Our staff will look into it.",
    look: "See the answer",
    notSentMore:
      "Check your network and press “Start the check” again. This uses up no further check.",
  },
  enter: {
    heading: "Identity check passed",
    waived: "Our staff have confirmed your identity",
    toWaiting:
      "Your check-in is complete. Press “Enter the room” to go to the waiting room until the exam starts.",
    toExam: "Your check-in is complete. The exam has started: press “Enter the room” to begin.",
    toPractice: "Your check-in is complete. Press “Enter the room” to answer in full screen.",
    toResume:
      "Your check-in is complete. Press “Enter the room” to go back to your paper. All saved answers are there.",
    warnings: [
      "After that do not close or reload the page, or you have to check in again.",
      "Quit WeChat, QQ and other programs that show messages, and plug in the power supply.",
      "Keep the camera on until you have handed in.",
    ],
    button: "Enter the room",
    busy: "Entering…",
  },
  closed: {
    title: "Entry is closed. You can no longer take this exam",
    more: (time, hotline) =>
      `Entry to this exam closed on ${time}. Questions? Call the hotline ${hotline}.`,
    toDetail: "Back to the exam details",
  },
};
