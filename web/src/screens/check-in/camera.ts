/** The camera for screens: reactive, with its failure as one word. */
import { computed, onMounted, onUnmounted, ref, shallowRef } from "vue";
import { CameraError, type Camera, type CameraDevice, type CameraFailure } from "@/lib/camera";

/** Why there is no good picture; what to do about each stands in `texts.checkIn.camera.failures`. */
export type Trouble = CameraFailure | "ended" | "muted" | "covered";

export function useCamera(camera: Camera, how: { openAtOnce?: boolean } = {}) {
  const stream = shallowRef(camera.stream);
  const state = ref(camera.state);
  const failure = ref<CameraFailure | null>(null);
  const opening = ref(false);
  const devices = shallowRef<CameraDevice[]>([]);
  const deviceId = ref(camera.deviceId);

  const trouble = computed<Trouble | null>(() => {
    if (failure.value) return failure.value;
    return state.value === "live" || state.value === "closed" ? null : state.value;
  });

  function look(): void {
    state.value = camera.state;
    stream.value = camera.stream;
    deviceId.value = camera.deviceId;
    if (camera.stream) failure.value = null; // it may have come back by itself
  }

  async function list(): Promise<void> {
    devices.value = await camera.devices().catch(() => []);
  }

  /** Opens this device, or the one that was chosen before. */
  async function open(id?: string): Promise<void> {
    if (opening.value) return;
    opening.value = true;
    failure.value = null;
    try {
      await camera.open(id);
    } catch (error) {
      failure.value = error instanceof CameraError ? error.reason : "failed";
    }
    opening.value = false;
    look();
    await list();
  }

  let forget: (() => void) | undefined;
  onMounted(() => {
    forget = camera.onState(look);
    navigator.mediaDevices?.addEventListener("devicechange", list);
    if (camera.stream) void list();
    else if (how.openAtOnce) void open();
  });
  onUnmounted(() => {
    forget?.();
    navigator.mediaDevices?.removeEventListener("devicechange", list);
  });

  return { stream, trouble, opening, devices, deviceId, open };
}
