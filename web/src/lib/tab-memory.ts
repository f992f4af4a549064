/** What this tab remembers over a reload, until it is closed. A browser that forbids storage remembers nothing. */

export interface TabMemory {
  /** Returns what is remembered under this key; "" for nothing. */
  get: (key: string) => string;
  set: (key: string, value: string) => void;
  remove: (key: string) => void;
}

export const tabMemory: TabMemory = {
  get: (key) => attempted(() => sessionStorage.getItem(key)) ?? "",
  set: (key, value) => void attempted(() => sessionStorage.setItem(key, value)),
  remove: (key) => void attempted(() => sessionStorage.removeItem(key)),
};

function attempted<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}
