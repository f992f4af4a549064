/** The title of each address, in English. They are apart from other texts, because the first view loads them all. */
import type { Shape } from "@/languages/shape";
import type { titles as zh } from "../zh/titles";

export const titles: Shape<typeof zh> = {
  agreement: "Agreement",
  verify: "Verify a certificate",
  examDetail: "Exam details",
  deviceCheck: "Device check",
  help: "Turning on the camera",
  me: "My account",
  notFound: "Page not found",
  portal: "Professional education",
  register: "Create an account",
  signIn: "Sign in",
  sitting: "Exam",
};
