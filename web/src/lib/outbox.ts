/**
 * Keeps answers, marks and absences that the server has not acknowledged, in IndexedDB, so that they survive a crash of
 * the browser. A change is made in memory first and stored afterwards, so that typing never waits. In a browser whose
 * store is broken the exam is still possible (`durable` is false then).
 */
import { deleteDB, openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction } from "idb";
import type { AbsenceReport } from "@/lib/absences";
import type { Answer } from "@/lib/answers";

/** Revisions `first`…`last` of this attempt, compacted: number of the question → answer. */
export interface Batch {
  first: number;
  last: number;
  answers: Record<string, Answer>;
}

interface KeptAnswer {
  letters: Answer; // texts of blanks, too; browsers have stored answers under this name
  seq: number; // the revision in which it was last changed
}

interface State {
  seq: number; // the newest revision
  acked: number; // the last one that the server has acknowledged
  page: number; // the page that made the unacknowledged ones
  place?: number; // the question that was in sight last
}

interface Stored extends DBSchema {
  answers: { key: number; value: KeptAnswer };
  marks: { key: number; value: true };
  absences: { key: number; value: AbsenceReport };
  state: { key: "state"; value: State };
}

type StoreName = "answers" | "marks" | "absences" | "state";
type Database = IDBPDatabase<Stored>;
type Writing = IDBPTransaction<Stored, StoreName[], "readwrite">;

const STORES: StoreName[] = ["answers", "marks", "absences", "state"];
const MAX_QUESTIONS = 50;
const MAX_BYTES = 32_000; // of the answers in a batch; browsers send at most 64 KiB while a page closes
const MAX_REPORTS = 20;

/** Opens what this browser has of an attempt. It never fails: without a store it works in memory. */
export async function openOutbox(attemptId: string): Promise<Outbox> {
  const name = nameOf(attemptId);
  try {
    const database = await openDB<Stored>(name, 1, {
      upgrade: (fresh) => STORES.forEach((store) => void fresh.createObjectStore(store)),
      blocking: (_now, _wanted, event) => (event.target as IDBDatabase).close(),
    });
    const outbox = new Outbox(database);
    await outbox.load();
    return outbox;
  } catch {
    return new Outbox(null);
  }
}

/** Deletes everything of a submitted attempt from this computer. It never fails. */
export async function forgetOutbox(attemptId: string): Promise<void> {
  try {
    await deleteDB(nameOf(attemptId));
  } catch {
    // a browser without a store has kept nothing
  }
}

function nameOf(attemptId: string): string {
  return `kaochang-${attemptId}`;
}

/** As many of these answers, from the first on, as one message takes; at least one. */
function bounded(pending: readonly [number, KeptAnswer][]): readonly [number, KeptAnswer][] {
  let bytes = 0;
  const first = pending.slice(0, MAX_QUESTIONS);
  const tooMuch = first.findIndex(([number, { letters }], index) => {
    bytes += bytesOf({ [number]: letters });
    return bytes > MAX_BYTES && index > 0;
  });
  return tooMuch < 0 ? first : first.slice(0, tooMuch);
}

function bytesOf(content: unknown): number {
  return new TextEncoder().encode(JSON.stringify(content)).length;
}

export class Outbox {
  private readonly answers = new Map<number, KeptAnswer>();
  private readonly marks = new Set<number>();
  private readonly reports = new Map<number, AbsenceReport>();
  private known: State = { seq: 0, acked: 0, page: 0 };
  private page = 0;
  private adopted = false;

  constructor(private database: Database | null) {}

  /** Whether what is kept here survives a crash. */
  get durable(): boolean {
    return this.database !== null;
  }

  /** The last revision that the server has acknowledged. */
  get ackedSeq(): number {
    return this.known.acked;
  }

  /** Reads what was kept. Throws what IndexedDB throws. */
  async load(): Promise<void> {
    if (!this.database) return;
    const reading = this.database.transaction(STORES);
    for await (const row of reading.objectStore("answers")) this.answers.set(row.key, row.value);
    for (const number of await reading.objectStore("marks").getAllKeys()) this.marks.add(number);
    for (const report of await reading.objectStore("absences").getAll()) {
      this.reports.set(report.seq, report);
    }
    this.known = (await reading.objectStore("state").get("state")) ?? this.known;
    this.page = this.known.page;
  }

  /** Sets the newest page number of this attempt; call it before `adopt`. Absences of an older page are dropped. */
  async onPage(page: number): Promise<void> {
    if (page === this.page) return;
    this.page = page;
    this.reports.clear();
    await this.write((store) => [store("absences").clear()]);
  }

  /**
   * Takes what the server has. What this browser changed later and could not deliver stays and is sent again,
   * unless a page of another browser saved something in between: then the server's answers stand.
   */
  async adopt(ackedSeq: number, answers: Readonly<Record<string, Answer>>): Promise<void> {
    const foreign = this.isForeign(this.page - 1, ackedSeq);
    const kept = foreign ? [] : [...this.answers].filter(([, { seq }]) => seq > ackedSeq);
    const seq = foreign ? ackedSeq : Math.max(this.known.seq, ackedSeq);
    this.answers.clear();
    for (const [number, answer] of Object.entries(answers)) {
      this.answers.set(Number(number), { letters: answer, seq: 0 });
    }
    for (const [number, answer] of kept) this.answers.set(number, answer);
    this.adopted = true;
    this.known = { ...this.known, seq, acked: ackedSeq, page: this.page };
    await this.write((store) => [
      store("answers").clear(),
      ...[...this.answers].map(([number, answer]) => store("answers").put(answer, number)),
      store("state").put(this.known, "state"),
    ]);
  }

