/** Proving a phone: which code answers which challenge, and what is carried from signing in to registering. */
import { effectScope, nextTick, type EffectScope } from "vue";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "@/api/client";

const PHONE = "13800138000";
const OTHER = "13900139000";
const NOW = 1_800_000_000_000;
const MINUTE_MS = 60_000;

/** What the server would say; the newest challenge is `ch_<n>`. */
const server = vi.hoisted(() => ({
  drawn: [] as string[],
  sent: 0,
  refusal: null as Error | null,
}));

vi.mock("@/api/client", async (original) => ({
  ...(await original<typeof import("@/api/client")>()),
  content: (call: Promise<unknown>) => call,
  api: {
    POST: async (path: string, { body }: { body: Record<string, string> }) => {
      const now = performance.timeOrigin + performance.now();
      if (path === "/captchas") {
        server.drawn.push(`${body["purpose"]} ${body["phone"]}`);
        return { captcha_id: `cp_${server.drawn.length}`, content: "", expires_at: now + 120_000 };
      }
      if (server.refusal) throw server.refusal;
      server.sent += 1;
      const [expires_at, resend_at] = [now + 5 * 60_000, now + 60_000];
      return { challenge_id: `ch_${server.sent}`, guesses: 5, expires_at, resend_at };
    },
  },
}));

type Use = (typeof import("@/screens/sign-in/phone"))["usePhoneProof"];
type Proof = ReturnType<Use>;

let scope: EffectScope;
let usePhoneProof: Use;

function form(purpose: "sign_in" | "register" | "link"): Proof {
  return scope.run(() => usePhoneProof(purpose))!;
}

async function settled(): Promise<void> {
  await nextTick();
  await vi.advanceTimersByTimeAsync(0);
  await nextTick();
}

async function type(proof: Proof, phone: string): Promise<void> {
  proof.typed = phone;
  await settled();
}

async function later(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  await settled();
}

/** Types the number, solves the captcha, has a code sent and types it. */
async function prove(proof: Proof, code = "123456", phone = PHONE): Promise<void> {
  await type(proof, phone);
  proof.answer = "ABCD";
  expect(await proof.send()).toBe(true);
  proof.code = code;
}

const wrong = (): ApiError => new ApiError(400, "code_wrong", "验证码错误或已失效");

beforeEach(async () => {
  vi.useFakeTimers({ now: NOW });
  vi.stubGlobal("navigator", { onLine: true });
  vi.stubGlobal("window", { addEventListener: () => undefined });
  vi.resetModules();
  Object.assign(server, { drawn: [], sent: 0, refusal: null });
  const store = await import("@/store");
  store.clock.learn(NOW, performance.now(), performance.now());
  store.beginTicking();
  ({ usePhoneProof } = await import("@/screens/sign-in/phone"));
  scope = effectScope();
});

afterEach(() => {
  scope.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a code", () => {
  it("goes to the server with the challenge that it was sent for", async () => {
    const proof = form("sign_in");
    await prove(proof);
    expect(proof.sent).toBe(true);
    expect(proof.check()).toBe(true);
    expect(proof.given()).toEqual({ phone: PHONE, challenge_id: "ch_1", code: "123456" });
  });

  it("that is sent again answers the newer challenge", async () => {
    const proof = form("sign_in");
    await prove(proof);
    await later(MINUTE_MS);
    await prove(proof, "654321");
    expect(proof.given()).toEqual({ phone: PHONE, challenge_id: "ch_2", code: "654321" });
  });

  it("is asked for first", async () => {
    const proof = form("sign_in");
    await type(proof, PHONE);
    expect(proof.check()).toBe(false);
    expect(proof.problems.code).toBe("请填写短信中的 6 位验证码");
    proof.code = "123456";
    expect(proof.check()).toBe(false);
    expect(proof.problems.code).toBe("请先获取验证码");
  });

  it("can still be typed after the dialog was closed and opened again", async () => {
    await prove(form("sign_in"));
    scope.stop();
    scope = effectScope();
    const again = form("sign_in");
    expect(again.sent).toBe(true);
    again.code = "123456";
    expect(again.check()).toBe(true);
    expect(again.given().challenge_id).toBe("ch_1");
  });

  it("is for one form and one number", async () => {
    await prove(form("sign_in"));
    const register = form("register");
    expect(register.sent).toBe(false);
    const proof = form("sign_in");
    await type(proof, OTHER);
    expect(proof.sent).toBe(false);
    await type(proof, PHONE);
    expect(proof.sent).toBe(true);
  });

  it.each([
    [5 * MINUTE_MS - 1000, true],
    [5 * MINUTE_MS, false],
  ])("after %d ms is good: %s", async (ms, good) => {
    const proof = form("sign_in");
    await prove(proof);
    await later(ms);
    expect(proof.sent).toBe(good);
    expect(proof.check()).toBe(good);
  });

  it("that is wrong says how many guesses are left, and what to do after the last", async () => {
    const proof = form("sign_in");
    await prove(proof);
    for (const left of [4, 3, 2, 1]) {
      expect(proof.tell(wrong())).toBe(true);
      expect(proof.problems.code).toBe(`验证码错误或已失效，本验证码还可尝试 ${left} 次`);
      expect(proof.sent).toBe(true);
    }
    proof.tell(wrong());
    await settled();
    expect(proof.problems.code).toBe("验证码错误或已失效，请重新获取验证码");
    expect([proof.sent, proof.code]).toEqual([false, ""]);
    expect(proof.captcha).not.toBeNull();
  });

  it("that came too late is refused with what to do", async () => {
    const proof = form("sign_in");
    await prove(proof);
    await later(5 * MINUTE_MS);
    proof.tell(wrong());
    expect(proof.problems.code).toBe("验证码错误或已失效，请重新获取验证码");
  });
});

