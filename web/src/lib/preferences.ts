/** What a person has chosen for this browser: the size of letters, and in the exam seconds and keys. */
import { reactive, readonly } from "vue";

export const TEXT_SIZES = ["normal", "large", "larger"] as const;
export type TextSize = (typeof TEXT_SIZES)[number];

const KEY = "preferences";
const chosen = reactive({
  textSize: "normal" as TextSize,
  seconds: false, // always in the countdown, not only at its end
  keys: true, // letters and digits choose options
});

/** Read only: it is changed through the functions below. */
export const preferences = readonly(chosen);

/** Reads what was chosen before. The page calls it once; a browser without storage begins with the defaults. */
export function recallPreferences(): void {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<typeof chosen>;
    chosen.textSize = TEXT_SIZES.find((size) => size === kept.textSize) ?? "normal";
    chosen.seconds = kept.seconds === true;
    chosen.keys = kept.keys !== false;
  } catch {
    // storage is off, or holds something else
  }
  apply();
}

export function setTextSize(size: TextSize): void {
  chosen.textSize = size;
  keep();
}

export function showSeconds(always: boolean): void {
  chosen.seconds = always;
  keep();
}

export function useKeys(on: boolean): void {
  chosen.keys = on;
  keep();
}

function keep(): void {
  apply();
  try {
    localStorage.setItem(KEY, JSON.stringify(chosen));
  } catch {
    // it holds until the page is closed
  }
}

function apply(): void {
  document.documentElement.dataset["textSize"] = chosen.textSize;
}
