import { beforeEach, describe, expect, it } from "vitest";
import { AbsenceMachine, watchPage, type AbsenceReport } from "@/lib/absences";
import { FakeTime } from "./fake-time";

const GRACE = 10_000;

let time: FakeTime;
let reports: AbsenceReport[];
let grace: (number | null)[];
let covers: boolean[];
let page: AbsenceMachine;

beforeEach(() => {
  time = new FakeTime();
  reports = [];
  grace = [];
  covers = [];
  page = new AbsenceMachine({
    minMs: 1000,
    fullscreenGraceMs: GRACE,
    clock: time.clock,
    schedule: time.schedule,
    cancel: time.cancel,
    report: (report) => reports.push(report),
    onFullscreenGrace: (endsAt) => grace.push(endsAt),
    onFullscreenLost: (lost) => covers.push(lost),
  });
  time.pass(60_000); // an exam does not begin with its page
});

/** As the server counts: distinct absences that reached the minimum of their kind. */
function switches(): number {
  const least = { hidden: 1000, blur: 1000, fullscreen: GRACE };
  return new Set(reports.filter((r) => r.awayMs >= least[r.kind]).map((r) => r.seq)).size;
}

const story = {
  leaveTab(ms: number): void {
    page.blur();
    page.hidden();
    time.pass(ms);
    page.visible();
    page.focus();
    time.pass(1000);
  },
  otherWindow(ms: number): void {
    page.blur();
    time.pass(ms);
    page.focus();
    time.pass(1000);
  },
  escape(ms: number): void {
    page.fullscreenLost();
    time.pass(ms);
    page.fullscreenBack();
    time.pass(1000);
  },
};

describe("what people do", () => {
  it.each<[string, number, () => void]>([
    ["another tab", 1, () => story.leaveTab(5000)],
    ["another tab three times", 3, () => [1, 2, 3].forEach(() => story.leaveTab(2000))],
    ["another window beside", 1, () => story.otherWindow(5000)],
    ["a short look at another window", 0, () => story.otherWindow(900)],
    [
      "minimised: first blur, then hidden, back in two steps",
      1,
      () => {
        page.blur();
        time.pass(150);
        page.hidden();
        time.pass(4000);
        page.visible();
        time.pass(200);
        page.focus();
        time.pass(1000);
      },
    ],
    [
      "a new tab takes full screen along; back, then full screen by the button",
      1,
      () => {
        page.fullscreenLost();
        page.blur();
        page.hidden();
        time.pass(4000);
        page.visible();
        page.focus();
        time.pass(20_000);
        page.fullscreenBack();
        time.pass(1000);
      },
    ],
    ["Esc and back in time", 0, () => story.escape(9000)],
    ["Esc and gone", 1, () => story.escape(60_000)],
    [
      "Esc, then to another window, before the countdown is over",
      1,
      () => {
        page.fullscreenLost();
        time.pass(3000);
        story.otherWindow(5000);
        page.fullscreenBack();
        time.pass(1000);
      },
    ],
    [
      "Esc with a flicker in it, back in time",
      0,
      () => {
        page.fullscreenLost();
        time.pass(4000);
        page.hidden();
        time.pass(300);
        page.visible();
        time.pass(4000);
        page.hidden();
        time.pass(400);
        page.visible();
        time.pass(500);
        page.fullscreenBack();
        time.pass(1000);
      },
    ],
    [
      "reload: pagehide, then hidden",
      0,
      () => {
        page.pagehide();
        page.hidden();
        page.blur();
        time.pass(60_000);
      },
    ],
    [
      "closed while away: told before",
      1,
      () => {
        page.hidden();
        time.pass(3000);
        page.pagehide();
        time.pass(60_000);
      },
    ],
    [
      "back and forth out of the browser's page cache",
      1,
      () => {
        page.pagehide();
        page.hidden();
        time.pass(5000);
        page.pageshow();
        page.visible();
        time.pass(1000);
      },
    ],
    [
      "a dialog of our own",
      0,
      () => {
        page.suspend();
        page.blur();
        time.pass(30_000);
        page.focus();
        page.resume();
        time.pass(1000);
      },
    ],
    ["an own frame takes the focus for a moment", 0, () => story.otherWindow(500)],
    [
      "a flickering screen",
      0,
      () => {
        for (let n = 0; n < 5; n += 1) {
          page.hidden();
          time.pass(100);
          page.visible();
          time.pass(80);
        }
        time.pass(1000);
      },
    ],
    [
      "a screen that flickers for long is one absence",
      1,
      () => {
        for (let n = 0; n < 20; n += 1) {
          page.hidden();
          time.pass(200);
          page.visible();
          time.pass(100);
        }
        time.pass(1000);
      },
    ],
    ["print: the browser's dialog has the focus", 1, () => story.otherWindow(4000)],
    [
      "a locked screen or a sleeping laptop: no timer fires",
      1,
      () => {
        page.hidden();
        time.freeze(3_600_000);
        page.visible();
        time.pass(1000);
      },
    ],
    ["a notification that takes the focus for a moment", 0, () => story.otherWindow(700)],
    [
      "offline and online",
      0,
      () => time.pass(300_000), // no event of the machine: losing the network is not leaving
    ],
    [
      "back for less than a moment is not back",
      1,
      () => {
        page.hidden();
        time.pass(2000);
        page.visible();
        time.pass(250);
        page.hidden();
        time.pass(2000);
        page.visible();
        time.pass(1000);
      },
    ],
    [
      "submitted while away",
      1,
      () => {
        page.hidden();
        time.pass(2000);
        page.suspend();
        time.pass(60_000);
      },
    ],
  ])("%s: %i", (_name, count, act) => {
    act();
    expect(switches()).toBe(count);
    expect(reports.map((r) => r.seq)).toEqual([...reports.map((r) => r.seq)].sort((a, b) => a - b));
    expect(new Set(reports.map((r) => r.seq)).size).toBe(Math.max(0, ...reports.map((r) => r.seq)));
  });
});

