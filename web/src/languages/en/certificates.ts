/** All that a person reads here, in English. */
import type { Shape } from "@/languages/shape";
import { titles } from "./titles";
import type {
  attemptCertificateTexts as zhAttempt,
  certificateTexts as zh,
} from "../zh/certificates";

export const certificateTexts: Shape<typeof zh> = {
  mine: "My certificates",
  empty: "You have no certificates yet",
  emptyMore: "When you have passed and the result is final, the certificate appears here.",
  toExams: "See my exams",
  heading: "Certificate of Passing",
  holder: "Name",
  idNumber: "ID number",
  exam: "Exam",
  sitting: "Sitting",
  score: "Score",
  points: (got, full) => `${got} of ${full} points`,
  passedOn: "Passed on",
  number: "Certificate number",
  edition: (n) => `Edition ${n}`,
  reason: "Explanation",
  changedAt: "Status changed",
  states: {
    valid: "Valid",
    suspended: "Suspended",
    revoked: "Revoked",
    superseded: "Replaced by a newer edition",
    unconfirmed: "Cannot be confirmed",
  },
  view: "View the certificate (PDF)",
  viewMore:
    "Keep the PDF file: it is signed. For a printed copy, the verification page is what counts.",
  preparing: "The PDF is being made. It appears here by itself.",
  failed: (why) => `The certificate was not opened: ${why}`,
  verify: titles.verify,
  verifyIntro:
    "Enter the number on the certificate, or scan its QR code, to see its content and whether it is valid now.",
  verifySubmit: "Verify",
  needNumber: "Enter the certificate number",
  unknown: "There is no certificate with this number",
  unknownMore:
    "Compare the number with the certificate. If the printed number cannot be found, the certificate was not issued by this platform.",
  compare:
    "Compare each line with the certificate in your hands. If anything differs, that certificate is not valid.",
  issuer: "Issued by",
  issuedAt: "Issued at",
  newer: "See the newer edition",
  other: "Verify another certificate",
  offline: "How to check the PDF file itself",
  offlineMore:
    "Open the PDF in a reader that knows digital signatures, such as Adobe Acrobat Reader. Its signature panel should say that the signature is valid and the document was not changed, and name the issuer shown on this page. Any change to the file breaks the signature. The signature only says who issued the file and that it is unchanged; whether the certificate is valid now is what this page says.",
};

export const attemptCertificateTexts: Shape<typeof zhAttempt> = {
  title: "Certificate",
  preparing: "Your certificate is being made, usually within a minute. It appears here by itself.",
};
