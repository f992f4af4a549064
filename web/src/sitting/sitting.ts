/**
 * One candidate's exam day in this tab: everything that outlives a screen. The page token lives in here, in
 * memory only, so that a reload means checking in again.
 */
import { reactive, readonly } from "vue";
import { ApiError, api, content, messageOf, upload, type Schemas } from "@/api/client";
import { AbsenceMachine, watchPage, type AbsenceReport } from "@/lib/absences";
import { Camera, type CameraState } from "@/lib/camera";
import { forgetOutbox, openOutbox, type Batch, type Outbox } from "@/lib/outbox";
import type { Speeds } from "@/lib/speed";
import { holdTab } from "@/lib/tab";
import { Exchange, type AbsenceView, type Beat } from "@/sitting/exchange";
import { Frames } from "@/sitting/frames";
import { askToSignIn, clock } from "@/store";

type Attempt = Schemas["AttemptView"];
type Verification = Schemas["VerificationView"];
type Result = Schemas["ResultView"];
/** Gets the picture of the head turned to this side; null when it did not come until then (server time). */
type AskTurn = (side: Schemas["Turn"], until: number) => Promise<Blob | null>;

/** `blocked`: another tab of this browser has the attempt; `superseded`: another page was admitted. */
export type Stage =
  "loading" | "failed" | "blocked" | "check-in" | "waiting" | "exam" | "submitted" | "superseded";

const POLL_MS = 1000;
const RESULT_POLL_MS = 2000;
const ASK_AGAIN_MS = 30_000; // who closes the sign-in dialog may go on answering; it is kept here
const LAST_FRAMES_BEATS = 12; // after the submission: tickets of the last minutes
const LAST_FRAMES_MS = 5000;

interface State {
  stage: Stage;
  problem: string;
  attempt: Attempt | null;
  detail: Schemas["ExamDetail"] | null;
  paper: readonly Schemas["ShownSection"][] | null;
  deadline: number | null;
  switches: number;
  switchLimit: number;
  /** What the last counted absence meant; until the candidate has read it. */
  switchTold: AbsenceView | null;
  /** A sentence about a short absence. */
  remark: string;
  connected: boolean;
  /** Grows with each change of answers, marks and acknowledgements. */
  revision: number;
  fullscreenLost: boolean;
  /** Monotonic ms until which full screen has to be back. */
  graceEndsAt: number | null;
  camera: CameraState;
  submitting: boolean;
  timeIsUp: boolean;
  result: Result | null;
}

export class Sitting {
  private readonly inner = reactive<State>({
    stage: "loading",
    problem: "",
    attempt: null,
    detail: null,
    paper: null,
    deadline: null,
    switches: 0,
    switchLimit: 3,
    switchTold: null,
    remark: "",
    connected: true,
    revision: 0,
    fullscreenLost: false,
    graceEndsAt: null,
    camera: "closed",
    submitting: false,
    timeIsUp: false,
    result: null,
  });
  readonly state = readonly(this.inner);
  readonly camera = new Camera();
  private readonly frames = new Frames(this.camera, () => clock.now());
  private readonly requests = new Map<string, string>();
  private outbox: Outbox | null = null;
  private exchange: Exchange | null = null;
  private machine: AbsenceMachine | null = null;
  private unwatch: () => void = () => undefined;
  private release: (() => void) | null = null;
  private token = "";
  private stamp = ""; // of the newest answer: brought back, it tells the server how long this page was silent
  private closed = false;
  private lastTold = 0; // the newest switch that the candidate was told of

  constructor(readonly attemptId: string) {
    this.camera.onState((state) => (this.inner.camera = state));
    window.addEventListener("online", this.online);
  }

  get attempt(): Attempt | null {
    return this.state.attempt as Attempt | null;
  }

  // --- the way in -------------------------------------------------------------------------------------------

