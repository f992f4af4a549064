/** Texts of several screens, in English. Each screen has a file of its own in this folder. */
import { counted, type Shape } from "@/languages/shape";
import type { texts as zh } from "../zh/common";

export const texts: Shape<typeof zh> = {
  common: {
    product: "Kaochang",
    productLong: "Kaochang · Online Qualification Exams",
    skip: "Skip to content",
    close: "Close",
    cancel: "Cancel",
    back: "Back",
    next: "Next",
    confirm: "OK",
    save: "Save",
    retry: "Try again",
    loading: "Loading…",
    listSeparator: ", ",
    sentences: (all: readonly string[]): string => all.join(" "),
    restored:
      "This is what you typed before and did not send. It is kept in this tab only, until you close it or sign out.",
    most: (n) => `At most ${counted(n, "character")}`,
    tooLong: (over, most) => `${counted(over, "character")} too many; at most ${most}`,
    offline: "No connection. Check your network and try again",
    serverDown: "The system is busy. Try again in a moment",
    unexpected: "Something went wrong on this page. Reload it; if this goes on, call the hotline",
    uploadRefused: "The upload did not work. Try again",
    beijingTime: "Beijing time",
    hotline: (number) => `Hotline ${number}`,
    candidate: "Candidate",
  },
  comfort: {
    textSize: "Text size",
    textSizes: { normal: "Normal text", large: "Large text", larger: "Largest text" },
    letter: "A",
  },
  header: {
    home: "Home",
    signIn: "Sign in",
    signOut: "Sign out",
    profile: "My account",
    help: "Camera help",
    offlineBanner: "You are offline. The page goes on by itself when you are back online",
  },
  audience: {
    agency_practitioner: "Agency practitioners",
    evaluation_expert: "Evaluation experts",
  },
  phase: {
    upcoming: "Not started",
    waiting: "Waiting room open",
    running: "In progress",
    ended: "Ended",
  },
  consent: {
    agree: "I have read and agree to the ",
    names: {
      "user-service": "User Service Agreement",
      privacy: "Privacy Policy",
      "identity-authorization": "Personal Data Authorisation",
    },
    needed: "First read the agreements and tick the box",
    read: "I have read it",
  },
  timer: {
    minutes: (n) => counted(n, "minute"),
    announce: (min) => `${counted(min, "minute")} left in the exam`,
  },
};
