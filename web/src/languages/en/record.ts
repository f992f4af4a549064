/** All that a person reads in 我的数据, in English. */
import { counted, type Shape } from "@/languages/shape";
import type { recordTexts as zh } from "../zh/record";

export const recordTexts: Shape<typeof zh> = {
  title: "My data",
  mine: "Download my data",
  intro:
    "You can download the personal data that the platform keeps of you: account and identity details, ID photo, agreements you accepted, all saved answers and results of each exam, the timeline of evidence, snapshots that count against you, tickets and complaints, certificates. The file is signed, so anybody can check without network that it is unchanged.",
  order: "Prepare the download",
  again: "Prepare it again",
  ordering: "Sending…",
  preparing:
    "The file is being prepared, usually in less than a minute. You may leave this page and come back.",
  ready: (size) => `The file is ready (${size})`,
  until: (time) =>
    `You can download it until ${time}. Then it is deleted; you can prepare it again when you need it.`,
  madeAt: (time) => `Prepared: ${time}`,
  download: "Download the archive (.zip)",
  expired: "The last file has expired and was deleted",
  expiredMore: "Prepare it again.",
  failed: "The file could not be prepared",
  failedMore: "This one does not count. Prepare it again; if this goes on, call the hotline.",
  deleted: (time) =>
    `On ${time} you asked to delete your face data, and the file prepared before was deleted with it`,
  deletedMore:
    "A new file has no ID photo and no snapshots any more. All other data is still there.",
  deleting: "Your face data is being deleted",
  deletingMore:
    "A file can be prepared when this is done (in about a quarter of an hour). It will say when the data was deleted.",
  limit: (most) => `At most ${counted(most, "time")} in 24 hours.`,
  next: (time) => `You have used them up for today. You can prepare a file again after ${time}.`,
  leftOut: (count) =>
    `${counted(count, "earlier exam")} ${count === 1 ? "is" : "are"} not included. Call the hotline if you need ${count === 1 ? "it" : "them"}.`,
  check: "How to check the file",
  steps: [
    "On a computer download and unpack the archive, open verify.html of it in a browser, press English, and drop the archive (.zip) onto that page.",
    "The page says what was checked and what was not. It works without network, and the file never leaves your computer.",
    "Compare the fingerprint below: the file was issued by this platform only if the page shows exactly the same.",
  ],
  stranger:
    "For an archive that you got from somebody else, do not use the page in it, but this one: ",
  checker: "Download the checking page",
  fingerprint: "Fingerprint of the key (SHA-256)",
  openAttempts:
    "An exam in progress can be downloaded after you have handed in; its timeline of evidence after the whole exam is over. Questions and correct answers are not personal data and not included.",
  problem: (why) => `Not downloaded: ${why}`,
};
