/** Faces beside the candidate's own: posters, photos, other people. */
import { computed, onUnmounted, ref } from "vue";
import { loadDetector } from "@/lib/detector";

const LOOK_MS = 500;
const REMEMBERED = 4; // looks: a face that flickers stays told
const SURE_SCORE = 0.6;

export function useBackground() {
  const seen = ref<number[]>([]); // faces in each of the newest looks
  const others = computed(() => Math.max(0, ...seen.value.map((faces) => faces - 1)));
  let video: HTMLVideoElement | null = null;
  let timer: ReturnType<typeof setInterval> | undefined;

  /** Looks at this picture from now on; null: at none. */
  function watch(picture: HTMLVideoElement | null): void {
    video = picture;
    clearInterval(timer);
    if (picture) void loadDetector().then(begin);
  }

  function begin(detector: Awaited<ReturnType<typeof loadDetector>>): void {
    clearInterval(timer);
    if (!detector || !video) return;
    timer = setInterval(() => {
      if (!video?.srcObject) return;
      try {
        const { faces } = detector.look(video);
        const sure = faces.filter((face) => face.score >= SURE_SCORE).length;
        seen.value = [...seen.value, sure].slice(-REMEMBERED);
      } catch {
        clearInterval(timer); // it only helps: the server judges
      }
    }, LOOK_MS);
  }

  onUnmounted(() => watch(null));
  return { others, watch };
}