describe("the minimum", () => {
  it.each([
    [999, 0],
    [1000, 1],
    [1001, 1],
  ])("%i ms hidden: %i", (ms, count) => {
    page.hidden();
    time.pass(ms);
    page.visible();
    time.pass(1000);
    expect(switches()).toBe(count);
    expect(reports.at(-1)).toEqual({ seq: 1, kind: "hidden", awayMs: ms, ended: true });
  });

  it.each([
    [999, 0],
    [1000, 1],
    [1001, 1],
  ])("%i ms without focus: %i", (ms, count) => {
    story.otherWindow(ms);
    expect(switches()).toBe(count);
    expect(reports.at(-1)).toEqual({ seq: 1, kind: "blur", awayMs: ms, ended: true });
  });

  it.each([
    [9999, 0],
    [10_000, 1],
    [10_001, 1],
  ])("%i ms out of full screen: %i", (ms, count) => {
    story.escape(ms);
    expect(switches()).toBe(count);
    expect(reports.at(-1)).toEqual({ seq: 1, kind: "fullscreen", awayMs: ms, ended: true });
  });

  it.each([
    [599, []],
    [600, [{ seq: 1, kind: "blur", awayMs: 600, ended: true }]],
    [601, [{ seq: 1, kind: "blur", awayMs: 601, ended: true }]],
  ])("focus gone for %i ms", (ms, told) => {
    story.otherWindow(ms);
    expect(reports).toEqual(told);
  });

  it.each([
    [299, 1],
    [300, 2],
    [301, 2],
  ])("%i ms between two absences: %i", (ms, count) => {
    page.hidden();
    time.pass(2000);
    page.visible();
    time.pass(ms);
    page.hidden();
    time.pass(2000);
    page.visible();
    time.pass(1000);
    expect(switches()).toBe(count);
  });
});

describe("reports", () => {
  it("tells at once when the minimum is passed, and again when it is over", () => {
    page.hidden();
    time.pass(999);
    expect(reports).toEqual([]);
    time.pass(1);
    expect(reports).toEqual([{ seq: 1, kind: "hidden", awayMs: 1000, ended: false }]);
    time.pass(4000);
    page.visible();
    time.pass(299);
    expect(reports).toHaveLength(1);
    time.pass(1);
    expect(reports[1]).toEqual({ seq: 1, kind: "hidden", awayMs: 5000, ended: true });
  });

  it("counts from the loss of focus when full screen goes a moment later: another window or tab", () => {
    page.blur();
    time.pass(18);
    page.fullscreenLost();
    time.pass(12);
    page.hidden();
    time.pass(969); // one millisecond before the minimum
    expect(reports).toEqual([]);
    time.pass(1);
    expect(reports).toEqual([{ seq: 1, kind: "hidden", awayMs: 1000, ended: false }]);
  });

  it("tells a short one once", () => {
    page.hidden();
    time.pass(400);
    page.visible();
    time.pass(1000);
    expect(reports).toEqual([{ seq: 1, kind: "hidden", awayMs: 400, ended: true }]);
  });

  it("becomes hidden when a lost focus was only its beginning", () => {
    page.blur();
    time.pass(700);
    page.hidden();
    time.pass(1000);
    expect(reports).toEqual([{ seq: 1, kind: "hidden", awayMs: 1000, ended: false }]);
  });

  it("tells what happened though no timer fired before the return", () => {
    page.hidden();
    time.freeze(5000);
    page.visible();
    time.pass(1000);
    expect(reports.map((r) => [r.awayMs, r.ended])).toEqual([
      [5000, false],
      [5000, true],
    ]);
  });

  it("ends an open absence with the submission, and tells nothing after it", () => {
    page.hidden();
    time.pass(1500);
    page.suspend();
    page.visible();
    story.leaveTab(5000);
    expect(reports.map((r) => [r.seq, r.ended])).toEqual([
      [1, false],
      [1, true],
    ]);
  });

  it("counts from the end of a dialog of our own, not from its beginning", () => {
    page.suspend();
    page.blur();
    time.pass(20_000);
    page.resume();
    time.pass(999);
    expect(reports).toEqual([]);
    time.pass(1);
    expect(reports).toEqual([{ seq: 1, kind: "blur", awayMs: 1000, ended: false }]);
  });
});

