/** All that a person reads here, in English. */
import type { Shape } from "@/languages/shape";
import { titles } from "./titles";
import type { registerTexts as zh } from "../zh/register";

export const registerTexts: Shape<typeof zh> = {
  title: titles.register,
  intro: "Create an exam account with your mobile number. You are signed in right after.",
  verify: "Verify your mobile number",
  about: "About you",
  aboutHint:
    "You can add name, organisation and region later in “My account”. They must be complete before you start an exam.",
  submit: "Create account",
  busy: "Creating the account…",
  done: "Your account is ready and you are signed in. Before an exam, complete your identity details in “My account”.",
  haveAccount: "Already have an account?",
  signIn: "Sign in",
  signedIn: "You are signed in already. There is no need to register.",
  role: "Role",
};
