/** All that a person reads here, in English. */
import type { Shape } from "@/languages/shape";
import type { ticketTexts as zh } from "../zh/tickets";

export const ticketTexts: Shape<typeof zh> = {
  title: "Report a problem",
  open: "Report a problem",
  mine: "My tickets",
  feedback: "Report",
  intro:
    "Describe the problem. Our staff will look into it. Only authorised staff can see your pictures, and each view is recorded.",
  faceIntro:
    "If the identity check fails again and again, describe what happens, and add a screenshot of the failure page and a photo of the portrait side of your ID card. After our staff have approved it, you can enter without the face check.",
  trouble: "Kind of problem",
  troubles: {
    face_check: "The identity check fails",
    id_number_taken: "Another account uses my ID number",
    camera: "The camera does not work",
    network: "Network problem",
    other: "Something else",
  },
  text: "What happens",
  needText: "Please describe the problem",
  needTrouble: "Please choose the kind of problem",
  pictures: {
    failure_page: "Screenshot of the failure page",
    id_portrait: "Photo of the portrait side of the ID card",
  },
  pageShot: "Screenshot of the page",
  optional: "optional",
  pictureHint: "JPG or PNG, at most 5 MB",
  pasteHint: "JPG or PNG, at most 5 MB; you can also paste a screenshot here (Ctrl+V)",
  choose: "Choose a picture",
  replace: "Replace",
  remove: "Remove",
  submit: "Send the ticket",
  busy: "Sending…",
  done: "Your ticket was sent",
  doneMore: (number) => `Its number is ${number}. You see the answer in “My account > My tickets”.`,
  number: "Ticket number",
  openedAt: "Sent",
  decidedAt: "Answered",
  reason: "Answer",
  because: (reason) => `Answer: ${reason}`,
  about: "What happens",
  followed:
    "The answer appears here by itself. There is no need to reload; you may also go on trying.",
  answered: "Answered",
  corrected: "Corrected",
  states: { open: "In review", accepted: "Approved", rejected: "Not approved" },
  uploadStates: { waiting: "To be uploaded", accepted: "Received", refused: "Not received" },
  checking: "Checking…",
  uploading: "Uploading…",
  uploadFailed: (reason) => `Not uploaded: ${reason}`,
  sendAgain: "Upload again",
  empty: "You have no tickets yet",
  emptyMore:
    "Trouble with the identity check, ID number, camera or network? Choose “Report a problem”. The answer of our staff appears here.",
  ok: "OK",
};
