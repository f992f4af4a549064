/** All that a person reads here, in English. */
import { counted, type Shape } from "@/languages/shape";
import type { announcementTexts as zh, helpTexts as zhHelp } from "../zh/announcements";

export const announcementTexts: Shape<typeof zh> = {
  title: "Announcements",
  button: (n) => (n ? `Announcements (${n})` : "Announcements"),
  fresh: (n) => counted(n, "new announcement"),
  said: (texts) => (texts.length ? `New announcement: ${texts.join("; ")}` : ""),
  forAll: "To all",
  toMe: "To you",
  understood: "Got it",
  below: "More below",
  none: "There are no announcements yet. A new one appears by itself.",
  unread: "Not confirmed",
};

export const helpTexts: Shape<typeof zhHelp> = {
  title: "Ask for help",
  waiting: "Request received",
  choose: "What is the problem?",
  reasons: {
    camera: "The camera",
    network: "The network",
    display: "A question is not shown correctly",
    unwell: "I feel unwell",
    other: "Something else",
  },
  hint: (hotline) =>
    `Asking for help does not count as leaving the page. The exam time goes on. The answer of our staff appears on this page as an announcement. In an emergency call the hotline ${hotline}.`,
  send: "Send",
  sent: (time, reason) => `Sent at ${time}: ${reason}`,
  sentMore: "Stay on this page and go on. The answer appears here as an announcement.",
};
