/** Uploads an ID photo and waits for the server's result. */
import { computed, onUnmounted, reactive, ref, shallowRef, watch } from "vue";
import { ApiError, api, content, messageOf, upload } from "@/api/client";
import { lookAtIdPhoto } from "@/lib/picture-file";
import { asSignedIn, loadMe, store } from "@/store";
import { photoTexts } from "#texts/identity";

const QUICK_MS = 1000;
const CALM_MS = 4000;
const QUICK_POLLS = 15;
const SLOW_AFTER = 20; // polls; after them the page says that it takes long
const MOST_POLLS = 120;

type Stage = "idle" | "looking" | "uploading" | "waiting" | "slow";

/**
 * `file` is the one that is sent, until it was accepted; `preview` its blob address. `cutting` is a chosen file that
 * the person cuts to the shape of an ID photo first.
 */
export function useIdPhoto() {
  const file = ref<File | null>(null);
  const cutting = shallowRef<File | null>(null);
  const original = shallowRef<File | null>(null); // as it was chosen
  const preview = ref("");
  const problem = ref("");
  const retry = ref(false); // whether the same file may succeed later
  const stage = ref<Stage>("idle");
  const state = computed(() => store.me?.id_photo.state ?? "none");
  let timer: ReturnType<typeof setTimeout> | undefined;
  let newest = 0;
  let polls = 0;

  async function choose(chosen: File): Promise<void> {
    newest += 1;
    const mine = newest;
    clearTimeout(timer);
    stage.value = "looking";
    retry.value = false;
    problem.value = "";
    show(null);
    original.value = null;
    const { reason, cut } = await lookAtIdPhoto(chosen);
    if (mine !== newest) return;
    stage.value = "idle";
    problem.value = reason;
    if (reason) return;
    original.value = chosen;
    if (cut) cutting.value = chosen;
    else await use(chosen);
  }

  /** Sends a photo as it is. */
  async function use(photo: File): Promise<void> {
    newest += 1;
    clearTimeout(timer);
    cutting.value = null;
    show(photo);
    await send();
  }

  /** Opens the chosen photo to be cut or turned, once more. */
  function adjust(): void {
    cutting.value = original.value;
  }

  function stopCutting(): void {
    cutting.value = null;
  }

  function show(chosen: File | null): void {
    if (preview.value) URL.revokeObjectURL(preview.value);
    file.value = chosen;
    preview.value = chosen ? URL.createObjectURL(chosen) : "";
  }

  async function send(): Promise<void> {
    const mine = newest;
    const chosen = file.value;
    if (!chosen) return;
    problem.value = "";
    retry.value = false;
    stage.value = "uploading";
    try {
      const ticket = await asSignedIn(() => content(api.POST("/me/id-photo")));
      await upload(ticket, chosen);
      if (mine === newest) follow();
    } catch (error) {
      if (mine !== newest) return;
      stage.value = "idle";
      problem.value = messageOf(error);
      retry.value = error instanceof ApiError && (error.passing || error.code === "upload_refused");
    }
  }

  function follow(): void {
    stage.value = "waiting";
    polls = 0;
    void poll(newest);
  }

  async function poll(mine: number): Promise<void> {
    await loadMe().catch(() => undefined); // offline: ask again
    if (mine !== newest) return;
    polls += 1;
    if (state.value !== "waiting") return settle();
    if (polls >= SLOW_AFTER) stage.value = "slow";
    if (polls >= MOST_POLLS) return;
    timer = setTimeout(() => void poll(mine), polls < QUICK_POLLS ? QUICK_MS : CALM_MS);
  }

  function settle(): void {
    stage.value = "idle";
    if (state.value !== "accepted") return;
    show(null);
    original.value = null;
  }

  watch(state, (now) => now !== "waiting" && stage.value !== "uploading" && settle());
  if (state.value === "waiting") follow();
  onUnmounted(() => {
    newest += 1;
    clearTimeout(timer);
    show(null);
  });

  /** The sentence below the picture. */
  const line = computed(() => {
    if (stage.value === "looking") return photoTexts.looking;
    if (stage.value === "uploading") return photoTexts.uploading;
    if (stage.value === "slow") return photoTexts.slow;
    if (stage.value === "waiting") return photoTexts.waiting;
    return state.value === "accepted" && !file.value ? photoTexts.accepted : "";
  });

  return reactive({
    ...{ preview, problem, retry, stage, state, line, cutting, original },
    ...{ choose, use, adjust, stopCutting, send },
  });
}
