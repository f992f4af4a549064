/** 身份核验: from the photo to the verdict, with a turn of the head where the exam wants one. */
import { computed, onMounted, onUnmounted, ref, shallowRef, watch } from "vue";
import { ApiError, messageOf, type Schemas } from "@/api/client";
import type { Side } from "@/lib/turn";
import { checkRuns } from "@/screens/check-in/steps";
import type { Sitting } from "@/sitting/sitting";
import { asSignedIn, store } from "@/store";

const SLOW_MS = 5000;
const TO_UPLOAD_MS = 3000; // before the ticket of the second picture expires

type Verification = Schemas["VerificationView"];

/** `aim`: the camera; `review`: the photo; `turn`: the turn of the head; `told`: a verdict that is not a pass. */
type Stage = "aim" | "review" | "turn" | "checking" | "told";

export function useFaceCheck(sitting: Sitting, attempt: () => Schemas["AttemptView"]) {
  const stage = ref<Stage>("aim");
  const shot = shallowRef<Blob | null>(null);
  const link = ref(""); // blob address of the photo
  const verdict = ref<Verification | null>(null);
  const problem = ref("");
  const passing = ref(false); // whether the same try may succeed a little later
  const waitUntil = ref(0); // server time
  const since = ref(0); // server time

  const side = ref<Side>("left"); // to turn to
  const turnUntil = ref(0); // server time
  let turned: (picture: Blob | null) => void = () => undefined;

  const slow = computed(() => store.now - since.value > SLOW_MS);
  const waiting = computed(() => store.now < waitUntil.value);

  onMounted(() => {
    if (checkRuns(attempt())) void follow(verdictOfRunning);
  });
  onUnmounted(() => {
    forgetShot();
    turned(null);
  });

  function forgetShot(): void {
    if (link.value) URL.revokeObjectURL(link.value);
    link.value = "";
    shot.value = null;
  }

  /** The camera has taken a photo: it is shown before it is used. */
  function take(picture: Blob): void {
    forgetShot();
    shot.value = picture;
    link.value = URL.createObjectURL(picture);
    stage.value = "review";
  }

  /** Returns to the camera. */
  function retake(): void {
    forgetShot();
    problem.value = "";
    stage.value = "aim";
  }

  /** 开始核验: starts the check with the photo. */
  function check(): void {
    const picture = shot.value;
    if (picture) void follow(() => sitting.verify(picture, askTurn));
  }

  /** Shows to which side to turn, until the picture of it is taken or the time for it is over. */
  function askTurn(asked: Side, until: number): Promise<Blob | null> {
    side.value = asked;
    turnUntil.value = until - TO_UPLOAD_MS;
    stage.value = "turn";
    return new Promise((resolve) => (turned = resolve));
  }

  /** Called with the picture of the turn; null when it was not taken in time. */
  function endTurn(picture: Blob | null): void {
    stage.value = "checking";
    since.value = store.now;
    turned(picture);
  }

  watch(
    () => stage.value === "turn" && store.now >= turnUntil.value,
    (over) => over && endTurn(null),
  );

  function verdictOfRunning(): Promise<Verification> {
    return asSignedIn(() => sitting.awaitVerdict());
  }

  /** Follows a running check that this page did not start, or whose picture never arrived. */
  async function verdictOfAnother(): Promise<Verification> {
    await sitting.reload();
    return verdictOfRunning();
  }

  /** Waits for the verdict of a check. After a pass the next step is shown. */
  async function follow(checking: () => Promise<Verification>): Promise<void> {
    stage.value = "checking";
    since.value = store.now;
    problem.value = "";
    try {
      verdict.value = await checking();
      if (verdict.value.state !== "passed") showVerdict();
      else if (attempt().next_step === "verification") retake(); // a pass of an older check-in
    } catch (error) {
      await explain(error);
    }
  }

  function showVerdict(): void {
    forgetShot();
    stage.value = "told";
  }

  /** Shows why there is no verdict, and returns to the step at which the candidate can try again. */
  async function explain(error: unknown): Promise<void> {
    const code = error instanceof ApiError ? error.code : "";
    if (code === "verification_pending") return follow(verdictOfAnother);
    stage.value = shot.value ? "review" : "aim";
    if (error instanceof ApiError && code === "wait_before_retry") {
      waitUntil.value = store.now + (error.retryAfterS ?? 0) * 1000;
      return;
    }
    problem.value = messageOf(error);
    passing.value = error instanceof ApiError && error.passing;
    const signedOut = error instanceof ApiError && error.status === 401; // the candidate did not sign in when asked
    // Another step may be due now, which the server knows.
    if (!passing.value && !signedOut) await sitting.reload().catch(() => undefined);
  }

  return {
    stage,
    link,
    verdict,
    problem,
    passing,
    waitUntil,
    waiting,
    slow,
    side,
    turnUntil,
    take,
    retake,
    check,
    endTurn,
  };
}
