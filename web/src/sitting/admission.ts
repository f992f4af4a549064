/** The admission: the state of the attempt, 考前确认 step by step, 进入考场, and the paper. */
import { ApiError, messageOf, upload, type Schemas } from "@/api/client";
import { newRequestId } from "@/lib/ids";
import { Pauses, poll } from "@/lib/poll";
import type { Speeds } from "@/lib/speed";
import { holdTab } from "@/lib/tab";
import type { AttemptApi } from "@/sitting/attempt-api";
import { stateOfPage, type SittingState } from "@/sitting/state";
import { asSignedIn } from "@/store";

const FIRST_MS = 1000; // a verdict takes a few seconds
const MOST_MS = 5000;

/** Returns the picture of the head turned to this side; null when there is none until the given server time. */
export type AskTurn = (side: Schemas["Turn"], until: number) => Promise<Blob | null>;

export interface AdmissionSteps {
  /** The attempt as the server has it, before any page was admitted here. */
  readBefore: (attempt: Schemas["AttemptView"]) => void;
  /** The exam runs already: somebody comes back to it, and no page is admitted here. */
  comingBack: (coming: Schemas["ComingBack"]) => Promise<void>;
  /** A page was admitted. */
  admitted: (admitted: Schemas["Admitted"]) => Promise<void>;
  /** The paper is there; full screen holds. */
  begun: (paper: Schemas["PaperView"]) => Promise<void>;
  /** The attempt is closed already. */
  submitted: () => Promise<void>;
  /** The admitted page is over. */
  pageOver: () => void;
}