describe("too many requests", () => {
  const tooMany = new ApiError(429, "too_many_requests", "操作过于频繁", {}, 1800);

  it("for codes make the button wait", async () => {
    const proof = form("sign_in");
    await type(proof, PHONE);
    proof.answer = "ABCD";
    server.refusal = tooMany;
    expect(await proof.send()).toBe(false);
    expect(proof.wait).toBe(1800);
  });

  it("of wrong guesses keep nobody from having a code sent", async () => {
    const proof = form("sign_in");
    await type(proof, PHONE);
    expect(proof.tell(tooMany)).toBe(false);
    expect(proof.wait).toBe(0);
  });
});

describe("a stage that sends no codes at the moment", () => {
  const paused = new ApiError(503, "codes_paused", "短信验证码发送量已达上限", {}, 1800);

  it("is told, and can be asked again at once", async () => {
    const proof = form("sign_in");
    await type(proof, PHONE);
    proof.answer = "ABCD";
    server.refusal = paused;
    expect(await proof.send()).toBe(false);
    await settled();
    expect(proof.paused).toBe("短信验证码发送量已达上限");
    expect([proof.wait, proof.problems.captcha]).toEqual([0, ""]);
    expect(proof.captcha).not.toBeNull();
    server.refusal = null;
    proof.answer = "ABCD";
    expect(await proof.send()).toBe(true);
    expect(proof.paused).toBe("");
  });
});

describe("a phone that was proven at signing in and is nobody's", () => {
  async function carried(): Promise<Proof> {
    const signing = form("sign_in");
    await prove(signing);
    signing.carry(NOW + 15 * MINUTE_MS);
    await settled();
    scope.stop(); // the dialog is closed
    scope = effectScope();
    server.drawn = [];
    return signing;
  }

  it("is registered by the same code, without a captcha", async () => {
    await carried();
    const register = form("register");
    await settled();
    expect(register.proven).not.toBeNull();
    expect(register.check()).toBe(true);
    expect(register.given()).toEqual({ phone: PHONE, challenge_id: "ch_1", code: "123456" });
    expect(server.drawn).toEqual([]);
  });

  it("signs nobody in by that code any more", async () => {
    const signing = await carried();
    expect([signing.sent, signing.code]).toEqual([false, ""]);
    expect(signing.proven).toBeNull();
    expect(form("link").proven).toBeNull();
  });

  it("is another matter than another number", async () => {
    await carried();
    const register = form("register");
    await type(register, OTHER);
    expect(register.proven).toBeNull();
    expect(server.drawn).toEqual([`register ${OTHER}`]);
    expect(register.problems.code).toBe("");
    await type(register, PHONE);
    expect(register.proven).not.toBeNull();
  });

  it.each([
    [15 * MINUTE_MS - 1000, true],
    [15 * MINUTE_MS, false],
  ])("after %d ms is taken over: %s", async (ms, good) => {
    await carried();
    await later(ms);
    const register = form("register");
    expect(register.proven !== null).toBe(good);
  });

  it("whose time is over while the form is filled in says so and offers another code", async () => {
    await carried();
    const register = form("register");
    await later(15 * MINUTE_MS);
    expect(register.proven).toBeNull();
    expect(register.problems.code).toBe("手机号的验证已过期，请重新获取验证码");
    expect(server.drawn).toEqual([`register ${PHONE}`]);
    await prove(register, "654321");
    expect(register.problems.code).toBe("");
    expect(register.given()).toEqual({ phone: PHONE, challenge_id: "ch_2", code: "654321" });
  });

  it("is proven anew when the server takes the code no more", async () => {
    await carried();
    const register = form("register");
    expect(register.tell(wrong())).toBe(true);
    await settled();
    expect(register.proven).toBeNull();
    expect(register.problems.code).toBe("手机号的验证已过期，请重新获取验证码");
    expect(server.drawn).toEqual([`register ${PHONE}`]);
  });

  it("is proven anew when the person wants so, without a complaint", async () => {
    await carried();
    const register = form("register");
    register.forget();
    await settled();
    expect(register.proven).toBeNull();
    expect(register.problems.code).toBe("");
    expect(server.drawn).toEqual([`register ${PHONE}`]);
  });

  it("has served when it turned out to be taken", async () => {
    await carried();
    const register = form("register");
    register.codeUsed();
    await settled();
    expect(register.proven).toBeNull();
    expect(server.drawn).toEqual([`register ${PHONE}`]);
  });
});
