/** The proof of a phone: the captcha, the code, and the waiting times that the server sets. */
import { computed, reactive, ref, watch } from "vue";
import { ApiError, api, content, messageOf, type Schemas } from "@/api/client";
import { secondsToWait } from "@/lib/format";
import { phoneDigits, plainNumber } from "@/lib/typed-numbers";
import { clock, store } from "@/store";
import { phoneTexts } from "#texts/sign-in";

type Purpose = Schemas["Purpose"];
type Format = Schemas["CaptchaFormat"];

// Shared by the forms of sign-in and registration, so that a person who is not registered types the number once. The
// waiting time for the next code is the same in both.
const typed = ref("");
const waits = reactive(new Map<string, { since: number; until: number }>());
// The newest code of each form and number. It can still be typed after the dialog was closed and opened again.
const asked = reactive(new Map<string, Asked>());
// A phone that was proven at sign-in and has no account. Its code is also valid for the registration.
const carried = ref<Carried | null>(null);

interface Asked {
  challenge_id: string;
  guesses: number; // wrong guesses that are left
  until: number;
}

interface Carried {
  phone: string;
  challenge_id: string;
  code: string;
  until: number;
}

function waitUntil(phone: string, until: number): void {
  waits.set(phone, { since: clock.now(), until });
}

export type PhoneProof = ReturnType<typeof usePhoneProof>;

