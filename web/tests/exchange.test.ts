import { beforeEach, describe, expect, it } from "vitest";
import { ApiError } from "@/api/client";
import type { AbsenceReport } from "@/lib/absences";
import { Outbox, type Batch } from "@/lib/outbox";
import { Exchange, type AbsenceView, type Beat } from "@/lib/exchange";
import { FakeTime } from "./fake-time";

const OFFLINE = new ApiError(0, "offline", "网络连接中断");
const MINUTE_MS = 60_000;

/** One call as it arrived. */
interface Heard {
  at: number;
  batch: Batch | null;
  reports: readonly AbsenceReport[];
}

/** The server's rules as far as the page meets them: cumulative answers, one switch per absence, three of them. */
class Server {
  failure: Error | null = null;
  loseAnswers = false;
  acked = 0;
  answers: Record<string, string> = {};
  counted: number[] = [];
  status: Beat["status"] = "started";
  readonly calls: Heard[] = [];
  private held: (() => void)[] = [];
  private holding = false;

  constructor(private readonly time: FakeTime) {}

  /** From now on calls stay under way until they are let go. */
  hold(): void {
    this.holding = true;
  }

  letGo(): void {
    this.holding = false;
    this.held.splice(0).forEach((go) => go());
  }

  beat = async (batch: Batch | null): Promise<Beat> => {
    await this.arrive(batch, []);
    return {
      status: this.status,
      version: 1,
      starts_at: 0,
      start_until: 0,
      deadline: null,
      acked_seq: this.acked,
      switches: this.counted.length,
      switch_limit: 3,
      snapshots: [],
      announced: 0,
      heartbeat_s: 30,
      stamp: "",
      server_now: 0,
    };
  };

  absences = async (reports: AbsenceReport[], batch: Batch | null): Promise<AbsenceView> => {
    await this.arrive(batch, reports);
    const place = this.counted.indexOf(reports[reports.length - 1]?.seq ?? 0);
    return {
      switch: place < 0 ? null : place + 1,
      kind: place < 0 ? null : "hidden",
      switches: this.counted.length,
      stamp: "",
      switch_limit: 3,
      message: "",
      status: this.status,
      acked_seq: this.acked,
      server_now: 0,
    };
  };

  private async arrive(batch: Batch | null, reports: AbsenceReport[]): Promise<void> {
    this.calls.push({ at: this.time.now, batch, reports });
    if (this.holding) await new Promise<void>((go) => this.held.push(go));
    if (this.failure) throw this.failure;
    this.save(batch);
    for (const { seq, awayMs } of reports) {
      if (awayMs >= 1000 && !this.counted.includes(seq)) this.counted.push(seq);
    }
    if (this.counted.length >= 3) this.status = "submitted";
    if (this.loseAnswers) throw OFFLINE;
  }

  private save(batch: Batch | null): void {
    if (!batch || batch.last <= this.acked) return;
    if (batch.first > this.acked + 1) {
      throw new ApiError(409, "answers_missing", "", { acked_seq: this.acked });
    }
    Object.assign(this.answers, batch.answers);
    this.acked = batch.last;
  }
}

let chance: number;
let time: FakeTime;
let server: Server;
let outbox: Outbox;
let exchange: Exchange;
let connected: boolean[];
let refused: string[];
let told: AbsenceView[];
let heard: Beat[];

beforeEach(async () => {
  chance = 0.5;
  time = new FakeTime();
  server = new Server(time);
  outbox = new Outbox(null);
  [connected, refused, told, heard] = [[], [], [], []];
  exchange = new Exchange({
    unsent: outbox,
    line: server,
    later: (run, ms) => {
      const timer = time.schedule(run, ms);
      return () => time.cancel(timer);
    },
    random: () => chance,
    heard: (beat) => void heard.push(beat),
    told: (view) => void told.push(view),
    connected: (yes) => void connected.push(yes),
    refused: (error) => void refused.push(error.code),
    changed: () => undefined,
  });
  exchange.start(30);
  await pass(0);
  server.calls.length = 0;
});

async function settle(): Promise<void> {
  for (let n = 0; n < 30; n += 1) await Promise.resolve();
}