  /** Finds out where the attempt stands. */
  async load(): Promise<void> {
    this.inner.stage = "loading";
    this.release ??= await holdTab(this.attemptId);
    if (!this.release) {
      this.inner.stage = "blocked";
      return;
    }
    try {
      await this.reload();
      const path = { exam_id: this.known().exam_id };
      this.inner.detail = await content(api.GET("/exams/{exam_id}", { params: { path } }));
    } catch (error) {
      this.inner.problem = messageOf(error);
      this.inner.stage = "failed";
    }
  }

  /** Reads the attempt anew; what happened meanwhile decides the stage. Throws `ApiError`. */
  async reload(): Promise<void> {
    const attempt = await this.signedIn(() =>
      content(api.GET("/attempts/{attempt_id}", { params: this.params })),
    );
    this.take(attempt);
    if (attempt.status === "submitted") await this.finish();
    else if (!this.token) this.inner.stage = "check-in";
  }

  /** 考试须知: begins a check-in, with the consent to the use of face data. Throws `ApiError`. */
  async agree(): Promise<void> {
    const body = {
      request_id: this.requestId("notice"),
      agreements: ["identity-authorization"],
    };
    await this.step(
      content(api.POST("/attempts/{attempt_id}/check-in/notice", { params: this.params, body })),
    );
    this.requests.delete("notice");
  }

  /** 设备检测. Throws `ApiError`. */
  async cameraChecked(backgroundFaces: number): Promise<void> {
    const body = { camera_on: true, background_faces: backgroundFaces };
    await this.step(
      content(api.POST("/attempts/{attempt_id}/check-in/camera", { params: this.params, body })),
    );
  }

  /** 网络环境检测. Throws `ApiError`. */
  async networkChecked(speeds: Speeds): Promise<void> {
    const body = {
      down_mbps: speeds.downMbps,
      up_mbps: speeds.upMbps,
      latency_ms: speeds.latencyMs,
    };
    await this.step(
      content(api.POST("/attempts/{attempt_id}/check-in/network", { params: this.params, body })),
    );
  }

  /**
   * 开始核验: reserves a chance, uploads the picture, and where the exam wants a turn of the head a second one, waits
   * for the verdict. Throws `ApiError`.
   */
  async verify(picture: Blob, askTurn: AskTurn): Promise<Verification> {
    const body = { request_id: this.requestId("verification") };
    const reserved = await this.signedIn(() =>
      content(api.POST("/attempts/{attempt_id}/verifications", { params: this.params, body })),
    ).catch((error: unknown) => {
      if (error instanceof ApiError && !error.passing) this.requests.delete("verification");
      throw error;
    });
    this.inner.attempt = {
      ...this.known(),
      verification: reserved.verification,
      chances_left: reserved.chances_left,
    };
    // An upload that fails is tried again with the same request, and so with the same chance.
    if (reserved.upload) await upload(reserved.upload, picture);
    const { turn, upload_until } = reserved.verification;
    if (turn && reserved.turn_upload) {
      const turned = await askTurn(turn, upload_until);
      if (turned) await upload(reserved.turn_upload, turned);
    }
    this.requests.delete("verification");
    return this.awaitVerdict();
  }

  /** Waits for the verdict of the newest check. Throws `ApiError` when it cannot be asked for. */
  async awaitVerdict(): Promise<Verification> {
    const id = this.known().verification?.verification_id ?? "";
    const path = { attempt_id: this.attemptId, verification_id: id };
    const ask = (): Promise<Schemas["VerificationStatus"]> =>
      content(
        api.GET("/attempts/{attempt_id}/verifications/{verification_id}", { params: { path } }),
      );
    while (!this.closed) {
      const told = await ask().catch((error: unknown) => {
        if (error instanceof ApiError && error.passing) return null; // the verdict will be there
        throw error;
      });
      const state = told?.verification.state;
      if (told && state !== "pending" && state !== "judging") {
        await this.reload();
        return told.verification;
      }
      await pause(POLL_MS);
    }
    throw new ApiError(0, "closed", "");
  }

