/** The exam day in a document of happy-dom: the real screens over a fake API, a fake camera and fake time. */
import { createApp, defineComponent, h, nextTick, type App } from "vue";
import { createMemoryHistory, createRouter, RouterView, type Router } from "vue-router";
import { vi } from "vitest";
import type { Schemas } from "@/api/client";

export const NOW = 1_800_000_000_000;
export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
const HEARTBEAT_S = 30;

type Attempt = Schemas["AttemptView"];

interface Refusal {
  status: number;
  code: string;
  message?: string;
  retryAfterS?: number;
}

interface Sent {
  method: string;
  path: string; // below /api
  body: Record<string, unknown>;
}

/** What the screens ask of a camera; it films as long as it is open. */
export class FakeCamera {
  state = "closed";
  stream: MediaStream | null = null;
  calmStream: MediaStream | null = null;
  deviceId = "";
  /** Why it cannot be opened; null: it can. */
  failure: "busy" | "none" | "refused" | null = null;
  private readonly listeners = new Set<(state: string) => void>();

  onState(listener: (state: string) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  async open(): Promise<void> {
    if (this.failure) {
      const { CameraError } = await import("@/lib/camera");
      throw new CameraError(this.failure);
    }
    this.stream = this.calmStream = new MediaStream();
    this.become("live");
  }

  close(): void {
    this.stream = this.calmStream = null;
    this.become("closed");
  }

  async devices(): Promise<[]> {
    return [];
  }

  async grab(): Promise<Blob> {
    return new Blob(["a picture"]);
  }

  async glance(): Promise<null> {
    return null;
  }

  private become(state: string): void {
    this.state = state;
    for (const listener of this.listeners) listener(state);
  }
}

/** The API as far as an exam day needs it. It keeps answers, and refuses what a test wants refused. */
export class FakeServer {
  rules: Partial<Schemas["Rules"]> = {};
  readonly sent: Sent[] = [];
  readonly answers: Record<string, string | string[]> = {};
  attempt: Attempt;
  sections: Schemas["ShownSection"][] = [
    { title: "单选题", questions: [1, 2, 3].map((number) => question(number)), materials: [] },
  ];
  signedIn = true;
  ackedSeq = 0;
  pages = 0;
  private readonly refusals = new Map<string, Refusal>();

  readonly announcements: Schemas["AnnouncementView"][] = [];
  private asked: Schemas["HelpView"] | null = null;
  tickets: Schemas["TicketView"][] = [];
  provisional = true; // the result
  hasPictures = false; // what the admission says
  pictureKey = ""; // what the paper says

  constructor(fields: Partial<Attempt> = {}) {
    const startsAt = NOW + 2 * MINUTE_MS;
    this.attempt = {
      attempt_id: "at_1",
      exam_id: "exam-1",
      kind: "exam",
      sitting: "",
      round: 1,
      status: "opened",
      version: 1,
      next_step: "admission",
      steps: ["notice", "camera", "network"],
      chances: 10,
      chances_left: 9,
      verification: null,
      name: "张三",
      id_number: "14****1234",
      waiting_opens_at: NOW - 28 * MINUTE_MS,
      starts_at: startsAt,
      entry_until: startsAt + 4 * MINUTE_MS,
      start_until: startsAt + 5 * MINUTE_MS,
      allowed_ms: 12 * MINUTE_MS,
      started_at: null,
      deadline: null,
      switches: 0,
      switch_limit: 3,
      coming_back: null,
      submitted_at: null,
      cause: null,
      hotline: "95763",
      server_now: NOW,
      ...fields,
    };
  }

  /** From now on a path that ends like this is refused, until `allow`. */
  refuse(ending: string, refusal: Refusal): void {
    this.refusals.set(ending, refusal);
  }

  /** Takes a refusal back. */
  allow(ending: string): void {
    this.refusals.delete(ending);
  }

  /** The bodies that were sent to a path that ends like this. */
  bodies(ending: string): Record<string, unknown>[] {
    return this.sent.filter(({ path }) => path.endsWith(ending)).map(({ body }) => body);
  }

  /** Stands in the place of `fetch`. */
  readonly fetch = async (request: Request | string): Promise<Response> => {
    if (typeof request === "string") throw new TypeError("no such file"); // what the network check loads
    const path = new URL(request.url).pathname.replace(/^\/api/, "");
    const text = request.method === "GET" ? "" : await request.text();
    const body = (text ? JSON.parse(text) : {}) as Record<string, unknown>;
    this.sent.push({ method: request.method, path, body });
    const refusal = this.refusalOf(path);
    if (!refusal) return Response.json(this.content(path, body));
    const { status, code, message = code, retryAfterS = 0 } = refusal;
    const headers: HeadersInit = retryAfterS ? { "Retry-After": String(retryAfterS) } : {};
    return Response.json({ error: { code, message, details: {} } }, { status, headers });
  };

