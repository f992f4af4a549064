/** Watches the camera picture for a good face. Gives hints, sets the green frame and takes the photo. */
import { onMounted, onUnmounted, ref, shallowRef, type Ref } from "vue";
import type { Camera } from "@/lib/camera";
import { loadDetector, type Detector, type Findings } from "@/lib/detector";
import type { Luma } from "@/lib/luma";

const LOOK_MS = 200;
const GREEN_SHOWN_MS = 600; // long enough to see it, short enough to hold still
const SPEAK_MS = 2000; // between two hints of a screen reader
const PATIENCE_MS = 15_000; // then a shutter button appears, so that the detector locks nobody out

/** Returns for each frame the reason against a good picture ("ok": none), and when to take the photo. */
interface Watching<Hint extends string> {
  feed(findings: Findings, luma: Luma | null): { hint: Hint; green: boolean };
  reset(): void;
}

export function useAim<Hint extends string>(
  gate: Watching<Hint>,
  camera: Camera,
  live: Ref<boolean>,
  shoot: () => Promise<void>,
) {
  type Told = Hint | "loading" | "manual";
  const hint = shallowRef<Told>("loading");
  const spoken = shallowRef<Told>("loading");
  const green = ref(false);
  const manual = ref(false);
  let detector: Detector | null = null;
  let newest: Hint | null = null;
  let greenSince = 0;
  let shooting = false;
  let looking = false;
  let gone = false;
  const timers: ReturnType<typeof setInterval>[] = [];

  onMounted(async () => {
    timers.push(setTimeout(() => (manual.value = true), PATIENCE_MS));
    timers.push(setInterval(() => (spoken.value = hint.value), SPEAK_MS));
    detector = await loadDetector();
    if (gone) return;
    if (detector) timers.push(setInterval(() => void look(), LOOK_MS));
    else giveUp();
  });
  onUnmounted(() => {
    gone = true;
    timers.forEach(clearInterval);
  });

  function giveUp(): void {
    detector = null;
    green.value = false;
    manual.value = true;
    hint.value = "manual";
  }

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    try {
      const glance = await camera.glance();
      if (!glance || gone || !detector || !live.value || shooting) return;
      const seen = gate.feed(detector.look(glance.still), glance.luma);
      show(seen.hint, seen.green);
    } catch {
      giveUp();
    } finally {
      looking = false;
    }
  }

  function show(seen: Hint, nowGreen: boolean): void {
    if (seen === newest || seen === "ok") hint.value = seen; // a single different frame gives no hint
    newest = seen;
    if (nowGreen && !green.value) greenSince = performance.now();
    green.value = nowGreen;
    if (nowGreen && performance.now() - greenSince >= GREEN_SHOWN_MS) void take();
  }

  /** Takes the photo. When that fails, it continues watching. */
  async function take(): Promise<void> {
    shooting = true;
    await shoot();
    shooting = false;
    gate.reset();
    green.value = false;
  }

  return { hint, spoken, green, manual, take };
}
