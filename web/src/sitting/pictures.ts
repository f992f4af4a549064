/** The pictures of the paper: fetched sealed before the start, opened after it, forgotten at the end. */
import { reactive } from "vue";
import { download } from "@/api/client";
import { pause } from "@/lib/pause";
import { Pictures, type PictureState } from "@/lib/pictures";
import type { PictureSource } from "@/parts/content/pictures";
import type { AttemptApi } from "@/sitting/attempt-api";

const LOADING: PictureState = { state: "loading", url: "" };

export function usePictures(api: AttemptApi) {
  const states = reactive(new Map<string, PictureState>());
  let pictures: Pictures | null = null;

  /** A page was admitted to a paper with pictures: fetches them sealed, quietly. */
  function prefetch(): void {
    pictures ??= begin();
  }

  function begin(): Pictures {
    const fetching = new Pictures({
      line: { links: () => api.pictureLinks(), download },
      pause,
      changed: (sha256, now) => states.set(sha256, now),
    });
    void fetching.fetch();
    return fetching;
  }

  /** The paper is there, with the key that opens its pictures ("" when it has none). */
  function open(key: string): void {
    if (!key) return;
    prefetch();
    void pictures?.open(key);
  }

  /** Tries at once to get what is missing. */
  function again(): void {
    for (const [sha256, { state }] of states) if (state === "failed") states.set(sha256, LOADING);
    void pictures?.fetch();
  }

  /** Forgets all pictures. */
  function close(): void {
    pictures?.close();
    pictures = null;
    states.clear();
  }

  const source: PictureSource = { of: (sha256) => states.get(sha256) ?? LOADING, again };
  return { prefetch, open, again, close, source };
}