  private refusalOf(path: string): Refusal | undefined {
    if (!this.signedIn) return { status: 401, code: "not_signed_in", message: "请先登录" };
    return [...this.refusals].find(([ending]) => path.endsWith(ending))?.[1];
  }

  private content(path: string, body: Record<string, unknown>): unknown {
    this.attempt.server_now = Date.now();
    if (path.endsWith("/admission")) return this.admit();
    if (path.endsWith("/heartbeat")) return this.beat(body);
    if (path.endsWith("/absences")) return this.switched();
    if (path.endsWith("/start")) return this.start();
    if (path.endsWith("/paper")) return this.paper();
    if (path.endsWith("/announcements")) return this.announced();
    if (path.endsWith("/announcements/read")) return this.receive(body);
    if (path.endsWith("/help")) return this.help(body);
    if (path.endsWith("/pictures")) return { links: {}, server_now: Date.now() };
    if (path.endsWith("/submission")) return this.submit(body, "candidate");
    if (path.endsWith("/result")) return this.result();
    if (path.startsWith("/exams/")) return detail(this.rules);
    if (path === "/tickets") return body["text"] ? this.ask(body) : { tickets: this.tickets };
    if (path.startsWith("/tickets/")) return this.tickets[0];
    if (path.endsWith("/check-in/notice")) return this.step("camera");
    if (path.includes("/verifications/")) return this.verification();
    return this.attempt; // GET /attempts/{attempt_id}, and the steps of the check-in
  }

  private ask(body: Record<string, unknown>): Schemas["TicketView"] {
    this.tickets.unshift(ticket({ text: String(body["text"]) }));
    return this.tickets[0] as Schemas["TicketView"];
  }

  private verification(): Partial<Schemas["VerificationStatus"]> {
    const { verification, chances_left, next_step } = this.attempt;
    if (!verification) throw new Error("no check runs");
    return { verification, chances_left, next_step };
  }

  private step(next: string): Attempt {
    return Object.assign(this.attempt, { next_step: next });
  }

  private admit(): Schemas["Admitted"] {
    this.pages += 1;
    const { attempt } = this;
    if (attempt.coming_back?.switch) attempt.switches = attempt.coming_back.switch;
    return {
      page_token: "token",
      page: this.pages,
      attempt,
      heartbeat_s: HEARTBEAT_S,
      has_pictures: this.hasPictures,
    };
  }

  private start(): Attempt {
    const now = Date.now();
    return Object.assign(this.attempt, {
      status: "started",
      started_at: now,
      deadline: now + this.attempt.allowed_ms,
    });
  }

  private beat(body: Record<string, unknown>): Schemas["Beat"] {
    this.save(body);
    const { status, version, starts_at, start_until, deadline, switches, switch_limit } =
      this.attempt;
    return {
      ...{ status, version, starts_at, start_until, deadline, switches, switch_limit },
      acked_seq: this.ackedSeq,
      snapshots: [],
      announced: this.announcements.length,
      heartbeat_s: HEARTBEAT_S,
      stamp: "stamp",
      server_now: Date.now(),
    };
  }

  /** Each absence is told once and counts, as far as this server is concerned. */
  private switched(): Schemas["AbsenceView"] {
    const { status, switch_limit } = this.attempt;
    this.attempt.switches = Math.max(1, this.attempt.switches);
    const { switches } = this.attempt;
    const message = `已记第 ${switches} 次切屏`;
    const rest = { acked_seq: this.ackedSeq, stamp: "stamp", server_now: Date.now() };
    return {
      switch: switches,
      kind: "fullscreen",
      switches,
      switch_limit,
      status,
      message,
      ...rest,
    };
  }

  /** An operator announces something: to everybody, or to this person. */
  announce(text: string, personal = false): void {
    const number = this.announcements.filter((one) => one.personal === personal).length + 1;
    this.announcements.push({ number, personal, text, at: Date.now(), read: false });
    if (personal && this.asked) this.asked = { ...this.asked, open: false, answered_at: NOW };
  }

  private announced(): Schemas["Announcements"] {
    const toMe = this.announcements.filter((one) => one.personal).length;
    return {
      announced: this.announcements.length,
      for_all: this.announcements.length - toMe,
      to_me: toMe,
      announcements: this.announcements.map((one) => ({ ...one })),
      help: this.asked,
      server_now: Date.now(),
    };
  }

