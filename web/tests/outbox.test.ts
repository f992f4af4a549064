import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import { forgetOutbox, openOutbox, type Outbox } from "@/lib/outbox";

let attempt = 0;
let id = "";

beforeEach(() => {
  attempt += 1;
  id = `attempt-${attempt}`;
});

/** What a new page of the same browser finds after a crash: only what was on the disk. */
async function crashed(): Promise<Outbox> {
  return openOutbox(id);
}

async function opened(page = 1): Promise<Outbox> {
  const outbox = await openOutbox(id);
  await outbox.onPage(page);
  await outbox.adopt(0, {});
  return outbox;
}

const hidden = { kind: "hidden", awayMs: 2000 } as const;

describe("answers", () => {
  it("nothing changed: nothing to send", async () => {
    const outbox = await opened();
    expect(outbox.pendingBatch()).toBeNull();
    expect(outbox.state(1)).toBe("saved");
  });

  it("gathers everything since the last acknowledgement, each question once", async () => {
    const outbox = await opened();
    await outbox.change(1, "A");
    await outbox.change(2, "C");
    await outbox.change(1, "B");
    expect(outbox.pendingBatch()).toEqual({ first: 1, last: 3, answers: { 1: "B", 2: "C" } });
    expect(outbox.answer(1)).toBe("B");
  });

  it("clearing an answer is a change too", async () => {
    const outbox = await opened();
    await outbox.change(1, "A");
    await outbox.acknowledge(1);
    await outbox.change(1, "");
    expect(outbox.pendingBatch()).toEqual({ first: 2, last: 2, answers: { 1: "" } });
  });

  it("is unsaved until its own revision is acknowledged", async () => {
    const outbox = await opened();
    await outbox.change(1, "A");
    const sent = outbox.pendingBatch();
    await outbox.change(1, "B");
    await outbox.change(2, "C");
    await outbox.acknowledge(sent!.last);
    expect([outbox.state(1), outbox.state(2)]).toEqual(["unsaved", "unsaved"]);
    expect(outbox.pendingBatch()).toEqual({ first: 2, last: 3, answers: { 1: "B", 2: "C" } });
    await outbox.acknowledge(3);
    expect([outbox.state(1), outbox.state(2)]).toEqual(["saved", "saved"]);
    expect(outbox.pendingBatch()).toBeNull();
  });

  it("a late acknowledgement of an older batch changes nothing", async () => {
    const outbox = await opened();
    await outbox.change(1, "A");
    await outbox.change(2, "B");
    await outbox.acknowledge(2);
    await outbox.acknowledge(1);
    expect(outbox.ackedSeq).toBe(2);
    expect(outbox.pendingBatch()).toBeNull();
  });

  it.each([
    [49, 49],
    [50, 50],
    [51, 50],
  ])("%i questions: a batch of %i", async (questions, most) => {
    const outbox = await opened();
    for (let n = 1; n <= questions; n += 1) await outbox.change(n, "A");
    expect(Object.keys(outbox.pendingBatch()!.answers)).toHaveLength(most);
  });

  it("more than 50 questions go in two batches, the oldest revisions first", async () => {
    const outbox = await opened();
    for (let n = 1; n <= 60; n += 1) await outbox.change(n, "A");
    await outbox.change(1, "B"); // its newest revision is the last of all
    const first = outbox.pendingBatch()!;
    expect([first.first, first.last]).toEqual([1, 51]);
    expect(Object.keys(first.answers)).not.toContain("1");
    await outbox.acknowledge(first.last);
    const second = outbox.pendingBatch()!;
    expect([second.first, second.last]).toEqual([52, 61]);
    expect(second.answers["1"]).toBe("B");
    expect(Object.keys(second.answers)).toHaveLength(10);
    await outbox.acknowledge(second.last);
    expect(outbox.pendingBatch()).toBeNull();
  });
});