/** Lets time pass in small steps, so that what an answer sets going begins at its moment. */
async function pass(ms: number, step = 100): Promise<void> {
  time.pass(0);
  await settle();
  for (let gone = 0; gone < ms; gone += step) {
    time.pass(Math.min(step, ms - gone));
    await settle();
  }
}

function answer(number: number, letters: string): void {
  void outbox.change(number, letters);
  exchange.answered();
}

function leave(seq: number, awayMs = 2000, ended = false): void {
  void outbox.addAbsence({ seq, kind: "hidden", awayMs, ended });
  exchange.now();
}

function busy(retryAfterS: number | null = null): ApiError {
  return new ApiError(503, "service_busy", "系统繁忙", {}, retryAfterS);
}

/** The pauses between the calls that arrived. */
function pauses(): number[] {
  return server.calls.slice(1).map(({ at }, n) => at - (server.calls[n]?.at ?? 0));
}

describe("a quiet page", () => {
  it("gives a sign of life now and then, with nothing in it", async () => {
    await pass(2 * MINUTE_MS);
    expect(server.calls.length).toBeGreaterThanOrEqual(3);
    expect(server.calls.length).toBeLessThanOrEqual(6);
    expect(server.calls.every(({ batch }) => batch === null)).toBe(true);
  });

  it.each([
    [0, 30_000],
    [0.5, 26_250],
    [0.999, 22_500],
  ])("never beats slower than it was told, and not with all others (%d)", async (by, beat) => {
    chance = by;
    exchange.now();
    await pass(MINUTE_MS);
    expect(Math.abs((pauses()[0] ?? 0) - beat)).toBeLessThanOrEqual(100);
  });

  it("says nothing any more once it is stopped, not even what it was asked for", async () => {
    exchange.stop();
    answer(1, "A");
    leave(1);
    await pass(MINUTE_MS);
    expect(server.calls).toEqual([]);
  });
});

