/** Texts of the sign-in by a platform, in English. */
import type { Shape } from "@/languages/shape";
import type { ssoTexts as zh } from "../zh/sso";

export const ssoTexts: Shape<typeof zh> = {
  by: (title) => `Sign in with ${title}`,
  have: "If you have an account there, sign in there. Afterwards you are back on this page.",
  instead:
    "Signing in by a platform still works. If you have used one before, use its button below.",
  leaving: "Going to the platform…",
  title: "Sign in by a platform",
  returning: "Completing the sign-in…",
  denied: "You cancelled the sign-in. Sign in again, or use your phone.",
  refused: "The platform could not complete the sign-in. Try again later, or use your phone.",
  incomplete: "The sign-in is incomplete. Press the sign-in button again.",
  again: "Sign in again",
  toPortal: "Back to the home page",
  retry: "Try again",
  linkTitle: "Verify your phone number",
  linkIntro:
    "This is your first sign-in by this platform, so please verify your phone number. A number that is registered already is linked to its account; for a new one an account is created. After that you sign in by the platform alone.",
  linkSubmit: "Verify and sign in",
  linked:
    "Your mobile number is verified and you are signed in. From now on you can sign in with the platform account.",
  linkBusy: "Signing in…",
  stillSigningIn: "You are signed in, but your data could not be loaded. Try again.",
};
