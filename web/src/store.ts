/** The state that all screens share: who is signed in, the server's time, which dialog is open. */
import { reactive, readonly } from "vue";
import { ApiError, api, content, type Schemas } from "@/api/client";
import { ServerClock } from "@/lib/clock";

type Me = Schemas["Me"];
type Session = "unknown" | "signed-out" | "signed-in";

const state = reactive({
  session: "unknown" as Session,
  me: null as Me | null,
  now: 0,
  online: navigator.onLine,
  signIn: { open: false, reason: "" },
  profile: { open: false },
});

/** Read only: screens change it through the functions below. */
export const store = readonly(state);

export const clock = new ServerClock();

/** Asks who is signed in. Throws every failure other than "nobody". */
export async function loadMe(): Promise<Me | null> {
  try {
    const me = await content(api.GET("/me"));
    setMe(me);
    return me;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    forgetMe();
    return null;
  }
}

export function setMe(me: Me): void {
  state.me = me;
  state.session = "signed-in";
}

export function forgetMe(): void {
  state.me = null;
  state.session = "signed-out";
}

let signedIn: ((done: boolean) => void) | null = null;

/** Opens the sign-in dialog. Resolves to whether somebody signed in. */
export function askToSignIn(reason = ""): Promise<boolean> {
  state.signIn = { open: true, reason };
  signedIn?.(false);
  return new Promise((resolve) => (signedIn = resolve));
}

/** Closes the sign-in dialog. */
export function closeSignIn(done: boolean): void {
  state.signIn = { open: false, reason: "" };
  signedIn?.(done);
  signedIn = null;
}

/**
 * Makes a call. When the session has ended, it asks to sign in and makes the call once more. Nothing typed is lost.
 * Throws `ApiError`, also when another person has signed in, because the typed text is not theirs.
 */
export async function asSignedIn<T>(call: () => Promise<T>): Promise<T> {
  const account = state.me?.account_id;
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    const again = await askToSignIn(error.message);
    if (!again || (account && state.me?.account_id !== account)) throw error;
    return call();
  }
}

let profiled: ((done: boolean) => void) | null = null;

/** Opens the dialog of 身份信息. Resolves to whether nothing is missing any more. */
export function askForProfile(): Promise<boolean> {
  state.profile = { open: true };
  profiled?.(false);
  return new Promise((resolve) => (profiled = resolve));
}

/** Closes the dialog of 身份信息. */
export function closeProfile(done: boolean): void {
  state.profile = { open: false };
  profiled?.(done);
  profiled = null;
}

/** Asks for the server's time. */
export async function askServerNow(): Promise<number> {
  return (await content(api.GET("/time"))).server_now;
}

/** Updates `store.now` with the server's time and follows the network. The app calls it once. */
export function beginTicking(): void {
  const tick = (): void => {
    state.now = clock.now();
  };
  tick();
  setInterval(tick, 250);
  const network = (): void => {
    state.online = navigator.onLine;
  };
  window.addEventListener("online", network);
  window.addEventListener("offline", network);
}
