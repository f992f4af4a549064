/** Texts about identity details and the photo, in English. The first view does not need them. */
import type { Shape } from "@/languages/shape";
import type { identityTexts as zhIdentity, photoTexts as zhPhoto } from "../zh/identity";

const FIELDS: Record<string, string> = {
  id_photo: "ID photo",
  name: "Name",
  id_type: "ID document",
  id_number: "ID number",
  role: "Role",
  organisation: "Organisation",
  region: "Region",
};

export const identityTexts: Shape<typeof zhIdentity> = {
  intro:
    "The face checks before and during the exam use these details, and your photo appears on your certificate. Enter your own true details, or you cannot take the exam.",
  missing: (names) => `Still missing: ${names}`,
  complete: "Your identity details are complete. You can take exams.",
  filled: "All details are filled in. Save them to finish.",
  photoChecking: "The other details are complete. Your ID photo is being checked.",
  frozen: "You cannot change your identity details during an exam",
  frozenMore:
    "One of your exams is not finished. It uses the details confirmed at its start. You can change them after the result is settled.",
  fill: "to complete",
  account: "Account",
  accountHint: "The mobile number you sign in with. It cannot be changed",
  photo: "ID photo",
  name: "Name",
  nameHint: "as on your ID document",
  idType: "ID document",
  idNumber: "ID number",
  idNumberHint: "Only used to check your identity; only a part is shown after saving",
  change: "Change",
  keep: "Keep it",
  role: "Role",
  organisation: "Organisation",
  organisationHint:
    "Full name, as on the business licence; experts without an organisation enter “None”",
  region: "Region",
  province: "Province",
  city: "City (optional)",
  cityPlaceholder: "City",
  choose: "Please choose",
  updatedAt: (time) => `Last updated: ${time} (Beijing time)`,
  neverUpdated: "Last updated: never",
  save: "Save",
  saveAndGo: "Save and continue",
  saving: "Saving…",
  saved: "Saved",
  savedMissing: "Saved. Some details are still missing; please go on.",
  waitingForPhoto:
    "Saved. Your ID photo is being checked; we go on by ourselves when it is accepted…",
  dialogTitle: "Complete your identity details",
  dialogIntro: "Before you start the exam, enter your true details.",
  needName: "Enter your name",
  needIdType: "Choose your ID document",
  needIdNumber: "Enter your ID number",
  needRole: "Choose your role",
  needOrganisation: "Enter your organisation",
  needRegion: "Choose your region",
  needPhoto: "Upload an ID photo",
  otherAccount:
    "Another account is signed in, so nothing was saved. Please check and enter the details again.",
  fields: FIELDS,
  idTypes: {
    resident_id: "Resident identity card",
    hk_macau_permit: "Mainland travel permit for Hong Kong and Macao residents",
    taiwan_permit: "Mainland travel permit for Taiwan residents",
    hmt_residence_permit: "Residence permit for Hong Kong, Macao and Taiwan residents",
    passport: "Passport",
    foreign_permanent_residence: "Foreigner’s permanent residence ID card",
  },
};

export const photoTexts: Shape<typeof zhPhoto> = {
  choose: "Choose a photo",
  replace: "Replace the photo",
  again: "Choose another photo",
  drop: "You can also drop a photo here",
  example: "Example",
  exampleAlt:
    "Example of an ID photo: facing front, clear features, head in the middle, plain background",
  mine: "My ID photo",
  chosen: "The photo just chosen",
  current: "The ID photo in use",
  none: "None yet",
  rules: [
    "Best is a passport-style photo: facing front, clear features, even light, plain background.",
    "Only you, your whole face, no sunglasses or mask; if you wear glasses in the exam, wear them.",
    "JPG or PNG, at least 295×413 pixels; you can cut and turn the photo after choosing it.",
  ],
  looking: "Reading the photo…",
  uploading: "Uploading…",
  waiting: "The photo is being checked, usually a few seconds…",
  slow: "The check takes longer than usual. Fill in the rest and look again later, or choose another photo.",
  accepted: "The photo is accepted",
  refused: "The photo is not accepted. Choose another one",
  notUploaded: "The photo was not uploaded. Try again",
  wrongType: "This file is no JPG or PNG photo. Choose another one",
  pdf: "This is a PDF file. Open it, save the photo or a screenshot of it as JPG or PNG, and choose that",
  heic: "HEIC is not supported. On the phone choose “Settings > Camera > Formats > Most Compatible”, or convert the photo to JPG",
  tooLarge: (mb, most) =>
    `The file has ${mb} MB, more than ${most} MB. Make it smaller and choose it again`,
  empty: "The file is empty. Choose another one",
  tooSmall: (w, h) =>
    `The photo has ${w}×${h} pixels, which is too small. It needs at least 295×413 pixels`,
  unreadable: "The file cannot be opened and may be damaged. Choose another JPG or PNG photo",
  adjust: "Cut or turn",
  crop: {
    title: "Cut the ID photo",
    intro: "Drag the photo until the head is in the middle of the frame, with a little room above.",
    looking: "Looking for the face in the photo…",
    turned: "The photo lay on its side or upside down. We turned it; please check.",
    noFace:
      "No face was found in the photo. Choose a photo from the front, or turn it and come closer yourself.",
    stage: "Frame: move the photo with the arrow keys, zoom with plus and minus",
    preview: "What is uploaded",
    tooSmall:
      "The part in the frame has less than 295×413 pixels. Zoom out a little or choose a larger photo.",
    closer: "Zoom in",
    farther: "Zoom out",
    turnLeft: "Turn left",
    turnRight: "Turn right",
    moves: {
      ArrowUp: "Move up",
      ArrowDown: "Move down",
      ArrowLeft: "Move left",
      ArrowRight: "Move right",
    },
    use: "Use this photo",
    other: "Choose another one",
    failed:
      "The browser could not cut this photo. Choose another one, or cut it in another program first.",
  },
};
