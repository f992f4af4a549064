/** Faces beside the candidate's own: posters, photos, other people. */
import { computed, onMounted, onUnmounted, ref } from "vue";
import type { Camera } from "@/lib/camera";
import { loadDetector, type Detector } from "@/lib/detector";

const LOOK_MS = 500;
const REMEMBERED = 4; // looks; so a face that is not found in each of them is still reported
const SURE_SCORE = 0.6;

/** Counts the faces in the picture of this camera while the screen is shown. */
export function useBackground(camera: Camera) {
  const seen = ref<number[]>([]); // faces in each of the newest looks
  const others = computed(() => Math.max(0, ...seen.value.map((faces) => faces - 1)));
  let timer: ReturnType<typeof setInterval> | undefined;
  let gone = false;

  onMounted(async () => {
    const detector = await loadDetector();
    if (detector && !gone) timer = setInterval(() => void look(detector), LOOK_MS);
  });
  onUnmounted(() => {
    gone = true;
    clearInterval(timer);
  });

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

  return { others };
}
