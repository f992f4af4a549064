/**
 * The network check: pings, then downloads and uploads that double in size until the time is over. Downloads are
 * random bytes from our own origin. Uploads are presigned posts, as for snapshots.
 */
import { upload, type Schemas } from "@/api/client";

export type SpeedPhase = "latency" | "down" | "up";

/** The values measured so far. Mbps are 10⁶ bit/s; 0 until measured. */
export interface SpeedProgress {
  phase: SpeedPhase;
  mbps: number;
  latencyMs: number;
}

export interface Speeds {
  downMbps: number;
  upMbps: number;
  latencyMs: number;
}

/** The ways to the server. Each resolves when the last byte has arrived, and throws when it cannot. */
export interface SpeedWays {
  ping: () => Promise<void>;
  download: (bytes: number) => Promise<void>;
  /** Without it the way up is not measured. */
  upload?: (bytes: number) => Promise<void>;
  /** Monotonic ms. */
  clock: () => number;
}

const KB = 1024;
const PINGS = 6;
const SMALLEST = 64 * KB;
/** Sizes that exist as `/speed/<bytes>.bin`: doubling from the smallest up to this one. */
const LARGEST_DOWN = 4096 * KB;
const LARGEST_UP = 1024 * KB - 4 * KB; // with its form below the ticket's 1 MiB
const WAY_MS = 4000;
const PATIENCE_MS = 15_000;
const KEPT = 3;

/** Measures both directions in about ten seconds. Throws what a call throws before anything is measured. */
export async function measureSpeed(
  ways: SpeedWays,
  progress: (now: SpeedProgress) => void = () => undefined,
): Promise<Speeds> {
  progress({ phase: "latency", mbps: 0, latencyMs: 0 });
  const trips = await pings(ways);
  const latencyMs = Math.round(median(trips));
  const trip = Math.min(...trips);
  const measure = async (phase: "down" | "up", largest: number): Promise<number> => {
    const move = phase === "down" ? ways.download : ways.upload;
    if (!move) return 0;
    progress({ phase, mbps: 0, latencyMs });
    return oneWay(ways.clock, move, largest, trip, (mbps) => progress({ phase, mbps, latencyMs }));
  };
  const downMbps = await measure("down", LARGEST_DOWN);
  const upMbps = await measure("up", LARGEST_UP);
  return { downMbps, upMbps, latencyMs };
}

/** Round trips in ms, without the first one, which opens the connection. */
async function pings({ ping, clock }: SpeedWays): Promise<number[]> {
  const trips: number[] = [];
  for (let n = 0; n < PINGS; n += 1) {
    const began = clock();
    await ping();
    trips.push(clock() - began);
  }
  return trips.slice(1);
}

async function oneWay(
  clock: () => number,
  move: (bytes: number) => Promise<void>,
  largest: number,
  trip: number,
  tell: (mbps: number) => void,
): Promise<number> {
  const samples: number[] = [];
  const until = clock() + WAY_MS;
  for (let bytes = SMALLEST; !samples.length || clock() < until; bytes *= 2) {
    const size = Math.min(bytes, largest);
    const began = clock();
    try {
      await move(size);
    } catch (error) {
      if (!samples.length) throw error;
      break; // a larger one failed: the values measured so far are kept
    }
    samples.push(mbpsOf(size, clock() - began - trip));
    tell(median(samples.slice(-KEPT)));
  }
  return median(samples.slice(-KEPT));
}

function mbpsOf(bytes: number, ms: number): number {
  return (bytes * 8) / 1000 / Math.max(ms, 1);
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/** The calls of a browser that is not signed in: nothing can be uploaded. */
export function publicWays(): SpeedWays {
  return {
    ping: () => drain("/icon.svg"),
    download: (bytes) => drain(`/speed/${bytes}.bin`),
    clock: () => performance.now(),
  };
}

/** The calls of a browser. `ticket` asks for an upload ticket; one is enough for the whole measurement. */
export function browserWays(ticket: () => Promise<Schemas["UploadTicket"]>): SpeedWays {
  let asked: Promise<Schemas["UploadTicket"]> | null = null;
  const noise = randomBytes(1024 * KB);
  return {
    ...publicWays(),
    upload: async (bytes) =>
      upload(await (asked ??= ticket()), new Blob([noise.subarray(0, bytes)])),
  };
}

/** Reads an address of our own origin to its end, past every cache. */
async function drain(address: string): Promise<void> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const fresh = `${address}?${Math.random().toString(36).slice(2)}`;
    const response = await fetch(fresh, { cache: "no-store", signal: patience.signal });
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
    await response.arrayBuffer();
  } finally {
    clearTimeout(timer);
  }
}

function randomBytes(count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count);
  const most = 65_536; // of one call
  for (let n = 0; n < count; n += most) crypto.getRandomValues(bytes.subarray(n, n + most));
  return bytes;
}
