/** Faces in the picture of the camera: none at all, or others beside the candidate's own (posters, photos, people). */
import { computed, onUnmounted, ref, watch, type Ref } from "vue";
import type { Camera } from "@/lib/camera";
import { loadDetector, type Detector } from "@/lib/detector";

const LOOK_MS = 500;
const REMEMBERED = 4; // looks; so a face that is not found in each of them is still reported
const SURE_SCORE = 0.6;

/** Counts the faces in the picture of this camera while the screen is shown, as soon as that is `wanted`. */
export function useBackground(camera: Camera, wanted: Readonly<Ref<boolean>> = ref(true)) {
  const seen = ref<number[]>([]); // faces in each of the newest looks
  const others = computed(() => Math.max(0, ...seen.value.map((faces) => faces - 1)));
  const unseen = computed(
    () => seen.value.length === REMEMBERED && seen.value.every((faces) => faces === 0),
  );
  let timer: ReturnType<typeof setInterval> | undefined;
  let started = false;
  let gone = false;

  watch(wanted, (now) => now && !started && void start(), { immediate: true });
  onUnmounted(() => {
    gone = true;
    clearInterval(timer);
  });

  async function start(): Promise<void> {
    started = true;
    const detector = await loadDetector();
    if (detector && !gone) timer = setInterval(() => void look(detector), LOOK_MS);
  }

  async function look(detector: Detector): Promise<void> {
    try {
      const glance = await camera.glance();
      if (!glance || gone) return;
      const { faces } = detector.look(glance.still);
      const sure = faces.filter((face) => face.score >= SURE_SCORE).length;
      seen.value = [...seen.value, sure].slice(-REMEMBERED);
    } catch {
      clearInterval(timer); // the check is only a help, so a failure ends it
    }
  }

  return { others, unseen };
}
