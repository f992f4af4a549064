/// <reference types="vite/client" />
interface Window {
  __unsupported?: boolean;
}
