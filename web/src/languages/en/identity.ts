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
    "JPG or PNG, at most 5 MB, at least 295×413 pixels.",
  ],
  uploading: "Uploading…",
  waiting: "The photo is being checked, usually a few seconds…",
  slow: "The check takes longer than usual. Fill in the rest and look again later, or choose another photo.",
  accepted: "The photo is accepted",
  refused: "The photo is not accepted. Choose another one",
  notUploaded: "The photo was not uploaded. Try again",
  wrongType: "Choose a JPG or PNG photo",
  heic: "HEIC is not supported. On the phone choose “Settings > Camera > Formats > Most Compatible”, or convert the photo to JPG",
  tooLarge: (mb) => `The file has ${mb} MB, more than 5 MB. Make it smaller and choose it again`,
  empty: "The file is empty. Choose another one",
  tooSmall: (w, h) =>
    `The photo has ${w}×${h} pixels, which is too small. It needs at least 295×413 pixels`,
  unreadable: "The file cannot be opened. Choose another JPG or PNG photo",
};
