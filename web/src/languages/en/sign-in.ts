/** All that a person reads here, in English. */
import { counted, type Shape } from "@/languages/shape";
import { titles } from "./titles";
import type { phoneTexts as zhPhone, signInTexts as zhSignIn } from "../zh/sign-in";

export const signInTexts: Shape<typeof zhSignIn> = {
  title: titles.signIn,
  way: "Sign in by phone",
  submit: "Sign in",
  busy: "Signing in…",
  noAccount: "No account yet?",
  register: "Create an account",
  stillSigningIn:
    "You are signed in, but your data could not be loaded. Press “Sign in” again; you need no new code.",
};

export const phoneTexts: Shape<typeof zhPhone> = {
  phone: "Mobile number",
  captcha: "Picture code",
  captchaHint: "The 4 characters in the picture, in any case",
  captchaFirst: "Enter your mobile number first",
  captchaAlt: "Picture with a code",
  captchaAnother: "Another picture",
  captchaExpired: "Expired. Take another one",
  captchaFailed: "The picture did not load",
  audio: "Listen to digits in English",
  audioLabel: "Spoken code",
  audioHint: "You hear 4 digits in English (zero to nine). Type them",
  audioAnother: "Another recording",
  picture: "Use a picture",
  code: "SMS code",
  codeHint: "The 6 digits of the text message",
  send: "Send code",
  sending: "Sending…",
  again: (wait) => `New code in ${wait}`,
  seconds: (n) => `${n} s`,
  sent: (phone) => `A code was sent to ${phone}. It is valid for 5 minutes.`,
  needPhone: "Enter your mobile number (11 digits)",
  needCaptcha: "Enter the picture code",
  needSpoken: "Enter the 4 digits that you heard",
  needCode: "Enter the 6 digits of the text message",
  needSend: "First send yourself a code",
  wrong: (why, left) =>
    left ? `${why} (${counted(left, "try", "tries")} left)` : `${why} Send a new code.`,
  proven: "Your number is verified. You need no other code",
  proveAnew: "Verify again",
  provenOver: "The verification of your number has expired. Send a new code",
};
