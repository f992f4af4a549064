// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createApp, nextTick, ref, type Ref } from "vue";
import type { Camera } from "@/lib/camera";
import type { Face } from "@/lib/detector";
import { useBackground } from "@/screens/check-in/background";

const engine = vi.hoisted(() => ({ faces: [] as number[], loaded: 0 }));
vi.mock("@/lib/detector", () => ({
  loadDetector: () => {
    engine.loaded += 1;
    const look = () => ({ faces: engine.faces.map((score) => ({ score }) as Face) });
    return Promise.resolve({ look });
  },
}));

const camera = { glance: () => Promise.resolve({ still: {} }) } as unknown as Camera;
let unmount: () => void;

function watched(wanted?: Ref<boolean>): ReturnType<typeof useBackground> {
  let made: ReturnType<typeof useBackground> | undefined;
  const app = createApp({
    setup() {
      made = useBackground(camera, wanted);
      return () => null;
    },
  });
  app.mount(document.createElement("div"));
  unmount = () => app.unmount();
  if (!made) throw new Error("not mounted");
  return made;
}

/** Lets the camera be looked at so often. */
const looks = (count: number): Promise<unknown> => vi.advanceTimersByTimeAsync(500 * count);

beforeEach(() => {
  vi.useFakeTimers();
  engine.faces = [];
  engine.loaded = 0;
});
afterEach(() => {
  unmount();
  vi.useRealTimers();
});

it("says that no face is seen after four looks without one", async () => {
  const seen = watched();
  await looks(3);
  expect(seen.unseen.value).toBe(false);
  await looks(1);
  expect(seen.unseen.value).toBe(true);
  engine.faces = [0.59];
  await looks(1);
  expect(seen.unseen.value).toBe(true);
  engine.faces = [0.6];
  await looks(1);
  expect([seen.unseen.value, seen.others.value]).toEqual([false, 0]);
});

it("counts the faces beside one's own", async () => {
  engine.faces = [0.9, 0.8, 0.7];
  const seen = watched();
  await looks(1);
  expect(seen.others.value).toBe(2);
  engine.faces = [0.9];
  await looks(3);
  expect(seen.others.value).toBe(2);
  await looks(1);
  expect(seen.others.value).toBe(0);
});

it("loads the detector when it is wanted, once", async () => {
  const wanted = ref(false);
  watched(wanted);
  await looks(4);
  expect(engine.loaded).toBe(0);
  for (const now of [true, false, true]) {
    wanted.value = now;
    await nextTick();
  }
  expect(engine.loaded).toBe(1);
});
