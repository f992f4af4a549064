// @vitest-environment happy-dom
/** The exam day as a person sees it; the server, the camera and time are fakes. */
import { afterEach, describe, expect, it } from "vitest";
import type { Schemas } from "@/api/client";
import { ExamDay, FakeServer, MINUTE_MS, NOW, SECOND_MS, question, ticket } from "./exam-day";

const HEARTBEAT_MS = 30 * SECOND_MS;
const SAVED_WITHIN_MS = 2 * SECOND_MS;
const SOON_MS = 2 * SECOND_MS; // the screen follows the clock four times a second

let day: ExamDay;
afterEach(() => day.close());

describe("考试须知", () => {
  it("signs in again when the session has expired, and goes on", async () => {
    day = await ExamDay.open(new FakeServer({ next_step: "notice" }));
    await agree();
    day.server.signedIn = false;
    await day.press("下一步");
    expect(day.all("#step-heading")[0]?.textContent).toContain("考试须知");
    await day.signIn();
    expect(day.all("#step-heading")[0]?.textContent).toContain("设备检测");
  });

  it("says that the server is busy; the step can be repeated, with the same request", async () => {
    day = await ExamDay.open(new FakeServer({ next_step: "notice" }));
    const busy = { status: 503, code: "service_busy", message: "服务繁忙，请稍后重试。" };
    day.server.refuse("/check-in/notice", busy);
    await agree();
    await day.press("下一步");
    expect(day.text).toContain("服务繁忙，请稍后重试。");
    day.server.allow("/check-in/notice");
    await day.press("下一步");
    expect(day.all("#step-heading")[0]?.textContent).toContain("设备检测");
    const ids = day.server.bodies("/check-in/notice").map((body) => body["request_id"]);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  async function agree(): Promise<void> {
    const tick = day.all('input[type="checkbox"]')[0] as HTMLInputElement;
    tick.click();
    await day.pass(0);
  }
});

describe("去反馈", () => {
  const FAILED = {
    verification_id: "vf_1",
    state: "failed",
    reason: "mismatch",
    message: "核验未通过",
    our_fault: false,
    upload_until: 0,
    turn: null,
  } as const;
  const ADMITTED = {
    state: "accepted",
    settled: true,
    effect: "admitted",
    message: "工单已通过：您可以不经人脸核验进入考场，其他步骤照常",
    reason: "已电话核对本人",
    decided_at: NOW,
  } as const;

  function usedUp(): FakeServer {
    return new FakeServer({ next_step: "verification", chances_left: 0, verification: FAILED });
  }

  function reads(): number {
    return day.server.sent.filter(({ path }) => path.startsWith("/tickets/")).length;
  }

  it("goes on by itself when an operator admits, without a reload", async () => {
    const server = usedUp();
    server.tickets = [ticket()];
    day = await ExamDay.open(server);
    expect(day.text).toContain("核验机会已用完");
    expect(day.text).toContain("处理结果会自动显示在这里");
    await day.pass(10 * SECOND_MS);
    expect(reads()).toBeGreaterThan(0);
    server.tickets = [ticket(ADMITTED)];
    server.attempt.next_step = "admission";
    await day.pass(30 * SECOND_MS);
    expect(day.all("#step-heading")[0]?.textContent).toContain("进入考场");
    expect(day.text).toContain("您可以不经人脸核验进入考场");
    expect(day.text).toContain("处理说明：已电话核对本人");
    const after = reads();
    await day.pass(2 * MINUTE_MS);
    expect(reads()).toBe(after);
  });

  it("shows why a ticket was rejected, and the person may go on trying", async () => {
    const server = new FakeServer({ next_step: "verification", verification: FAILED });
    server.tickets = [ticket()];
    day = await ExamDay.open(server);
    const rejected = {
      state: "rejected",
      settled: true,
      message: "工单未通过，原因见处理说明",
    } as const;
    server.tickets = [ticket({ ...rejected, reason: "照片不是本人" })];
    await day.pass(10 * SECOND_MS);
    expect(day.text).toContain("处理说明：照片不是本人");
    expect(day.all("#step-heading")[0]?.textContent).toContain("身份核验");
  });

  it("lets in who came too late, once the operator has extended the entry", async () => {
    const server = new FakeServer({ next_step: "entry_closed" });
    server.tickets = [ticket({ trouble: "other" })];
    day = await ExamDay.open(server);
    expect(day.text).toContain("已超过入场时间");
    const given = {
      state: "accepted",
      settled: true,
      effect: "given",
      message: "工单已通过：您最晚可在 01-15 16:20 开始考试",
    } as const;
    server.tickets = [ticket(given)];
    server.attempt.next_step = "notice";
    await day.pass(10 * SECOND_MS);
    expect(day.text).not.toContain("已超过入场时间");
    expect(day.text).toContain("您最晚可在 01-15 16:20 开始考试");
  });

  it("asks ever more seldom, and keeps waiting while a decision is being carried out", async () => {
    const server = usedUp();
    server.tickets = [ticket()];
    day = await ExamDay.open(server);
    await day.pass(MINUTE_MS);
    const first = reads();
    server.tickets = [ticket({ ...ADMITTED, settled: false })];
    await day.pass(10 * MINUTE_MS);
    expect(reads() - first).toBeLessThanOrEqual(10);
    expect(day.text).toContain("核验机会已用完");
  });

  it("does not ask at all for who has had no trouble", async () => {
    day = await ExamDay.open(new FakeServer({ next_step: "verification" }));
    await day.pass(MINUTE_MS);
    expect(day.server.sent.filter(({ path }) => path.startsWith("/tickets"))).toEqual([]);
  });

  it("tells that an admission was taken back before it was used", async () => {
    const server = new FakeServer({ next_step: "admission", verification: FAILED });
    server.tickets = [ticket(ADMITTED)];
    day = await ExamDay.open(server);
    server.refuse("/admission", { status: 409, code: "wrong_step", message: "请先完成身份核验" });
    server.attempt.next_step = "verification";
    const message = "处理结果已更正。工单未通过，原因见处理说明";
    server.tickets = [ticket({ state: "rejected", settled: true, corrected: true, message })];
    await day.press("进入考场");
    await day.pass(SECOND_MS);
    expect(day.all("#step-heading")[0]?.textContent).toContain("身份核验");
    expect(day.text).toContain("处理结果已更正");
  });
});

describe("设备检测", () => {
  it("names a camera that another program uses, and works once it is free", async () => {
    day = await ExamDay.open(new FakeServer({ next_step: "camera" }));
    day.camera.failure = "busy";
    await day.press("点击开启摄像头");
    expect(day.text).toContain("摄像头正被其他程序占用");
    expect(day.button("下一步")?.disabled).toBe(true);
    day.camera.failure = null;
    await day.press("重新检测");
    expect(day.text).toContain("摄像头状态正常");
    expect(day.button("下一步")?.disabled).toBe(false);
  });
});

describe("网络环境检测", () => {
  it("that fails says so and lets the person go on", async () => {
    day = await ExamDay.open(new FakeServer({ next_step: "network" }));
    expect(day.text).toContain("没有测出网速");
    await day.press("直接继续");
    const zero = { down_mbps: 0, up_mbps: 0, latency_ms: 0 };
    expect(day.server.bodies("/check-in/network")).toEqual([zero]);
  });
});

describe("身份核验", () => {
  const verification = {
    verification_id: "vf_1",
    state: "judging" as const,
    reason: "",
    message: "",
    our_fault: false,
    upload_until: NOW,
    turn: null,
  };

  it("says after five seconds that the verdict takes longer, and goes on when it is there", async () => {
    day = await ExamDay.open(new FakeServer({ next_step: "verification", verification }));
    expect(day.text).toContain("正在核验…");
    await day.pass(5 * SECOND_MS);
    expect(day.text).toContain("正在核验…");
    await day.pass(SOON_MS);
    expect(day.text).toContain("核验时间比平时长，请稍候");
    Object.assign(day.server.attempt, {
      next_step: "admission",
      verification: { ...verification, state: "passed" },
    });
    await day.pass(SOON_MS);
    expect(day.button("进入考场")).toBeDefined();
  });

  it("has a shutter where the detector cannot run", async () => {
    day = await ExamDay.open(new FakeServer({ next_step: "verification" }));
    await day.press("拍照");
    expect(day.all('img[alt="刚拍摄的照片"]')).toHaveLength(1);
    expect(day.button("开始核验")).toBeDefined();
  });
});

describe("候考", () => {
  it("turns into 开始考试 at the bell, by itself", async () => {
    day = await inTheWaitingRoom();
    await day.pass(2 * MINUTE_MS - SECOND_MS);
    expect(day.button("开始考试")).toBeUndefined();
    await day.pass(SOON_MS);
    expect(day.button("开始考试")).toBeDefined();
  });

  it("reads no second aloud while entry is open", async () => {
    day = await inTheWaitingRoom();
    await day.passUntil(day.server.attempt.starts_at);
    const timers = day.all('[role="timer"]');
    expect(timers.map((timer) => timer.getAttribute("aria-live"))).toEqual(["off"]);
  });

  it("that outlasts the entry time says so and leads out, without a question", async () => {
    day = await inTheWaitingRoom();
    const { start_until } = day.server.attempt;
    await day.passUntil(start_until);
    expect(day.button("开始考试")).toBeDefined();
    await day.pass(SOON_MS);
    expect(day.alerts.join()).toContain("已超过入场时间，无法进入考试");
    expect(day.button("开始考试")).toBeUndefined();
    expect(links("退出候考")).toHaveLength(0);
    links("返回考试详情")[0]?.click();
    await day.pass(0);
    expect(day.text).toBe("elsewhere");
  });

  it("asks before it is left, and stays when the person says so", async () => {
    day = await inTheWaitingRoom();
    links("退出候考")[0]?.click();
    await day.pass(0);
    expect(day.text).toContain("需要重新完成考前确认，包括人脸核验");
    await day.press("留在本页");
    expect(day.text).toContain("距离考试开始");
    links("退出候考")[0]?.click();
    await day.pass(0);
    await day.press("仍要离开");
    expect(day.text).toBe("elsewhere");
  });

  it("signs in again at the bell when the session has expired, and starts", async () => {
    day = await inTheWaitingRoom();
    await day.passUntil(day.server.attempt.starts_at);
    day.server.signedIn = false;
    await day.press("开始考试");
    expect(day.server.attempt.status).toBe("opened");
    await day.signIn();
    expect(day.server.attempt.status).toBe("started");
    expect(stem()).toBe("1.第 1 道题");
  });

  it.each([false, true])("asks for pictures only if there are any: %s", async (hasPictures) => {
    day = await inTheWaitingRoom({ hasPictures });
    await day.pass(SOON_MS);
    expect(asked()).toBe(hasPictures ? 1 : 0);
    await day.passUntil(day.server.attempt.starts_at);
    await day.press("开始考试");
    expect(asked()).toBe(hasPictures ? 1 : 0);
  });

  it("asks for pictures with the paper when the admission did not tell of them", async () => {
    day = await inTheWaitingRoom({ pictureKey: btoa("k".repeat(32)) });
    await day.passUntil(day.server.attempt.starts_at);
    expect(asked()).toBe(0);
    await day.press("开始考试");
    expect(asked()).toBe(1);
  });

  function asked(): number {
    return day.server.sent.filter(({ path }) => path.endsWith("/pictures")).length;
  }

  async function inTheWaitingRoom(told: Partial<FakeServer> = {}): Promise<ExamDay> {
    const opened = await ExamDay.open(Object.assign(new FakeServer(), told));
    await opened.press("进入考场");
    return opened;
  }

  function links(name: string): HTMLElement[] {
    return day.all("a").filter((link) => link.textContent?.trim() === name);
  }
});

describe("考试", () => {
  it("is answered, marked and paged through by the keyboard alone", async () => {
    day = await ExamDay.inTheExam();
    for (const key of ["2", "m", "ArrowRight"]) await day.key(key);
    expect(stem()).toBe("2.第 2 道题");
    for (const key of ["1", "ArrowLeft"]) await day.key(key);
    expect(stem()).toBe("1.第 1 道题");
    await day.pass(SAVED_WITHIN_MS);
    expect(day.text).toContain("答案已全部保存");
    expect(day.server.answers).toEqual({ "1": "B", "2": "A" });
    expect(day.all('button[aria-label="第 1 题，已答，标记"]')).toHaveLength(1);
  });

  it("keeps nobody from answering while the server is busy", async () => {
    day = await ExamDay.inTheExam();
    day.server.refuse("/heartbeat", { status: 503, code: "service_busy", retryAfterS: 1 });
    await day.key("4");
    await day.pass(SAVED_WITHIN_MS);
    expect(day.text).toContain("1 题未保存");
    expect(day.server.answers).toEqual({});
    day.server.allow("/heartbeat");
    await day.pass(HEARTBEAT_MS);
    expect(day.text).toContain("答案已全部保存");
    expect(day.server.answers).toEqual({ "1": "D" });
  });

  it("goes on after a new sign-in with everything that was typed meanwhile", async () => {
    day = await ExamDay.inTheExam();
    day.server.signedIn = false;
    await day.key("1");
    await day.pass(SAVED_WITHIN_MS);
    await day.signIn();
    await day.pass(SAVED_WITHIN_MS);
    expect(day.server.answers).toEqual({ "1": "A" });
  });

  it("reports with the submission how long each question was in sight", async () => {
    day = await ExamDay.inTheExam();
    await day.pass(7 * SECOND_MS);
    await day.key("ArrowRight");
    await day.pass(3 * SECOND_MS);
    await day.press("提交试卷");
    await day.press("确认提交");
    const [sent] = day.server.bodies("/submission");
    const [first, second, third] = sent!["seconds"] as number[];
    expect(first).toBeGreaterThanOrEqual(7);
    expect(first! + second!).toBeLessThanOrEqual(12);
    expect(second).toBeGreaterThanOrEqual(3);
    expect(third).toBe(0);
  });

  it("signs in again at the submission when the session has expired, and submits", async () => {
    day = await ExamDay.inTheExam();
    await day.key("1");
    await day.pass(SAVED_WITHIN_MS);
    day.server.signedIn = false;
    await day.press("提交试卷");
    await day.press("确认提交");
    await day.signIn();
    expect(day.text).toContain("考试结果");
    expect(day.server.attempt.cause).toBe("candidate");
    expect(day.server.answers).toEqual({ "1": "A" });
    expect(day.camera.state).toBe("closed");
  });

  it("says that another page has taken over, and offers a new check-in here", async () => {
    day = await ExamDay.inTheExam();
    day.server.refuse("/heartbeat", { status: 409, code: "superseded" });
    await day.pass(HEARTBEAT_MS);
    expect(day.text).toContain("您已在其他页面进入考试");
    expect(day.camera.state).toBe("closed");
    expect(document.fullscreenElement).toBeNull();
    day.server.allow("/heartbeat");
    await day.press("在本页重新考前确认");
    expect(day.button("进入考场")).toBeDefined();
  });

  it("says that more time was given", async () => {
    day = await ExamDay.inTheExam();
    day.server.attempt.deadline! += 10 * MINUTE_MS;
    await day.pass(HEARTBEAT_MS);
    expect(day.text).toContain("考试时间已延长 10 分钟");
    expect(day.text).toContain("剩余 22 分钟");
  });

  it("brings what is unsaved at the deadline, and waits until the server closes it", async () => {
    day = await ExamDay.inTheExam();
    const { deadline } = day.server.attempt;
    await day.passUntil(deadline! - SECOND_MS);
    await day.key("3");
    await day.pass(3 * SECOND_MS);
    expect(day.alerts.join()).toContain("考试时间到，正在提交试卷…");
    expect(day.server.answers).toEqual({ "1": "C" });
    expect(day.server.bodies("/submission")).toEqual([]);
    day.server.submit({}, "deadline");
    await day.pass(SOON_MS);
    expect(day.text).toContain("考试结果");
    expect(day.text).toContain("考试时间到，系统自动收卷");
  });

  it("goes on when more time was given at the very end", async () => {
    day = await ExamDay.inTheExam();
    const { deadline } = day.server.attempt;
    await day.passUntil(deadline!);
    expect(day.alerts.join()).toContain("考试时间到，正在提交试卷…");
    day.server.attempt.deadline! += 10 * MINUTE_MS;
    await day.pass(SOON_MS);
    expect(day.alerts.join()).not.toContain("考试时间到");
    await day.key("1");
    await day.pass(SAVED_WITHIN_MS);
    expect(day.server.answers).toEqual({ "1": "A" });
  });
});

describe("考试结果", () => {
  it("gets the focus when the paper is handed in, so that it is read aloud", async () => {
    day = await ExamDay.inTheExam();
    await day.press("提交试卷");
    await day.press("确认提交");
    await day.pass(SOON_MS);
    expect(document.activeElement?.textContent).toBe("考试结果");
  });

  it("becomes final by itself, and is not asked for any more", async () => {
    day = await ExamDay.open(new FakeServer({ status: "submitted", next_step: "result" }));
    const asked = (): number => day.server.bodies("/result").length;
    expect(asked()).toBe(1);
    await day.pass(16 * SECOND_MS);
    expect(asked()).toBeGreaterThan(1);
    expect(day.text).toContain("暂定");
    day.server.provisional = false;
    await day.pass(30 * SECOND_MS);
    expect(day.text).not.toContain("暂定");
    const final = asked();
    await day.pass(2 * MINUTE_MS);
    expect(asked()).toBe(final);
  });
});

describe("填空题、不定项选择题和材料题", () => {
  const blanks = (number: number, fields = {}): Schemas["ShownQuestion"] =>
    question(number, {
      type: "blank",
      stem: [
        {
          kind: "paragraph",
          inlines: [
            { kind: "text", text: "自公告之日起", marks: [] },
            { kind: "blank", number: 1 },
            { kind: "text", text: "日，不少于", marks: [] },
            { kind: "blank", number: 2 },
          ],
        },
      ],
      options: [],
      blanks: 2,
      ...fields,
    });

  async function open(questions: Schemas["ShownQuestion"][], materials: string[] = []) {
    const server = new FakeServer();
    server.sections = [{ title: "综合题", questions, materials }];
    day = await ExamDay.inTheExam(server);
  }

  const field = (n: number): HTMLInputElement =>
    day.all(`input[aria-label="第 ${n} 空"]`)[0] as HTMLInputElement;

  async function type(n: number, text: string): Promise<void> {
    field(n).value = text;
    field(n).dispatchEvent(new Event("input"));
    await day.pass(0);
  }

  async function press(n: number, key: string): Promise<boolean> {
    const event = new KeyboardEvent("keydown", { key, cancelable: true, bubbles: true });
    field(n).focus();
    const taken = !field(n).dispatchEvent(event);
    await day.pass(0);
    return taken;
  }

  it("a blank is saved within two seconds, also while it is being typed", async () => {
    await open([blanks(1)]);
    for (const text of ["二", "二十", "二十天"]) {
      await type(1, text);
      await day.pass(700);
    }
    expect(Object.values(day.server.answers)).not.toHaveLength(0);
    expect(day.text).toContain("未保存");
    await day.pass(SAVED_WITHIN_MS);
    expect(day.server.answers).toEqual({ "1": ["二十天", ""] });
    expect(day.text).toContain("已保存，还有 1 空未填");
    expect(day.all('button[aria-label="第 1 题，未填完"]')).toHaveLength(1);
  });

  it("what an input method composes is taken over when it is finished", async () => {
    await open([blanks(1)]);
    field(1).dispatchEvent(new Event("compositionstart"));
    await type(1, "er shi");
    await day.pass(SAVED_WITHIN_MS);
    expect(day.server.answers).toEqual({});
    expect(field(1).value).toBe("er shi"); // and nothing has taken it away
    field(1).value = "二十";
    field(1).dispatchEvent(new Event("compositionend"));
    await day.pass(SAVED_WITHIN_MS);
    expect(day.server.answers).toEqual({ "1": ["二十", ""] });
  });

  it("digits and M are text in a blank; Enter leads to the next blank and the next question", async () => {
    await open([blanks(1), blanks(2)]);
    for (const key of ["1", "m", "ArrowRight"]) expect(await press(1, key)).toBe(false);
    expect(stem()).toContain("1.");
    expect(day.all('button[aria-label="第 1 题，未答"]')).toHaveLength(1);
    expect(await press(1, "Enter")).toBe(true);
    expect(document.activeElement).toBe(field(2));
    await press(2, "Enter");
    expect(stem()).toContain("2.");
    expect(document.activeElement).toBe(field(1));
    await press(2, "Enter");
    expect(document.activeElement?.textContent?.trim()).toBe("提交试卷");
  });

  it("arrows move a table that is too wide, and do not turn the page", async () => {
    const wide = {
      inlines: [{ kind: "text" as const, text: "宽", marks: [] }],
      columns: 1,
      rows: 1,
    };
    await open([question(1, { stem: [{ kind: "table", rows: [[wide]] }] }), question(2)]);
    const event = new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true });
    day.all(".table-frame")[0]?.dispatchEvent(event);
    await day.pass(0);
    expect(stem()).toContain("1.");
  });

  it("a blank that is emptied is no answer, and can be cleared", async () => {
    await open([blanks(1)]);
    await type(2, "5");
    await type(2, "");
    await day.pass(SAVED_WITHIN_MS);
    expect(day.server.answers).toEqual({ "1": "" });
    await type(1, "20");
    await day.press("清除本题答案");
    await day.pass(SAVED_WITHIN_MS);
    expect(day.server.answers).toEqual({ "1": "" });
    expect(field(1).value).toBe("");
  });

  it("the dialog of the submission names blanks that are left", async () => {
    await open([blanks(1), blanks(2)]);
    await type(1, "20");
    await day.press("提交试卷");
    expect(day.text).toContain("未答 1 题");
    expect(day.text).toContain("有空未填 1 题");
    expect(day.text).not.toContain("所有题目均已作答");
  });

  it("texts of the server are shown after a new check-in", async () => {
    const server = new FakeServer();
    server.sections = [{ title: "综合题", questions: [blanks(1)], materials: [] }];
    server.answers["1"] = ["二十", "5"];
    day = await ExamDay.inTheExam(server);
    expect([field(1).value, field(2).value]).toEqual(["二十", "5"]);
  });

  it("不定项 takes one option or several of up to eight", async () => {
    const options = [..."ABCDEFGH"].map((letter) => ({ letter, text: `选项 ${letter}` }));
    await open([question(1, { type: "indefinite", options })]);
    expect(day.text).toContain("（可选一项或多项）");
    for (const key of ["8", "2", "9"]) await day.key(key);
    await day.pass(SAVED_WITHIN_MS);
    expect(day.server.answers).toEqual({ "1": "BH" });
    expect(day.all('.option input[type="checkbox"]')).toHaveLength(8);
  });

  it("a material stays in its place while one goes through its questions", async () => {
    const questions = [
      question(1, { material: 1 }),
      question(2, { material: 1 }),
      question(3, { material: 2 }),
    ];
    await open(questions, ["某项目公开招标", "某项目竞争性谈判"]);
    const panel = day.all("#material-text")[0];
    expect(panel?.textContent).toBe("某项目公开招标");
    expect(day.all("h4").map((one) => one.textContent)).toEqual(["材料一", "材料二"]);
    expect(day.text).toContain("根据材料一作答（第 1–2 题）");
    await day.key("ArrowRight");
    expect(day.all("#material-text")[0]).toBe(panel); // where it was scrolled to, it still is
    await day.press("收起材料");
    expect(panel?.style.display).toBe("none");
    await day.key("ArrowRight");
    expect(day.button("展开材料")?.getAttribute("aria-expanded")).toBe("false");
    await day.press("展开材料");
    expect(day.all("#material-text")[0]?.textContent).toBe("某项目竞争性谈判");
    expect(day.text).toContain("根据材料二作答（第 3 题）");
  });
});

function stem(): string {
  return (day.all("#stem")[0]?.textContent ?? "").replace(/\s+/g, " ").trim();
}

describe("full screen that was left for too long", () => {
  const GRACE_MS = 10 * SECOND_MS;

  it("is one dialog with what counted, and one click answers both", async () => {
    day = await ExamDay.inTheExam();
    await document.exitFullscreen();
    await day.pass(GRACE_MS - 1);
    expect(day.all("dialog").map((one) => one.textContent)).toEqual([
      expect.stringContaining("您已退出全屏"),
    ]);
    await day.pass(1);
    const [dialog, ...others] = day.all("dialog");
    expect(others).toHaveLength(0);
    expect(dialog?.textContent).toContain("切屏提醒");
    expect(dialog?.textContent).toContain("1 / 3");
    await day.press("返回全屏");
    await day.pass(SECOND_MS);
    expect(day.all("dialog")).toHaveLength(0);
  });
});