describe("texts of blanks", () => {
  const longest = ["字".repeat(200)]; // 600 bytes of text, 610 in the message
  const bytesOf = (content: unknown): number =>
    new TextEncoder().encode(JSON.stringify(content)).length;

  it("are kept and sent like letters", async () => {
    const before = await opened(1);
    await before.change(1, ["二十", ""]);
    const after = await crashed();
    await after.onPage(2);
    await after.adopt(0, { "1": "", "2": ["甲"] });
    expect(after.pendingBatch()).toEqual({ first: 1, last: 1, answers: { 1: ["二十", ""] } });
    expect([after.answer(1), after.answer(2)]).toEqual([["二十", ""], ["甲"]]);
  });

  it("of more than 32 kB go in several batches, the oldest revisions first", async () => {
    const outbox = await opened();
    const tenBlanks = Array.from({ length: 10 }, () => longest[0] as string); // 6 kB
    for (let n = 1; n <= 10; n += 1) await outbox.change(n, tenBlanks);
    const sizes = [];
    for (let batch = outbox.pendingBatch(); batch; batch = outbox.pendingBatch()) {
      expect(bytesOf(batch)).toBeLessThan(32_100);
      sizes.push(Object.keys(batch.answers).length);
      await outbox.acknowledge(batch.last);
    }
    expect(sizes).toEqual([5, 5]);
  });

  it.each([
    [49, 49], // 610 bytes each: 29,890
    [52, 50], // the limit of 50 questions comes first
  ])("of %i short questions: a batch of %i", async (questions, most) => {
    const outbox = await opened();
    for (let n = 1; n <= questions; n += 1) await outbox.change(n, longest);
    expect(Object.keys(outbox.pendingBatch()!.answers)).toHaveLength(most);
  });

  it("a message of a closing page stays below what browsers send then", async () => {
    const outbox = await opened();
    const tenBlanks = Array.from({ length: 10 }, () => longest[0] as string);
    for (let n = 1; n <= 12; n += 1) await outbox.change(n, tenBlanks);
    for (let seq = 1; seq <= 30; seq += 1) await outbox.addAbsence({ seq, ...hidden, ended: true });
    const message = { absences: outbox.pendingAbsences(), answers: outbox.pendingBatch() };
    expect(bytesOf(message)).toBeLessThan(60_000);
  });
});

describe("a crash", () => {
  it("after an answer: the next page of this browser sends it", async () => {
    const before = await opened(1);
    await before.change(1, "A");
    await before.acknowledge(1);
    await before.change(2, "B");
    await before.change(3, "C");

    const after = await crashed();
    await after.onPage(2);
    await after.adopt(1, { "1": "A", "2": "", "3": "" });
    expect(after.pendingBatch()).toEqual({ first: 2, last: 3, answers: { 2: "B", 3: "C" } });
    expect([after.answer(1), after.answer(2), after.state(2)]).toEqual(["A", "B", "unsaved"]);
  });

  it("before the acknowledgement arrived: what the server has is not sent again", async () => {
    const before = await opened(1);
    await before.change(1, "A");
    await before.change(2, "B");

    const after = await crashed();
    await after.onPage(2);
    await after.adopt(1, { "1": "A", "2": "" });
    expect(after.pendingBatch()).toEqual({ first: 2, last: 2, answers: { 2: "B" } });
  });

  it("before the disk had it though the server has it: the revisions go on behind the server's", async () => {
    const before = await opened(1);
    await before.change(1, "A");

    const after = await crashed();
    await after.onPage(2);
    await after.adopt(7, { "1": "D" });
    expect([after.answer(1), after.pendingBatch()]).toEqual(["D", null]);
    await after.change(1, "C");
    expect(after.pendingBatch()).toEqual({ first: 8, last: 8, answers: { 1: "C" } });
  });

  it("between taking the page and adopting the answers loses nothing", async () => {
    const before = await opened(1);
    await before.change(1, "A");
    const between = await crashed();
    await between.onPage(2);

    const after = await crashed();
    await after.onPage(3);
    await after.adopt(0, { "1": "" });
    expect(after.pendingBatch()).toEqual({ first: 1, last: 1, answers: { 1: "A" } });
  });

  it("and another browser in between: nothing of ours is sent before its answers are known", async () => {
    const before = await opened(1);
    await before.change(1, "A");
    const after = await crashed();
    await after.onPage(3);
    expect(after.pendingBatch()).toBeNull();
    await after.adopt(0, {});
    expect(after.pendingBatch()).toMatchObject({ answers: { 1: "A" } });
  });

  it("and another browser in between: its answers stand, ours are not mixed in", async () => {
    const before = await opened(1);
    await before.change(1, "A");
    await before.change(2, "B");

    const after = await crashed();
    await after.onPage(3); // page 2 was elsewhere, and saved one revision
    await after.adopt(1, { "1": "D", "2": "" });
    expect([after.answer(1), after.answer(2), after.pendingBatch()]).toEqual(["D", "", null]);
    await after.change(2, "C");
    expect(after.pendingBatch()).toEqual({ first: 2, last: 2, answers: { 2: "C" } });
  });

  it("and another browser in between that saved nothing: ours are sent", async () => {
    const before = await opened(1);
    await before.change(1, "A");

    const after = await crashed();
    await after.onPage(3);
    await after.adopt(0, { "1": "" });
    expect(after.pendingBatch()?.answers).toEqual({ 1: "A" });
  });

  it("a first page on a new computer takes what the server has", async () => {
    const outbox = await openOutbox(id);
    await outbox.onPage(4);
    await outbox.adopt(9, { "1": "A", "2": "" });
    expect([outbox.answer(1), outbox.state(1), outbox.pendingBatch()]).toEqual([
      "A",
      "saved",
      null,
    ]);
    await outbox.change(2, "C");
    expect(outbox.pendingBatch()).toEqual({ first: 10, last: 10, answers: { 2: "C" } });
  });

  it("keeps answers in the order in which they were given, though written at once", async () => {
    const before = await opened(1);
    await Promise.all(["A", "B", "C", "D"].map((letters) => before.change(1, letters)));
    const after = await crashed();
    expect(after.answer(1)).toBe("D");
    expect(after.pendingBatch()).toEqual({ first: 1, last: 4, answers: { 1: "D" } });
  });
});