  private receive(body: Record<string, unknown>): Schemas["ReceiptView"] {
    const { for_all = 0, to_me = 0 } = body as Schemas["ReceiptRequest"];
    for (const one of this.announcements) {
      one.read ||= one.number <= (one.personal ? to_me : for_all);
    }
    return { for_all, to_me, server_now: Date.now() };
  }

  private help(body: Record<string, unknown>): Schemas["HelpView"] {
    const reason = body["reason"] as Schemas["HelpReason"];
    const number = (this.asked?.number ?? 0) + 1;
    this.asked = { number, reason, asked_at: Date.now(), answered_at: null, open: true };
    return this.asked;
  }

  private save(body: Record<string, unknown>): void {
    const batch = body["answers"] as Schemas["BatchRequest"] | null | undefined;
    if (!batch) return;
    Object.assign(this.answers, batch.answers);
    this.ackedSeq = batch.last;
  }

  private paper(): Schemas["PaperView"] {
    return {
      sections: this.sections,
      answers: this.answers,
      acked_seq: this.ackedSeq,
      page: this.pages,
      deadline: this.attempt.deadline,
      picture_key: this.pictureKey,
      server_now: Date.now(),
    };
  }

  /** The attempt is over. */
  submit(body: Record<string, unknown>, cause: Schemas["Cause"]): Schemas["ResultView"] {
    this.save(body);
    Object.assign(this.attempt, { status: "submitted", submitted_at: Date.now(), cause });
    return this.result();
  }

  private result(): Schemas["ResultView"] {
    return {
      attempt_id: this.attempt.attempt_id,
      exam_id: this.attempt.exam_id,
      cause: this.attempt.cause ?? "candidate",
      submitted_at: this.attempt.submitted_at ?? Date.now(),
      outcome: "passed",
      provisional: this.provisional,
      integrity: "clean",
      integrity_rule: null,
      reason: "",
      frames: [],
      switches: [],
      published_at: Date.now(),
      complaint: { case_id: "", open_until: 0 },
      score: { points: 100, total: 100, passing: 60 },
      receipt: { ...this.answers },
      server_now: Date.now(),
    } as unknown as Schemas["ResultView"];
  }
}

/** A question, unless told otherwise with four options of which one is right. */
/** A ticket about the face check of this attempt. */
export function ticket(fields: Partial<Schemas["TicketView"]> = {}): Schemas["TicketView"] {
  return {
    ticket_id: "tk-aaaa-bbbb-cccc",
    exam_id: "exam-1",
    attempt_id: "at_1",
    trouble: "face_check",
    text: "戴眼镜后一直不通过",
    opened_at: NOW,
    state: "open",
    message: "工单已提交，工作人员将尽快处理",
    reason: "",
    decided_at: null,
    settled: false,
    effect: null,
    corrected: false,
    uploads: [],
    hotline: "95763",
    server_now: NOW,
    ...fields,
  };
}

export function question(
  number: number,
  fields: Partial<Schemas["ShownQuestion"]> = {},
): Schemas["ShownQuestion"] {
  const options = ["A", "B", "C", "D"].map((letter) => ({ letter, text: `选项 ${letter}` }));
  const stem = `第 ${number} 道题`;
  return { number, type: "single", stem, options, points: 1, blanks: 0, material: 0, ...fields };
}

function detail(rules: Partial<Schemas["Rules"]>): Schemas["ExamDetail"] {
  return {
    exam: { exam_id: "exam-1", title: "考试", duration_min: 60 },
    notice: "",
    announcements: [],
    rules: {
      switch_min_ms: 1000,
      fullscreen_grace_s: 10,
      recommended_down_mbps: 2,
      recommended_up_mbps: 1,
      liveness: "none",
      switch_limit: 3,
      page_loss_counts: true,
      ...rules,
    },
    sections: [],
    hotline: "95763",
  } as unknown as Schemas["ExamDetail"];
}

/** The page at /attempts/at_1, and what a person does there. */
export class ExamDay {
  readonly root = document.createElement("div");

  private constructor(
    readonly server: FakeServer,
    readonly router: Router,
    private readonly app: App,
    readonly store: typeof import("@/store"),
    readonly camera: FakeCamera,
  ) {}