/** `left` is aborted when the exam day is left. */
export function useAdmission(
  state: SittingState,
  api: AttemptApi,
  attemptId: string,
  left: AbortSignal,
  steps: AdmissionSteps,
) {
  const requests = new Map<string, string>(); // command → id, until the command has succeeded
  let releaseTab: (() => void) | null = null;

  /** Reads the state of the attempt and sets the stage. */
  async function load(): Promise<void> {
    state.stage = "loading";
    try {
      await read();
      if (known().status !== "submitted") await claim();
      if (left.aborted) return;
      await show();
      state.detail = await api.examDetail(known().exam_id);
    } catch (error) {
      state.problem = messageOf(error);
      state.stage = "failed";
    }
  }

  /** Reads the attempt again and sets the stage by its state. Throws `ApiError`. */
  async function reload(): Promise<void> {
    await read();
    await show();
  }

  async function read(): Promise<void> {
    take(await asSignedIn(() => api.read()));
  }

  async function show(): Promise<void> {
    if (known().status === "submitted") await steps.submitted();
    else if (!api.pageToken) {
      const { coming_back } = known();
      if (coming_back && state.stage !== "check-in") await steps.comingBack(coming_back);
      state.stage = "check-in";
    }
  }

  /** Claims the attempt for this tab. Waits as long as another tab has it, and then reads what that tab has done. */
  async function claim(): Promise<void> {
    const taken = (): void => void (state.stage = "blocked");
    releaseTab ??= await holdTab(attemptId, { taken, left });
    if (state.stage !== "blocked" || left.aborted) return;
    state.stage = "loading";
    await read();
  }

  /** 考试须知. Throws `ApiError`. */
  async function agree(): Promise<void> {
    take(await api.notice(requestId("notice")));
    requests.delete("notice");
  }

  /** 设备检测. Throws `ApiError`. */
  async function cameraChecked(backgroundFaces: number): Promise<void> {
    take(await api.cameraStep(backgroundFaces));
  }

  /** 网络环境检测. Throws `ApiError`. */
  async function networkChecked(speeds: Speeds): Promise<void> {
    take(await api.networkStep(speeds));
  }

  /**
   * 开始核验: reserves a chance, uploads the picture, and where the exam wants a turn of the head a second one, waits
   * for the verdict. Throws `ApiError`.
   */
  async function verify(picture: Blob, askTurn: AskTurn): Promise<Schemas["VerificationView"]> {
    const reserved = await reserve();
    const { verification, chances_left } = reserved;
    state.attempt = { ...known(), verification, chances_left };
    // An upload that fails is tried again with the same request, and so with the same chance.
    if (reserved.upload) await upload(reserved.upload, picture);
    const { turn, upload_until } = verification;
    if (turn && reserved.turn_upload) {
      const turned = await askTurn(turn, upload_until);
      if (turned) await upload(reserved.turn_upload, turned);
    }
    requests.delete("verification");
    return awaitVerdict();
  }

  async function reserve(): Promise<Schemas["ReservedVerification"]> {
    try {
      return await asSignedIn(() => api.reserveVerification(requestId("verification")));
    } catch (error) {
      if (error instanceof ApiError && !error.passing) requests.delete("verification");
      throw error;
    }
  }

  /** Waits for the verdict of the newest check. Throws `ApiError` when it cannot be asked for. */
  async function awaitVerdict(): Promise<Schemas["VerificationView"]> {
    const id = known().verification?.verification_id ?? "";
    let verdict = await settledVerification(id);
    let failure: unknown = null;
    const ask = async (): Promise<boolean> => {
      try {
        verdict = await settledVerification(id);
      } catch (error) {
        failure = error;
      }
      return verdict === null && failure === null;
    };
    if (!verdict) await poll(ask, new Pauses(FIRST_MS, MOST_MS, 1.2), left);
    if (failure) throw failure;
    if (!verdict) throw new ApiError(0, "closed", "");
    await reload();
    return verdict;
  }

  /** Returns the check with its verdict; null while there is none or the server cannot answer. Throws `ApiError`. */
  async function settledVerification(id: string): Promise<Schemas["VerificationView"] | null> {
    try {
      const { verification } = await api.verification(id);
      return ["pending", "judging"].includes(verification.state) ? null : verification;
    } catch (error) {
      if (error instanceof ApiError && error.passing) return null;
      throw error;
    }
  }

  /** 进入考场: uses up the passed check. Throws `ApiError`. */
  async function enter(): Promise<void> {
    let admitted: Schemas["Admitted"];
    try {
      admitted = await asSignedIn(() => api.admission(requestId("admission")));
    } catch (error) {
      if (error instanceof ApiError && error.code === "attempt_submitted") await steps.submitted();
      // An operator may have taken an admission back: the server knows which step is due.
      if (error instanceof ApiError && error.code === "wrong_step") await reload();
      throw error;
    }
    requests.delete("admission");
    api.pageToken = admitted.page_token;
    await steps.admitted(admitted);
    state.stage = admitted.attempt.status === "started" ? "exam" : "waiting";
  }

  /** Starts the candidate's time (or continues) and shows the paper. Needs full screen. Throws `ApiError`. */
  async function begin(): Promise<void> {
    if (known().status === "opened") take(await asSignedIn(() => api.start()));
    const paper = await asSignedIn(() => api.paper());
    await steps.begun(paper);
  }

  /** Another page was admitted, and the candidate wants to go on here: a new check-in. */
  async function again(): Promise<void> {
    forgetPage();
    await load();
  }

  /** Called when the server does not accept the admitted page any more: reads the attempt again. */
  async function pageRefused(error: ApiError): Promise<void> {
    forgetPage();
    state.problem = error.message;
    await reload().catch(() => (state.stage = "failed"));
  }

  function forgetPage(): void {
    steps.pageOver();
    api.pageToken = "";
    Object.assign(state, stateOfPage());
  }

  /** Takes an attempt as the server has it now. */
  function take(attempt: Schemas["AttemptView"]): void {
    state.attempt = attempt;
    state.deadline = attempt.deadline ?? null;
    state.switches = attempt.switches;
    state.switchLimit = attempt.switch_limit;
    if (!api.pageToken) steps.readBefore(attempt);
  }

  function known(): Schemas["AttemptView"] {
    if (!state.attempt) throw new Error("the attempt is not loaded");
    return state.attempt;
  }

  /** Returns an id that stays the same until its command has succeeded, so the server recognises a repeat. */
  function requestId(command: string): string {
    const id = requests.get(command) ?? newRequestId();
    requests.set(command, id);
    return id;
  }

  /** Gives the attempt back to other tabs. */
  function leave(): void {
    releaseTab?.();
    releaseTab = null;
  }

  return {
    load,
    reload,
    agree,
    cameraChecked,
    networkChecked,
    verify,
    awaitVerdict,
    enter,
    begin,
    again,
    pageRefused,
    take,
    leave,
  };
}
