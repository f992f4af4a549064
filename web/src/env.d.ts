/// <reference types="vite/client" />
interface Window {
  __unsupported?: boolean;
}

/** The version of the face detector's engine, part of its address. */
declare const __DETECTOR_VERSION__: string;
