// @vitest-environment happy-dom
/** Announcements and 请求帮助 as a candidate sees them; the server, the camera and time are fakes. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { ExamDay, SECOND_MS } from "./exam-day";

const HEARTBEAT_MS = 30 * SECOND_MS;
const TEXT = "考试延长 10 分钟 <b>请继续</b>";

let day: ExamDay;
afterEach(() => {
  day.close();
  vi.restoreAllMocks();
});

const card = (): string => day.all(".announcement")[0]?.textContent ?? "";
const receipts = (): unknown[] => day.server.bodies("/announcements/read");

async function choose(reason: string): Promise<void> {
  const label = day.all("dialog label").find((one) => one.textContent?.includes(reason));
  label?.querySelector("input")?.click();
  await day.pass(0);
}

describe("an announcement", () => {
  it("is shown with the next heartbeat as plain text, without full screen being left", async () => {
    day = await ExamDay.inTheExam();
    expect(card()).toBe("");
    day.server.announce(TEXT);
    await day.pass(HEARTBEAT_MS);
    expect(card()).toContain(TEXT);
    expect(day.all(".announcement b")).toHaveLength(0);
    expect(document.fullscreenElement).not.toBeNull();
    expect(day.text).toContain(`新通知：${TEXT}`); // read aloud
    expect(receipts()).toEqual([]);
  });

  it("is gone once it is confirmed, and stays in the list", async () => {
    day = await ExamDay.inTheExam();
    day.server.announce(TEXT);
    day.server.announce("请看摄像头", true);
    await day.pass(HEARTBEAT_MS);
    expect(card()).toContain("2 条新通知");
    await day.press("我知道了");
    expect(card()).toBe("");
    expect(receipts()).toEqual([{ for_all: 1, to_me: 1 }]);
    await day.press("通知（2）");
    const listed = day.all("dialog li").map((one) => one.textContent ?? "");
    expect(listed[0]).toContain("请看摄像头");
    expect(listed[1]).toContain(TEXT);
    await day.pass(2 * HEARTBEAT_MS);
    expect(receipts()).toHaveLength(1);
  });

  it("whose receipt got lost is confirmed again with the next heartbeat, and not shown again", async () => {
    day = await ExamDay.inTheExam();
    day.server.announce(TEXT);
    await day.pass(HEARTBEAT_MS);
    day.server.refuse("/announcements/read", { status: 503, code: "service_busy" });
    await day.press("我知道了");
    await day.pass(HEARTBEAT_MS);
    expect(card()).toBe("");
    day.server.allow("/announcements/read");
    day.server.announce("第二条");
    await day.pass(HEARTBEAT_MS);
    expect(day.server.announcements.map((one) => one.read)).toEqual([true, false]);
    expect(card()).toContain("第二条");
    expect(card()).not.toContain(TEXT);
  });

  it("comes first, and is confirmed only when all of the new ones were in sight", async () => {
    vi.spyOn(HTMLElement.prototype, "scrollHeight", "get").mockReturnValue(300);
    vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(200);
    day = await ExamDay.inTheExam();
    day.server.announce("第一条");
    day.server.announce("第二条");
    await day.pass(HEARTBEAT_MS);
    expect(card().indexOf("第二条")).toBeLessThan(card().indexOf("第一条"));
    expect(day.button("我知道了")).toBeUndefined();
    await day.press("往下看");
    expect(receipts()).toEqual([]);
    await day.press("我知道了");
    expect(receipts()).toMatchObject([{ for_all: 2 }]);
  });

  it("that cannot be fetched comes with a later heartbeat", async () => {
    day = await ExamDay.inTheExam();
    day.server.announce(TEXT);
    day.server.refuse("/announcements", { status: 503, code: "service_busy" });
    await day.pass(HEARTBEAT_MS);
    expect(card()).toBe("");
    day.server.allow("/announcements");
    await day.pass(HEARTBEAT_MS);
    expect(card()).toContain(TEXT);
  });

  it("takes no focus, and gives it back where somebody was before the button", async () => {
    day = await ExamDay.inTheExam();
    const option = day.all("input[type=radio]")[0];
    option?.focus();
    day.server.announce(TEXT);
    await day.pass(HEARTBEAT_MS);
    expect(document.activeElement).toBe(option);
    const button = day.button("我知道了");
    button?.dispatchEvent(new FocusEvent("focus", { relatedTarget: option ?? null }));
    await day.press("我知道了");
    expect(document.activeElement).toBe(option);
  });

  it("from before is shown in the waiting room, unless it was confirmed", async () => {
    day = await ExamDay.open();
    day.server.announce("已读的");
    day.server.announcements[0]!.read = true;
    day.server.announce("未读的");
    await day.press("进入考场");
    expect(card()).toContain("未读的");
    expect(card()).not.toContain("已读的");
    expect(day.button("通知（2）")).toBeDefined();
  });
});

describe("请求帮助", () => {
  it("is sent with a reason, answered by an announcement, and may then be asked again", async () => {
    day = await ExamDay.inTheExam();
    await day.press("请求帮助");
    expect(day.button("发送")?.disabled).toBe(true);
    await choose("题目显示不正常");
    await day.press("发送");
    expect(day.server.bodies("/help")).toMatchObject([{ reason: "display" }]);
    expect(day.text).toContain("已发送：题目显示不正常");
    await day.press("关闭");
    expect(day.button("求助已收到")).toBeDefined();
    day.server.announce("请刷新图片", true);
    await day.pass(HEARTBEAT_MS);
    expect(card()).toContain("给您");
    expect(card()).toContain("请刷新图片");
    expect(day.button("请求帮助")).toBeDefined();
  });

  it("that got no answer is the same request when it is sent again", async () => {
    day = await ExamDay.inTheExam();
    day.server.refuse("/help", { status: 503, code: "service_busy", message: "服务繁忙" });
    await day.press("请求帮助");
    await choose("网络问题");
    await day.press("发送");
    expect(day.alerts.join()).toContain("服务繁忙");
    day.server.allow("/help");
    await day.press("发送");
    const ids = day.server.bodies("/help").map((body) => body["request_id"]);
    expect(new Set(ids).size).toBe(1);
    expect(day.text).toContain("求助已收到");
  });

  it("counts as no switch and lets the answers be", async () => {
    day = await ExamDay.inTheExam();
    await day.press("请求帮助");
    await day.key("1"); // typed in the dialog, not for the question
    await choose("其他问题");
    await day.press("发送");
    await day.pass(HEARTBEAT_MS);
    expect(day.server.answers).toEqual({});
    expect(day.server.bodies("/absences")).toEqual([]);
  });
});