  /** 进入考场: uses the passed check up. Throws `ApiError`. */
  async enter(): Promise<void> {
    const body = { request_id: this.requestId("admission") };
    const admitted = await this.signedIn(() =>
      content(api.POST("/attempts/{attempt_id}/admission", { params: this.params, body })),
    ).catch(async (error: unknown) => {
      if (error instanceof ApiError && error.code === "attempt_submitted") await this.finish();
      throw error;
    });
    this.requests.delete("admission");
    this.token = admitted.page_token;
    this.outbox = await openOutbox(this.attemptId);
    await this.outbox.onPage(admitted.page);
    this.take(admitted.attempt);
    this.exchange = this.newExchange();
    this.exchange.start(admitted.heartbeat_s);
    this.inner.stage = admitted.attempt.status === "started" ? "exam" : "waiting";
  }

  // --- the exam ---------------------------------------------------------------------------------------------

  /** Starts the own clock (or goes on) and fetches the paper; full screen has to hold. Throws `ApiError`. */
  async begin(): Promise<void> {
    if (this.known().status === "opened") {
      const start = () => api.POST("/attempts/{attempt_id}/start", { params: this.onPage });
      this.take(await this.signedIn(() => content(start())));
    }
    const read = () => api.GET("/attempts/{attempt_id}/paper", { params: this.onPage });
    const paper = await this.signedIn(() => content(read()));
    await this.outbox?.adopt(paper.acked_seq, paper.answers);
    this.inner.deadline = paper.deadline ?? null;
    this.inner.paper = paper.sections;
    this.inner.stage = "exam";
    this.watch();
    this.frames.start();
    this.exchange?.now();
  }

  letters(question: number): string {
    return this.outbox?.letters(question) ?? "";
  }

  saved(question: number): boolean {
    return this.outbox?.state(question) !== "unsaved";
  }

  marked(question: number): boolean {
    return this.outbox?.marked(question) ?? false;
  }

  /** Chooses an answer ("" clears it): on this computer at once, at the server within two seconds. */
  answer(question: number, letters: string): void {
    if (this.inner.submitting || !this.outbox) return;
    void this.outbox.answer(question, letters);
    this.inner.revision += 1;
    this.exchange?.answered();
  }

  /** Marks a question to be looked at again. */
  mark(question: number): void {
    if (!this.outbox) return;
    void this.outbox.mark(question, !this.outbox.marked(question));
    this.inner.revision += 1;
  }

  /** The candidate has read what was told about an absence. */
  read(): void {
    this.inner.switchTold = null;
    this.inner.remark = "";
  }

  /** 提交试卷, or the time is over: tries until the server has closed the attempt. Throws `ApiError`. */
  async submit(): Promise<void> {
    if (this.inner.submitting || this.inner.stage !== "exam") return;
    this.inner.submitting = true;
    try {
      await this.exchange?.flush();
      await this.finish(await this.signedIn(() => this.handIn()));
    } catch (error) {
      if (error instanceof ApiError && ENDED.has(error.code)) await this.finish();
      else throw error;
    } finally {
      this.inner.submitting = false;
    }
  }

  private handIn(): Promise<Result> {
    const body = { answers: this.outbox?.pendingBatch() ?? null, stamp: this.stamp };
    return content(api.POST("/attempts/{attempt_id}/submission", { params: this.onPage, body }));
  }

  /**
   * The time is over by this page's clock. The page brings what is unsent and waits for the server, which closes
   * the attempt by its own clock, or tells of more time.
   */
  async runOut(): Promise<void> {
    while (this.over) {
      await this.exchange?.flush();
      await this.reload().catch(() => (this.inner.timeIsUp = true));
      if (this.over) await pause(POLL_MS);
    }
    this.inner.timeIsUp = false;
  }

  private get over(): boolean {
    const deadline = this.inner.deadline ?? Infinity;
    return !this.closed && this.inner.stage === "exam" && clock.now() >= deadline;
  }

  /** Another page was admitted, and the candidate wants to go on here: a new check-in. */
  async again(): Promise<void> {
    this.forgetPage();
    await this.load();
  }

  /** Leaves: the camera goes off, nothing is sent any more. */
  close(): void {
    this.closed = true;
    window.removeEventListener("online", this.online);
    this.stopExam();
    this.release?.();
    this.release = null;
  }