describe("marks", () => {
  it("stay in this browser, on and off", async () => {
    const before = await opened();
    await before.mark(3, true);
    await before.mark(5, true);
    await before.mark(3, false);
    const after = await crashed();
    await after.onPage(2);
    await after.adopt(0, {});
    expect([after.marked(3), after.marked(5)]).toEqual([false, true]);
    expect(after.pendingBatch()).toBeNull();
  });
});

describe("absences", () => {
  it("are kept until acknowledged, in sequence", async () => {
    const outbox = await opened();
    await outbox.addAbsence({ seq: 2, ...hidden, ended: true });
    await outbox.addAbsence({ seq: 1, ...hidden, ended: true });
    const sent = outbox.pendingAbsences();
    expect(sent.map((r) => r.seq)).toEqual([1, 2]);
    await outbox.acknowledgeAbsences(sent);
    expect(outbox.pendingAbsences()).toEqual([]);
  });

  it("the end of one takes the place of its beginning, and outlives its acknowledgement", async () => {
    const outbox = await opened();
    await outbox.addAbsence({ seq: 1, ...hidden, ended: false });
    const sent = outbox.pendingAbsences();
    await outbox.addAbsence({ seq: 1, ...hidden, awayMs: 9000, ended: true });
    await outbox.acknowledgeAbsences(sent);
    expect(outbox.pendingAbsences()).toEqual([{ seq: 1, ...hidden, awayMs: 9000, ended: true }]);
  });

  it("survive a crash of the same page's browser, but are void on a new page", async () => {
    const before = await opened(1);
    await before.addAbsence({ seq: 1, ...hidden, ended: false });
    const after = await crashed();
    expect(after.pendingAbsences()).toHaveLength(1);
    await after.onPage(2);
    expect(after.pendingAbsences()).toEqual([]);
    expect((await crashed()).pendingAbsences()).toEqual([]);
  });

  it("go at most 20 at a time", async () => {
    const outbox = await opened();
    for (let seq = 1; seq <= 21; seq += 1) {
      await outbox.addAbsence({ seq, ...hidden, ended: true });
    }
    expect(outbox.pendingAbsences()).toHaveLength(20);
    await outbox.acknowledgeAbsences(outbox.pendingAbsences());
    expect(outbox.pendingAbsences().map((r) => r.seq)).toEqual([21]);
  });
});

describe("the store", () => {
  it("forgets a submitted attempt", async () => {
    const outbox = await opened();
    await outbox.change(1, "A");
    await outbox.mark(1, true);
    await forgetOutbox(id); // also while a page still has it open
    const names = (await indexedDB.databases()).map((database) => database.name);
    expect(names).not.toContain(`kaochang-${id}`);
  });

  it("keeps attempts apart", async () => {
    const mine = await opened();
    await mine.change(1, "A");
    const other = await openOutbox(`${id}-other`);
    expect(other.pendingBatch()).toBeNull();
  });

  it("that cannot be opened: the memory serves", async () => {
    const working = indexedDB.open.bind(indexedDB);
    indexedDB.open = () => {
      throw new DOMException("no", "SecurityError");
    };
    const outbox = await openOutbox(id);
    indexedDB.open = working;
    await outbox.onPage(1);
    await outbox.adopt(0, {});
    await outbox.change(1, "A");
    expect(outbox.durable).toBe(false);
    expect(outbox.pendingBatch()).toEqual({ first: 1, last: 1, answers: { 1: "A" } });
  });

  it("that fails in the middle: the memory goes on", async () => {
    const outbox = await opened();
    const writing = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    await outbox.change(1, "A");
    IDBObjectStore.prototype.put = writing;
    await outbox.change(2, "B");
    expect(outbox.durable).toBe(false);
    expect(outbox.pendingBatch()).toEqual({ first: 1, last: 2, answers: { 1: "A", 2: "B" } });
  });
});