describe("the countdown of full screen", () => {
  it("begins with Esc and goes when full screen is back", () => {
    const began = time.now;
    story.escape(4000);
    expect(grace).toEqual([began + GRACE, null]);
    expect(covers).toEqual([true, false]);
  });

  it("goes when it is over; the page stays covered", () => {
    page.fullscreenLost();
    time.pass(GRACE);
    expect(grace.at(-1)).toBeNull();
    expect(covers).toEqual([true]);
  });

  it("goes when the absence counts for another reason", () => {
    page.fullscreenLost();
    page.hidden();
    time.pass(1000);
    expect(grace.at(-1)).toBeNull();
    expect(reports).toHaveLength(1);
  });

  it("begins anew with a later Esc, not with one right after the return", () => {
    const began = time.now;
    page.fullscreenLost();
    time.pass(4000);
    page.fullscreenBack();
    time.pass(200);
    page.fullscreenLost();
    expect(grace.at(-1)).toBe(began + GRACE);
    page.fullscreenBack();
    time.pass(300);
    page.fullscreenLost();
    expect(grace.at(-1)).toBe(time.now + GRACE);
  });

  it("leaves the page alone during a dialog of our own", () => {
    page.suspend();
    page.fullscreenLost();
    time.pass(60_000);
    expect(grace).toEqual([]);
    page.resume();
    expect(grace).toEqual([time.now + GRACE]);
  });
});

describe("the events of a page", () => {
  class FakePage extends EventTarget {
    visibilityState = "visible";
    fullscreenElement: unknown = null;
    focused = true;
    hasFocus(): boolean {
      return this.focused;
    }
  }

  function watched(): { heard: string[]; doc: FakePage; frame: EventTarget; stop: () => void } {
    const heard: string[] = [];
    const machine = new Proxy({} as AbsenceMachine, {
      get: (_, name: string) => () => heard.push(name),
    });
    const doc = new FakePage();
    const frame = new EventTarget();
    const stop = watchPage(machine, doc as unknown as Document, frame as unknown as Window);
    heard.length = 0;
    return { heard, doc, frame, stop };
  }

  it("become inputs", () => {
    const { heard, doc, frame, stop } = watched();
    doc.visibilityState = "hidden";
    doc.dispatchEvent(new Event("visibilitychange"));
    doc.visibilityState = "visible";
    doc.dispatchEvent(new Event("visibilitychange"));
    doc.focused = false;
    frame.dispatchEvent(new Event("blur"));
    doc.focused = true;
    frame.dispatchEvent(new Event("focus"));
    frame.dispatchEvent(new Event("pagehide"));
    frame.dispatchEvent(new Event("pageshow"));
    expect(heard).toEqual(["hidden", "visible", "blur", "focus", "pagehide", "pageshow"]);
    stop();
    frame.dispatchEvent(new Event("pagehide"));
    expect(heard).toHaveLength(6);
  });

  it("a blur with the focus still in the page is none: an own frame took it", () => {
    const { heard, frame, stop } = watched();
    frame.dispatchEvent(new Event("blur"));
    expect(heard).toEqual(["focus"]);
    stop();
  });

  it("full screen that never was is not lost", () => {
    const { heard, doc, stop } = watched();
    doc.dispatchEvent(new Event("fullscreenchange"));
    expect(heard).toEqual([]);
    doc.fullscreenElement = {};
    doc.dispatchEvent(new Event("fullscreenchange"));
    doc.fullscreenElement = null;
    doc.dispatchEvent(new Event("fullscreenchange"));
    expect(heard).toEqual(["fullscreenBack", "fullscreenLost"]);
    stop();
  });
});