describe("answers", () => {
  it("are at the server within two seconds", async () => {
    answer(1, "A");
    await pass(2000);
    expect(server.answers).toEqual({ "1": "A" });
    expect(outbox.state(1)).toBe("saved");
  });

  it("given in quick succession go in one call, the last of each question", async () => {
    answer(1, "A");
    await pass(300);
    answer(1, "B");
    answer(2, "C");
    await pass(2000);
    expect(server.calls).toHaveLength(1);
    expect(server.calls[0]?.batch).toEqual({ first: 1, last: 3, answers: { "1": "B", "2": "C" } });
  });

  it("are not kept waiting by the next sign of life, which may be far away", async () => {
    await pass(1000);
    answer(1, "A");
    await pass(2000);
    expect(server.acked).toBe(1);
  });

  it("changed while a call is under way go with the next one", async () => {
    answer(1, "A");
    server.hold();
    await pass(1000);
    answer(1, "B");
    server.letGo();
    await settle();
    expect(outbox.state(1)).toBe("unsaved");
    await pass(2000);
    expect(server.answers).toEqual({ "1": "B" });
    expect(outbox.state(1)).toBe("saved");
  });

  it("are cumulative: a lost answer of the server costs nothing and saves nothing twice", async () => {
    server.loseAnswers = true;
    answer(1, "A");
    await pass(1000);
    expect(outbox.state(1)).toBe("unsaved");
    answer(2, "B");
    server.loseAnswers = false;
    await pass(3000);
    expect(server.calls.at(-1)?.batch).toEqual({
      first: 1,
      last: 2,
      answers: { "1": "A", "2": "B" },
    });
    expect(server.answers).toEqual({ "1": "A", "2": "B" });
    expect([outbox.state(1), outbox.state(2)]).toEqual(["saved", "saved"]);
  });

  it.each([49, 50, 51, 120])("%i of them arrive, at most 50 in a call", async (count) => {
    for (let number = 1; number <= count; number += 1) answer(number, "A");
    await pass(5000);
    expect(Object.keys(server.answers)).toHaveLength(count);
    const sizes = server.calls.map(({ batch }) => Object.keys(batch?.answers ?? {}).length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(50);
    expect(sizes.filter(Boolean)).toHaveLength(Math.ceil(count / 50));
  });

  it("are all sent before a submission, however many", async () => {
    for (let number = 1; number <= 120; number += 1) answer(number, "B");
    await exchange.flush();
    expect(server.acked).toBe(120);
  });

  it("that cannot be sent before a submission do not keep it waiting", async () => {
    server.failure = OFFLINE;
    answer(1, "A");
    await exchange.flush();
    expect(outbox.state(1)).toBe("unsaved");
  });
});

describe("when the server is busy", () => {
  it("waits longer and longer, up to some fifteen seconds", async () => {
    server.failure = busy();
    answer(1, "A");
    await pass(2 * MINUTE_MS);
    const waited = pauses();
    expect(waited[0]).toBeGreaterThanOrEqual(800);
    expect(waited[0]).toBeLessThanOrEqual(1500);
    expect(waited.slice(0, 5)).toEqual([...waited.slice(0, 5)].sort((a, b) => a - b));
    expect(Math.max(...waited)).toBeLessThanOrEqual(20_000);
    expect(connected.at(-1)).toBe(false);
  });

  it("is not asked more often because more is typed", async () => {
    server.failure = busy();
    answer(1, "A");
    await pass(16_000);
    const before = server.calls.length;
    for (let number = 2; number < 20; number += 1) answer(number, "A");
    await pass(3000);
    expect(server.calls.length - before).toBeLessThanOrEqual(1);
  });

  it("keeps what was typed and delivers it when the server is back", async () => {
    server.failure = busy();
    answer(1, "A");
    await pass(10_000);
    answer(2, "B");
    server.failure = null;
    await pass(20_000);
    expect(server.answers).toEqual({ "1": "A", "2": "B" });
    expect(connected.at(-1)).toBe(true);
  });

  it("forgets an asked-for pause once it was answered", async () => {
    server.failure = busy(12);
    answer(1, "A");
    await pass(1000);
    server.failure = null;
    await pass(20_000);
    server.failure = busy();
    server.calls.length = 0;
    answer(2, "B");
    await pass(4000);
    expect(pauses()[0]).toBeLessThanOrEqual(1500);
  });
});

describe("five minutes offline", () => {
  it("lose nothing that was typed, and the network's return is used at once", async () => {
    server.failure = OFFLINE;
    for (let minute = 0; minute < 5; minute += 1) {
      answer(minute + 1, "A");
      await pass(MINUTE_MS);
    }
    expect(server.answers).toEqual({});
    expect(connected.at(-1)).toBe(false);
    server.failure = null;
    exchange.now(); // the browser tells that it is online
    await pass(200);
    expect(Object.keys(server.answers)).toHaveLength(5);
    expect(connected.at(-1)).toBe(true);
  });

  it("end by themselves when the browser does not tell", async () => {
    server.failure = OFFLINE;
    answer(1, "A");
    await pass(5 * MINUTE_MS);
    server.failure = null;
    await pass(20_000);
    expect(server.answers).toEqual({ "1": "A" });
  });

  it("keep the absences of that time, in their sequence, and tell them together", async () => {
    server.failure = OFFLINE;
    leave(1, 1500);
    leave(1, 5000, true);
    leave(2, 400, true);
    await pass(5 * MINUTE_MS);
    server.failure = null;
    await pass(20_000);
    expect(server.calls.at(-1)?.reports.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(server.counted).toEqual([1]);
    expect(outbox.pendingAbsences()).toEqual([]);
  });
});

describe("absences", () => {
  it("are told at once", async () => {
    leave(1);
    await pass(0);
    expect(server.counted).toEqual([1]);
    expect(told.at(-1)).toMatchObject({ switch: 1, switches: 1 });
  });

  it("are told again when they are over, and count once", async () => {
    leave(1, 1000);
    await pass(500);
    leave(1, 4000, true);
    await pass(500);
    expect(server.calls.map(({ reports }) => reports[0]?.ended)).toEqual([false, true]);
    expect(server.counted).toEqual([1]);
    expect(outbox.pendingAbsences()).toEqual([]);
  });

  it("that end while their first report is under way are not taken for told", async () => {
    server.hold();
    leave(1, 1000);
    await pass(0);
    void outbox.addAbsence({ seq: 1, kind: "hidden", awayMs: 3000, ended: true });
    server.letGo();
    await settle();
    expect(outbox.pendingAbsences()).toHaveLength(1);
    exchange.now();
    await pass(0);
    expect(server.calls.at(-1)?.reports[0]).toMatchObject({ awayMs: 3000, ended: true });
    expect(outbox.pendingAbsences()).toEqual([]);
  });

  it("are told again when the server's answer was lost, and count once", async () => {
    server.loseAnswers = true;
    leave(1);
    await pass(200);
    expect(outbox.pendingAbsences()).toHaveLength(1);
    server.loseAnswers = false;
    await pass(20_000);
    expect(server.counted).toEqual([1]);
    expect(told).toHaveLength(1);
    expect(outbox.pendingAbsences()).toEqual([]);
  });

  it("of a moment only are told and do not count", async () => {
    leave(1, 400, true);
    await pass(200);
    expect(told.at(-1)).toMatchObject({ switch: null, switches: 0 });
  });

  it("take the unsaved answers along: the third one submits the paper", async () => {
    leave(1);
    await pass(200);
    leave(2);
    await pass(200);
    expect(told.map(({ status }) => status)).toEqual(["started", "started"]);
    answer(7, "D");
    leave(3);
    await pass(200);
    expect(server.answers).toEqual({ "7": "D" });
    expect(told.at(-1)).toMatchObject({ switch: 3, switches: 3, status: "submitted" });
  });
});

describe("refusals for good", () => {
  it.each([
    [409, "superseded"],
    [403, "page_token_invalid"],
    [409, "attempt_submitted"],
    [409, "time_is_up"],
    [409, "answers_missing"],
    [401, "session_expired"],
  ])("%i %s ends the talk and is told once", async (status, code) => {
    server.failure = new ApiError(status, code, "");
    answer(1, "A");
    await pass(MINUTE_MS);
    expect(refused).toEqual([code]);
    expect(server.calls).toHaveLength(1);
  });

  it("after a sign-in the talk goes on, with everything", async () => {
    server.failure = new ApiError(401, "session_expired", "");
    answer(1, "A");
    await pass(2000);
    server.failure = null;
    exchange.start(30);
    await pass(100);
    expect(server.answers).toEqual({ "1": "A" });
  });
});

describe("an answer of the server", () => {
  it("sets the pace of the signs of life and hands on what it brings", async () => {
    heard.length = 0;
    exchange.now();
    await pass(0);
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatchObject({ heartbeat_s: 30, status: "started" });
  });
});

describe("what must not wait", () => {
  it("an absence is told beside a call that is under way: the page may be closing", async () => {
    server.hold();
    exchange.now();
    await pass(100);
    expect(server.calls).toHaveLength(1);
    leave(1);
    await settle();
    expect(server.calls).toHaveLength(2);
    server.letGo();
    await pass(100);
    expect(server.counted).toEqual([1]);
    expect(outbox.pendingAbsences()).toEqual([]);
  });

  it("an absence needs no timer: those of a hidden page are slow", async () => {
    leave(1);
    await settle();
    expect(server.calls).toHaveLength(1);
  });
});

describe("what must wait", () => {
  it.each([0, 0.5, 0.999])(
    "the next call comes no sooner than the server asks (%d)",
    async (by) => {
      chance = by;
      server.failure = busy(12);
      answer(1, "A");
      await pass(MINUTE_MS);
      expect(Math.min(...pauses())).toBeGreaterThanOrEqual(12_000);
    },
  );
});

describe("a refusal that is not for good", () => {
  it("never ends the talk: a person must not be thrown out for a fault of the page", async () => {
    server.failure = new ApiError(400, "answer_invalid", "");
    answer(1, "A");
    await pass(5000);
    server.failure = null;
    await pass(20_000);
    expect(refused).toEqual([]);
    expect(server.answers).toEqual({ "1": "A" });
  });

  it("absences that this browser lost are told as ones of no length", async () => {
    server.failure = new ApiError(409, "absences_missing", "", { expected: 1 });
    leave(3);
    await pass(500);
    server.failure = null;
    await pass(20_000);
    expect(refused).toEqual([]);
    expect(server.calls.at(-1)?.reports.map(({ seq, awayMs }) => [seq, awayMs])).toEqual([
      [1, 0],
      [2, 0],
      [3, 2000],
    ]);
    expect(server.counted).toEqual([3]);
  });
});
