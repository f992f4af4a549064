/**
 * The pictures of a paper. Before the start they are fetched sealed, a few at a time, so that the start needs no network
 * for them. After the start they are opened with the key that comes with the paper. All of it is in memory only.
 */

/** How a picture stands: `failed` until a later try succeeds. */
export interface PictureState {
  state: "loading" | "ready" | "failed";
  url: string;
}

/** The two calls that pictures need; both throw when they do not succeed. */
export interface PictureLine {
  /** SHA-256 of each picture → a link that is valid for a short time. */
  links(): Promise<Record<string, string>>;
  /** The sealed bytes behind a link. */
  download(url: string): Promise<ArrayBuffer>;
}

export interface PictureOptions {
  line: PictureLine;
  pause: (ms: number) => Promise<void>;
  /** Called with each picture whose state has changed. */
  changed: (sha256: string, now: PictureState) => void;
}

const AT_ONCE = 3;
const PAUSES_MS = [1000, 2000, 4000, 8000, 15_000];
const NONCE_BYTES = 12;

export class Pictures {
  private readonly sealed = new Map<string, ArrayBuffer>();
  private readonly urls = new Map<string, string>();
  private key: CryptoKey | null = null;
  private running: Promise<void> | null = null;
  private wake: () => void = () => undefined;
  private complete = false;
  private closed = false;

  constructor(private readonly options: PictureOptions) {}

  /** Fetches what is missing until nothing is. A call while this runs ends the pause between two tries. */
  async fetch(): Promise<void> {
    if (this.complete) return;
    this.wake();
    this.running ??= this.fetchAll().finally(() => (this.running = null));
    await this.running;
  }

  /** Opens the pictures that are there, and each that comes later. `key`: 32 bytes in base64. Throws if it is no key. */
  async open(key: string): Promise<void> {
    const raw = Uint8Array.from(atob(key), (letter) => letter.charCodeAt(0));
    this.key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
    const opened = await Promise.all([...this.sealed.keys()].map((sha256) => this.unseal(sha256)));
    if (opened.every(Boolean)) return;
    this.complete = false;
    await this.fetch();
  }

  /** Forgets all pictures. */
  close(): void {
    this.closed = true;
    this.wake();
    for (const url of this.urls.values()) URL.revokeObjectURL(url);
    this.urls.clear();
    this.sealed.clear();
    this.key = null;
  }

  private async fetchAll(): Promise<void> {
    for (let failures = 0; !this.closed; failures += 1) {
      this.complete = await this.fetchOnce();
      if (this.complete) return;
      const pause = PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)] ?? 1000;
      const woken = new Promise<void>((resolve) => (this.wake = resolve));
      await Promise.race([woken, this.options.pause(pause)]);
    }
  }

  /** One round over everything that is missing, with new links. Returns whether nothing is missing any more. */
  private async fetchOnce(): Promise<boolean> {
    const links = await this.options.line.links().catch(() => null);
    if (!links) return false;
    const missing = Object.entries(links).filter(([sha256]) => !this.has(sha256));
    const all = missing.length;
    let got = 0;
    const worker = async (): Promise<void> => {
      for (let next = missing.shift(); next && !this.closed; next = missing.shift()) {
        if (await this.fetchPicture(...next)) got += 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return got === all;
  }

  private async fetchPicture(sha256: string, url: string): Promise<boolean> {
    try {
      const sealed = await this.options.line.download(url);
      if (this.closed) return false;
      this.sealed.set(sha256, sealed);
    } catch {
      return this.failed(sha256);
    }
    return this.key ? this.unseal(sha256) : true;
  }

  /** Opens one picture. A sealed one that the key does not open is dropped, so that it is fetched again. */
  private async unseal(sha256: string): Promise<boolean> {
    const sealed = this.sealed.get(sha256);
    if (!sealed || !this.key) return false;
    try {
      const iv = sealed.slice(0, NONCE_BYTES);
      const bytes = sealed.slice(NONCE_BYTES);
      const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, this.key, bytes);
      this.show(sha256, opened);
      return true;
    } catch {
      return this.failed(sha256);
    } finally {
      this.sealed.delete(sha256);
    }
  }

  private failed(sha256: string): false {
    if (!this.closed) this.options.changed(sha256, { state: "failed", url: "" });
    return false;
  }

  private show(sha256: string, bytes: ArrayBuffer): void {
    if (this.closed || this.urls.has(sha256)) return;
    const isPng = new Uint8Array(bytes, 0, 1)[0] === 0x89;
    const url = URL.createObjectURL(
      new Blob([bytes], { type: isPng ? "image/png" : "image/jpeg" }),
    );
    this.urls.set(sha256, url);
    this.options.changed(sha256, { state: "ready", url });
  }

  private has(sha256: string): boolean {
    return this.sealed.has(sha256) || this.urls.has(sha256);
  }
}
