/// <reference types="vite/client" />
interface Window {
  /** The page must not start: it is being left, or the browser cannot run it. */
  __stopped?: boolean;
}

/** The version of the face detector's engine, part of its address. */
declare const __DETECTOR_VERSION__: string;

/** The language of this build, and all of them. */
declare const __LANGUAGE__: import("@/lib/language").Language;
declare const __LANGUAGES__: readonly import("@/lib/language").Language[];