  /** Opens the page over this server. Time stands still except in `pass`. */
  static async open(server = new FakeServer()): Promise<ExamDay> {
    vi.resetModules();
    vi.useFakeTimers({ now: NOW, toFake: TIMERS });
    vi.stubGlobal("fetch", server.fetch);
    const camera = new FakeCamera();
    vi.doMock("@/lib/camera", async (original) => ({
      ...(await original<typeof import("@/lib/camera")>()),
      Camera: function FakedCamera() {
        return camera;
      },
    }));
    vi.doMock("@/lib/detector", () => ({ loadDetector: async () => null }));
    stubFullscreen();
    const store = await import("@/store");
    store.clock.learn(NOW, performance.now(), performance.now());
    store.beginTicking();
    const { default: Sitting } = await import("@/screens/sitting/Sitting.vue");
    const elsewhere = defineComponent(() => () => h("h1", "elsewhere"));
    const router = createRouter({
      history: createMemoryHistory(),
      routes: [
        { path: "/attempts/:attemptId", component: Sitting, props: true },
        { path: "/:rest(.*)*", component: elsewhere },
      ],
    });
    const app = createApp(RouterView).use(router);
    const day = new ExamDay(server, router, app, store, camera);
    document.body.append(day.root);
    await router.push("/attempts/at_1");
    app.mount(day.root);
    await day.pass(0);
    return day;
  }

  /** Opens it and goes on to the first question. */
  static async inTheExam(server = new FakeServer()): Promise<ExamDay> {
    const day = await ExamDay.open(server);
    await day.press("进入考场");
    await day.passUntil(server.attempt.starts_at);
    await day.press("开始考试");
    return day;
  }

  /** Another page over the same server and browser: what a reload leaves. */
  async reloaded(coming: Partial<Schemas["ComingBack"]> = {}): Promise<ExamDay> {
    this.close();
    const { server } = this;
    const answered = Object.values(server.answers).filter(Boolean).length;
    const { pages: page, ackedSeq: acked_seq } = server;
    const number = server.attempt.switches + 1;
    server.attempt.coming_back = {
      ...{ kind: "counts", switch: number, answered, page, acked_seq },
      ...coming,
    };
    server.attempt.next_step = "admission";
    return ExamDay.open(server);
  }

  /** Ends it and gives time back. */
  close(): void {
    this.app.unmount();
    this.root.remove();
    vi.doUnmock("@/lib/camera");
    vi.doUnmock("@/lib/detector");
    vi.useRealTimers();
    vi.unstubAllGlobals();
  }

  /** Lets time pass, and everything settle that follows from it. */
  async pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
    for (let n = 0; n < SETTLING_TURNS; n += 1) {
      await vi.dynamicImportSettled();
      await vi.advanceTimersByTimeAsync(0);
      await nextTick();
    }
  }

  /** Lets time pass until this moment of the server. */
  async passUntil(moment: number): Promise<void> {
    await this.pass(Math.max(0, moment - Date.now()));
  }

  /** All text of the page. */
  get text(): string {
    return (this.root.textContent ?? "").replace(/\s+/g, " ");
  }

  /** The elements that match. */
  all(selector: string): HTMLElement[] {
    return [...this.root.querySelectorAll<HTMLElement>(selector)];
  }

  /** What is said aloud at once. */
  get alerts(): string[] {
    return this.all('[role="alert"]').map((alert) => alert.textContent ?? "");
  }

  /** The button with this text; undefined when there is none. */
  button(name: string): HTMLButtonElement | undefined {
    const buttons = this.all("button") as HTMLButtonElement[];
    return buttons.find((one) => one.textContent?.trim() === name);
  }

  /** Presses the button with this text. */
  async press(name: string): Promise<void> {
    const button = this.button(name);
    if (!button || button.disabled) throw new Error(`no button ${name} to press in: ${this.text}`);
    button.click();
    await this.pass(0);
  }

  /** Presses a key anywhere on the page. */
  async key(key: string): Promise<void> {
    window.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true }));
    await this.pass(0);
  }

  /** Signs in when asked to. */
  async signIn(): Promise<void> {
    if (!this.store.store.signIn.open) throw new Error("nobody is asked to sign in");
    this.server.signedIn = true;
    this.store.closeSignIn(true);
    await this.pass(0);
  }
}

const TIMERS = [
  "Date",
  "performance",
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
] as const satisfies NonNullable<Parameters<typeof vi.useFakeTimers>[0]>["toFake"];
const SETTLING_TURNS = 20; // promises that follow each other between two timers

function stubFullscreen(): void {
  let full: Element | null = null;
  const become = (element: Element | null) => async (): Promise<void> => {
    full = element;
    document.dispatchEvent(new Event("fullscreenchange"));
  };
  Object.defineProperty(document, "fullscreenElement", { configurable: true, get: () => full });
  document.documentElement.requestFullscreen = become(document.documentElement);
  document.exitFullscreen = become(null);
  document.hasFocus = () => true;
}