  // --- inside -----------------------------------------------------------------------------------------------

  private get params(): { path: { attempt_id: string } } {
    return { path: { attempt_id: this.attemptId } };
  }

  private get onPage(): {
    path: { attempt_id: string };
    header: { "Page-Token": string };
  } {
    return { ...this.params, header: { "Page-Token": this.token } };
  }

  private known(): Attempt {
    if (!this.inner.attempt) throw new Error("the attempt is not loaded");
    return this.inner.attempt as Attempt;
  }

  private take(attempt: Attempt): void {
    this.inner.attempt = attempt;
    this.inner.deadline = attempt.deadline ?? null;
    this.inner.switches = attempt.switches;
    this.lastTold = Math.max(this.lastTold, this.token ? 0 : attempt.switches);
    this.inner.switchLimit = attempt.switch_limit;
  }

  private async step(call: Promise<Attempt>): Promise<void> {
    this.take(await call);
  }

  /** An id that stays the same until its command has succeeded, so that a repeat is known. */
  private requestId(command: string): string {
    const known = this.requests.get(command) ?? randomId();
    this.requests.set(command, known);
    return known;
  }

  /** Does it; if nobody is signed in any more, asks for it and does it again. */
  private async signedIn<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      if (!(await askToSignIn(error.message))) throw error;
      return call();
    }
  }

  private newExchange(): Exchange {
    const outbox = this.outbox as Outbox;
    return new Exchange({
      unsent: outbox,
      line: { beat: (answers) => this.beat(answers), absences: (r, a) => this.report(r, a) },
      later: (run, ms) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
      random: Math.random,
      heard: (beat) => this.heard(beat),
      told: (view) => this.told(view),
      connected: (yes) => this.setConnected(yes),
      refused: (error) => void this.refused(error),
      changed: () => (this.inner.revision += 1),
    });
  }

  private async beat(answers: Batch | null): Promise<Beat> {
    const sentAt = clock.tick();
    const body = { answers, absences: [], stamp: this.stamp };
    const beat = await content(
      api.POST("/attempts/{attempt_id}/heartbeat", {
        params: this.onPage,
        body,
      }),
    );
    clock.learn(beat.server_now, sentAt, clock.tick());
    this.stamp = beat.stamp;
    return beat;
  }

  private async report(reports: AbsenceReport[], answers: Batch | null): Promise<AbsenceView> {
    const absences = reports.map(({ seq, kind, awayMs, ended }) => ({
      absence_seq: seq,
      kind,
      away_ms: awayMs,
      ended,
    }));
    const body = { absences, answers, stamp: this.stamp };
    const view = await content(
      api.POST("/attempts/{attempt_id}/absences", {
        params: this.onPage,
        body,
        keepalive: true, // the page may be on its way out
      }),
    );
    this.stamp = view.stamp;
    return view;
  }

  private heard(beat: Beat): void {
    const attempt = this.known();
    const { starts_at, start_until, version } = beat;
    this.inner.attempt = { ...attempt, starts_at, start_until, version };
    this.inner.deadline = beat.deadline ?? this.inner.deadline; // a beat from before the start knows none
    this.inner.switches = beat.switches;
    void this.frames.deliver(beat.snapshots);
    if (beat.status === "submitted") void this.finish();
  }

  private told(view: AbsenceView): void {
    this.inner.switches = view.switches;
    const number = view.switch ?? null;
    if (number === null) this.inner.remark = view.message;
    else if (number > this.lastTold) this.inner.switchTold = view;
    this.lastTold = Math.max(this.lastTold, number ?? 0);
    if (view.status === "submitted") void this.finish();
  }

  private setConnected(yes: boolean): void {
    if (yes) this.frames.heard();
    else this.frames.unheard();
    this.inner.connected = yes;
  }

  private readonly online = (): void => this.exchange?.now();

  /** The server has said no for good. */
  private async refused(error: ApiError): Promise<void> {
    if (ENDED.has(error.code)) return this.finish();
    if (error.code === "superseded") {
      this.stopExam();
      this.inner.stage = "superseded";
      await leaveFullscreen();
    } else if (error.status === 401) {
      this.setConnected(false);
      if (!(await askToSignIn(error.message))) await pause(ASK_AGAIN_MS);
      this.exchange?.start(this.known().status === "started" ? 30 : 60);
    } else if (error.code === "answers_missing") {
      const acked = Number(error.details["acked_seq"]);
      await this.outbox?.adopt(acked, this.answers());
      this.exchange?.start(30);
    } else {
      this.forgetPage();
      this.inner.problem = error.message;
      await this.reload().catch(() => (this.inner.stage = "failed"));
    }
  }

  /** All answers as this page shows them. */
  private answers(): Record<string, string> {
    const numbers = this.inner.paper?.flatMap((part) => part.questions.map((q) => q.number)) ?? [];
    return Object.fromEntries(numbers.map((n) => [String(n), this.letters(n)]));
  }

  private watch(): void {
    if (this.machine) return;
    const rules = this.inner.detail?.rules;
    this.machine = new AbsenceMachine({
      minMs: rules?.switch_min_ms ?? 1000,
      fullscreenGraceMs: (rules?.fullscreen_grace_s ?? 10) * 1000,
      clock: () => performance.now(),
      schedule: (run, ms) => setTimeout(run, ms),
      cancel: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
      report: (report) => {
        void this.outbox?.addAbsence(report);
        this.exchange?.now();
      },
      onFullscreenGrace: (endsAt) => (this.inner.graceEndsAt = endsAt),
      onFullscreenLost: (lost) => (this.inner.fullscreenLost = lost),
    });
    this.unwatch = watchPage(this.machine);
    if (!document.fullscreenElement) this.machine.fullscreenLost(); // left while the paper was on its way
  }

  /** What belonged to an admission that is over. */
  private forgetPage(): void {
    this.stopExam();
    this.outbox?.close();
    this.outbox = null;
    this.exchange = null;
    this.machine = null;
    this.token = "";
    Object.assign(this.inner, {
      paper: null,
      switchTold: null,
      remark: "",
      fullscreenLost: false,
      graceEndsAt: null,
      connected: true,
      timeIsUp: false,
    });
  }

  private stopExam(): void {
    this.machine?.suspend();
    this.unwatch();
    this.exchange?.stop();
    this.frames.stop();
    this.camera.close();
  }

  /** The attempt is submitted: the camera goes off, frames that are still asked for are delivered. */
  private async finish(result: Result | null = null): Promise<void> {
    if (this.inner.stage === "submitted" && this.inner.result) return;
    this.stopExam();
    this.inner.stage = "submitted";
    if (this.token) void this.deliverLastFrames();
    this.inner.result = result;
    this.outbox?.close();
    void forgetOutbox(this.attemptId); // whoever opened it, in this browser nothing stays
    await leaveFullscreen();
    if (!result) await this.fetchResult();
  }

  /** Asks for the result until it is there. */
  async fetchResult(): Promise<void> {
    while (!this.closed) {
      try {
        this.inner.problem = "";
        this.inner.result = await this.signedIn(() =>
          content(api.GET("/attempts/{attempt_id}/result", { params: this.params })),
        );
        return;
      } catch (error) {
        this.inner.problem = messageOf(error);
        if (!(error instanceof ApiError) || !error.passing) return;
        await pause(RESULT_POLL_MS);
      }
    }
  }

  private async deliverLastFrames(): Promise<void> {
    for (let n = 0; n < LAST_FRAMES_BEATS && !this.closed; n += 1) {
      const beat = await this.beat(null).catch(() => null);
      await this.frames.deliver(beat?.snapshots ?? []);
      if (beat && beat.snapshots.length === 0) break;
      await pause(LAST_FRAMES_MS);
    }
    this.frames.clear();
  }
}

/** Refusals that mean: it is over, look at the result. */
const ENDED = new Set(["attempt_submitted", "time_is_up"]);

async function leaveFullscreen(): Promise<void> {
  if (document.fullscreenElement) await document.exitFullscreen().catch(() => undefined);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
