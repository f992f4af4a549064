/** Where pictures of contents come from. */
import type { InjectionKey } from "vue";
import type { PictureState } from "@/lib/pictures";

export interface PictureSource {
  /** How a picture stands now; reactive. */
  of: (sha256: string) => PictureState;
  /** Tries at once to get the pictures that are missing. */
  again: () => void;
}

export const pictureSource: InjectionKey<PictureSource> = Symbol("pictures");