export function usePhoneProof(purpose: Purpose) {
  const problems = reactive({ phone: "", captcha: "", code: "" });
  const answer = ref("");
  const code = ref("");
  const format = ref<Format>("picture");
  const captcha = ref<Schemas["Captcha"] | null>(null);
  const drawing = ref(false);
  const sending = ref(false);
  const paused = ref(""); // why no codes are sent at the moment

  const phone = computed(() => phoneDigits(typed.value));
  const wait = computed(() => {
    const { since, until } = waits.get(phone.value) ?? { since: 0, until: 0 };
    return secondsToWait(until, since, store.now);
  });
  const expired = computed(() => captcha.value !== null && store.now >= captcha.value.expires_at);
  const proven = computed(() => {
    const known = carried.value;
    const mine = purpose === "register" && known?.phone === phone.value;
    return mine && store.now < known.until ? known : null;
  });
  const challenge = computed(() => {
    const known = asked.get(key());
    return known && store.now < known.until ? known : null;
  });
  const sent = computed(() => challenge.value !== null);
  let newest = 0;

  function key(): string {
    return `${purpose} ${phone.value}`;
  }

  /** Requests another captcha in the present format, if the phone is valid. */
  async function draw(): Promise<void> {
    newest += 1;
    const mine = newest;
    captcha.value = null;
    answer.value = "";
    if (!phone.value || proven.value) return;
    drawing.value = true;
    const body = { phone: phone.value, purpose, format: format.value };
    try {
      const drawn = await content(api.POST("/captchas", { body }));
      if (mine === newest) captcha.value = drawn;
    } catch (error) {
      if (mine === newest) tell(error, "captcha");
    } finally {
      if (mine === newest) drawing.value = false;
    }
  }

  /** Puts a refusal beside its field. Returns false when it belongs to none of the phone's fields. */
  function tell(error: unknown, sending?: "captcha"): boolean {
    const code = error instanceof ApiError ? error.code : "";
    if (code === "code_wrong") {
      refused(messageOf(error));
      return true;
    }
    if (code === "codes_paused") {
      paused.value = messageOf(error);
      return true;
    }
    const fields = { phone_invalid: "phone", captcha_wrong: "captcha" } as const;
    const field = code in fields ? fields[code as keyof typeof fields] : sending;
    if (field) problems[field] = messageOf(error);
    // After too many wrong guesses a new code can still be sent.
    if (sending && error instanceof ApiError && error.status === 429 && error.retryAfterS) {
      waitUntil(phone.value, clock.now() + error.retryAfterS * 1000);
    }
    return field !== undefined;
  }

  /** Called when the server refuses a code. Shows how many guesses are left, or what to do. */
  function refused(why: string): void {
    if (proven.value) {
      over();
      return;
    }
    const left = (challenge.value?.guesses ?? 1) - 1;
    problems.code = phoneTexts.wrong(why, left);
    if (left && challenge.value) challenge.value.guesses = left;
    else codeUsed();
  }

  /** Called when the proof from the sign-in form is no longer valid. */
  function over(): void {
    forget();
    problems.code = phoneTexts.provenOver;
  }

  /** 获取验证码. Returns whether a code is on its way. The captcha is used up in any case. */
  async function send(): Promise<boolean> {
    problems.phone = phone.value ? "" : phoneTexts.needPhone;
    const needed = format.value === "audio" ? phoneTexts.needSpoken : phoneTexts.needCaptcha;
    problems.captcha = problems.phone || plainNumber(answer.value) ? "" : needed;
    if (problems.phone || problems.captcha || !captcha.value || sending.value) return false;
    sending.value = true;
    try {
      await post(captcha.value.captcha_id);
      return true;
    } catch (error) {
      tell(error, "captcha");
      if (!(error instanceof ApiError && error.status === 0)) void draw();
      return false;
    } finally {
      sending.value = false;
    }
  }

  async function post(captcha_id: string): Promise<void> {
    const to = phone.value;
    const body = { phone: to, purpose, captcha_id, captcha_answer: plainNumber(answer.value) };
    const told = await content(api.POST("/codes", { body }));
    const { challenge_id, guesses, expires_at } = told;
    asked.set(`${purpose} ${to}`, { challenge_id, guesses, until: expires_at });
    waitUntil(to, told.resend_at);
    paused.value = "";
    code.value = "";
    problems.code = "";
    captcha.value = null;
    answer.value = "";
  }

  /** Returns whether phone and code are filled in, and marks empty fields. */
  function check(): boolean {
    problems.phone = phone.value ? "" : phoneTexts.needPhone;
    if (proven.value) return true;
    const digits = /^\d{6}$/.test(plainNumber(code.value));
    problems.code = challenge.value ? "" : phoneTexts.needSend;
    if (!digits) problems.code = phoneTexts.needCode;
    return !problems.phone && !problems.code;
  }

  /** Returns the proof of the phone for the server. Call `check` before. */
  function given(): { phone: string; challenge_id: string; code: string } {
    const known = proven.value ?? {
      challenge_id: challenge.value?.challenge_id ?? "none",
      code: plainNumber(code.value),
    };
    return { phone: phone.value, challenge_id: known.challenge_id, code: known.code };
  }

  /** Called when the phone is proven and has no account. Until `until` its code is valid for the registration. */
  function carry(until: number): void {
    carried.value = { ...given(), until };
    used();
  }

  /** Starts the proof again, for another phone or after the server has refused the proof. */
  function forget(): void {
    carried.value = null;
    void draw();
  }

  /** Called when the code is used up. A further request needs another one. */
  function codeUsed(): void {
    carried.value = null;
    used();
  }

  function used(): void {
    asked.delete(key());
    code.value = "";
    if (!captcha.value) void draw();
  }

  watch(phone, () => {
    problems.phone = "";
    problems.captcha = "";
    void draw();
  });
  watch(format, () => {
    problems.captcha = "";
    void draw();
  });
  watch(proven, (known, before) => {
    if (before && !known && carried.value === before && before.phone === phone.value) over();
  });
  watch(wait, (left, before) => {
    if (!left && before && !captcha.value && !drawing.value) void draw();
  });
  if (phone.value) void draw();

  return reactive({
    typed,
    phone,
    answer,
    code,
    format,
    captcha,
    drawing,
    expired,
    sending,
    sent,
    proven,
    paused,
    wait,
    problems,
    draw,
    send,
    tell,
    check,
    given,
    carry,
    forget,
    codeUsed,
  });
}