  /** Whether the newest page belongs to another browser, which has saved something: then its answers stand. */
  private isForeign(newestPage: number, ackedSeq: number): boolean {
    return newestPage > this.known.page && ackedSeq > this.known.acked;
  }

  /**
   * How many questions have an answer here that the server never got, before a new page is admitted. `newestPage`,
   * `ackedSeq`: the newest page that was admitted, and the last revision that the server has.
   */
  unsentSince(newestPage: number, ackedSeq: number): number {
    if (this.isForeign(newestPage, ackedSeq)) return 0;
    return [...this.answers.values()].filter(({ seq }) => seq > ackedSeq).length;
  }

  /** The question that was in sight last; null when none was. */
  get place(): number | null {
    return this.known.place ?? null;
  }

  /** Keeps which question is in sight. It stays in this browser. */
  async keepPlace(number: number): Promise<void> {
    if (number === this.known.place) return;
    this.known = { ...this.known, place: number };
    const state = this.known;
    await this.write((store) => [store("state").put(state, "state")]);
  }

  /** Changes an answer ("" clears it). Resolves when it would survive a crash. */
  async change(number: number, answer: Answer): Promise<void> {
    const seq = this.known.seq + 1;
    const kept = { letters: answer, seq };
    this.known = { ...this.known, seq };
    this.answers.set(number, kept);
    const state = this.known;
    await this.write((store) => [
      store("answers").put(kept, number),
      store("state").put(state, "state"),
    ]);
  }

  /** The answer to a question, "" when there is none. */
  answer(number: number): Answer {
    return this.answers.get(number)?.letters ?? "";
  }

  /** Whether the server has the newest answer to a question. */
  state(number: number): "saved" | "unsaved" {
    return (this.answers.get(number)?.seq ?? 0) > this.known.acked ? "unsaved" : "saved";
  }

  /** Returns everything unacknowledged; of more than 50 questions or 32 kB the oldest revisions. */
  pendingBatch(): Batch | null {
    // Another browser was admitted in between. Only the server's answers show which answers are newer.
    if (!this.adopted && this.page - this.known.page > 1) return null;
    const pending = [...this.answers].filter(([, { seq }]) => seq > this.known.acked);
    const batch = bounded(pending.sort(([, a], [, b]) => a.seq - b.seq));
    const last = batch[batch.length - 1]?.[1].seq;
    if (last === undefined) return null;
    const answers = Object.fromEntries(batch.map(([n, { letters }]) => [String(n), letters]));
    return { first: this.known.acked + 1, last, answers };
  }

  /** The server has everything up to this revision. An older acknowledgement that comes late changes nothing. */
  async acknowledge(seq: number): Promise<void> {
    if (seq <= this.known.acked) return;
    this.known = { ...this.known, acked: seq, seq: Math.max(this.known.seq, seq) };
    const state = this.known;
    await this.write((store) => [store("state").put(state, "state")]);
  }

  /** Marks a question to be looked at again. Marks stay in this browser. */
  async mark(number: number, on: boolean): Promise<void> {
    if (on) this.marks.add(number);
    else this.marks.delete(number);
    await this.write((store) => [
      on ? store("marks").put(true, number) : store("marks").delete(number),
    ]);
  }

  /** Whether a question is marked. */
  marked(number: number): boolean {
    return this.marks.has(number);
  }

  /** Keeps a report until the server has it; a newer one of the same absence takes its place. */
  async addAbsence(report: AbsenceReport): Promise<void> {
    this.reports.set(report.seq, report);
    await this.write((store) => [store("absences").put(report, report.seq)]);
  }

  /** Returns the unacknowledged absences in their order, at most 20 at a time. */
  pendingAbsences(limit = MAX_REPORTS): AbsenceReport[] {
    return [...this.reports.values()].sort((a, b) => a.seq - b.seq).slice(0, limit);
  }

  /** Removes absences that the server has. One that has ended since it was sent stays. */
  async acknowledgeAbsences(sent: readonly AbsenceReport[]): Promise<void> {
    const done = sent.filter((report) => this.reports.get(report.seq)?.ended === report.ended);
    for (const { seq } of done) this.reports.delete(seq);
    await this.write((store) => done.map(({ seq }) => store("absences").delete(seq)));
  }

  /** Closes the store. Its content stays. */
  close(): void {
    this.database?.close();
    this.database = null;
  }

  /** Runs one transaction, which is on the disk when it resolves. After a failure the store is not used any more. */
  private async write(work: (store: Writing["objectStore"]) => Promise<unknown>[]): Promise<void> {
    if (!this.database) return;
    try {
      const writing = this.database.transaction(STORES, "readwrite", { durability: "strict" });
      await Promise.all([...work((name) => writing.objectStore(name)), writing.done]);
    } catch {
      this.database?.close();
      this.database = null;
    }
  }
}
