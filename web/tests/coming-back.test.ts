// @vitest-environment happy-dom
/** What somebody sees who comes back to a running exam, after a reload or a crash. */
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ExamDay, FakeServer, NOW, MINUTE_MS } from "./exam-day";

let day: ExamDay;
beforeEach(() => {
  indexedDB = new IDBFactory();
});
afterEach(() => day.close());

/** The text of the first screen. */
const told = (): string => day.all("dl")[0]?.textContent?.replace(/\s+/g, " ") ?? "";

async function reload(coming = {}): Promise<void> {
  day = await day.reloaded(coming);
}

describe("coming back", () => {
  it("says until when the exam runs, in Beijing time, and what is saved", async () => {
    day = await ExamDay.inTheExam();
    await day.key("1");
    await day.pass(2000);
    await reload();
    expect(day.text).toContain("考试正在进行，您可以回来继续作答");
    expect(told()).toContain("北京时间 2027年1月15日周五 16:14"); // 12 minutes after the start
    expect(told()).toContain("服务器已保存 1 题。这台电脑上没有等待发送的作答。");
    expect(day.all("#step-heading")).toHaveLength(0);
  });

  it("says what this computer has not sent yet", async () => {
    day = await ExamDay.inTheExam();
    await day.key("1");
    await day.pass(2000);
    day.server.refuse("/heartbeat", { status: 503, code: "service_busy" });
    await day.key("2");
    await day.key("ArrowRight");
    await day.key("3");
    await day.pass(2000);
    await reload();
    expect(told()).toContain("服务器已保存 1 题。另有 2 题的最新作答还在这台电脑上");
  });

  it("knows no unsent answers once another computer has saved some", async () => {
    day = await ExamDay.inTheExam();
    day.server.refuse("/heartbeat", { status: 503, code: "service_busy" });
    await day.key("1");
    await day.pass(2000);
    await reload({ page: 2, acked_seq: 4, answered: 4 });
    expect(told()).toContain("服务器已保存 4 题。这台电脑上没有等待发送的作答。");
  });

  it("says that nothing has counted yet and what entering will count", async () => {
    day = await ExamDay.inTheExam();
    await reload();
    expect(told()).toContain("现在还没有计次；进入考场时记为第 1 次切屏，达 3 次将自动收卷。");
  });

  it("warns before the one that hands the paper in", async () => {
    day = await ExamDay.inTheExam();
    await reload({ switch: 3 });
    expect(told()).toContain("记为第 3 次切屏，试卷会立即自动提交");
    expect(told()).toContain("95763");
  });

  it("says that what counted when they left does not count again", async () => {
    day = await ExamDay.inTheExam();
    day.server.attempt.switches = 1;
    await reload({ kind: "same_absence", switch: null });
    expect(told()).toContain("回来不再计次。目前共 1 次，达 3 次将自动收卷。");
    await goOn();
    expect(day.text).toContain("您已切屏 1 次");
    expect(day.text).not.toContain("这次回来已记为");
  });

  it("says that the exam does not count it", async () => {
    day = await ExamDay.inTheExam();
    await reload({ kind: "not_counted", switch: null });
    expect(told()).toContain("不记为切屏");
  });

  it("in a practice no switch hands anything in", async () => {
    const coming_back = { kind: "counts", switch: 3, answered: 0, page: 1, acked_seq: 0 } as const;
    day = await ExamDay.open(
      new FakeServer({ kind: "practice", status: "started", switches: 2, coming_back }),
    );
    expect(told()).toContain("第 3 次切屏。试考不会因切屏收卷。");
  });

  it("then comes the check-in, and the question where they were", async () => {
    day = await ExamDay.inTheExam();
    await day.key("ArrowRight");
    await day.key("ArrowRight");
    await reload();
    await goOn();
    expect(day.text).toContain("这次回来已记为第 1 次切屏");
    await day.press("进入全屏，继续作答");
    expect(day.all("#stem .number")[0]?.textContent).toBe("3.");
  });

  it("on a computer that does not know where they were it is the first question", async () => {
    day = await ExamDay.inTheExam();
    await day.key("ArrowRight");
    indexedDB = new IDBFactory();
    await reload();
    await goOn();
    await day.press("进入全屏，继续作答");
    expect(day.all("#stem .number")[0]?.textContent).toBe("1.");
  });

  it("reads the attempt again when the time ends meanwhile", async () => {
    day = await ExamDay.inTheExam();
    await reload();
    day.server.submit({}, "deadline");
    await day.passUntil(NOW + 14 * MINUTE_MS + 4999);
    expect(day.text).toContain("考试正在进行");
    await day.pass(500);
    expect(day.text).toContain("考试结果");
  });

  it("is nobody who waits for the start", async () => {
    day = await ExamDay.open(new FakeServer({ next_step: "notice" }));
    expect(day.text).not.toContain("考试正在进行");
  });

  async function goOn(): Promise<void> {
    await day.press("继续考前确认");
    await day.press("进入考场");
  }
});
