/**
 * 切屏 as the page sees it. Leaving the page fires up to five browser events, and a flickering screen fires many more.
 * This state machine merges them into one absence. It only reports; the server decides what counts.
 */

export type AbsenceKind = "hidden" | "blur" | "fullscreen";

/** `awayMs` by the page's monotonic clock; `ended`: the candidate is back. */
export interface AbsenceReport {
  seq: number;
  kind: AbsenceKind;
  awayMs: number;
  ended: boolean;
}

export interface AbsenceOptions {
  /** Absences shorter than this are reported once, when they are over. */
  minMs: number;
  /** How long full screen alone may be left before that is an absence like any other. */
  fullscreenGraceMs: number;
  /** A loss of focus shorter than this is ignored: dialogs of the browser, own frames. */
  blurMs?: number;
  /** A candidate who is here for this long is back. */
  settleMs?: number;
  /** Monotonic milliseconds. */
  clock: () => number;
  schedule: (run: () => void, ms: number) => unknown;
  cancel: (timer: unknown) => void;
  report: (report: AbsenceReport) => void;
  /** The monotonic moment until which full screen has to be back; null: no countdown (any more). */
  onFullscreenGrace: (endsAt: number | null) => void;
  /** Whether full screen is lost: then the page is covered until it is back, countdown or not. */
  onFullscreenLost?: (lost: boolean) => void;
}

/** One way of being away; pieces that are less than `settleMs` apart are one. */
interface Part {
  since: number;
  until: number | null; // null: still away
}

interface Absence {
  seq: number | null; // given with the first report, so that the sequence has no gap
  began: number;
  away: Part | null; // hidden or without focus
  awayKind: "hidden" | "blur";
  fullscreen: Part | null;
  counted: "away" | "fullscreen" | null; // what made it long enough to matter
}

export class AbsenceMachine {
  private readonly blurMs: number;
  private readonly settleMs: number;
  private readonly graceMs: number;
  private isHidden = false;
  private blurredAt: number | null = null;
  private lostAt: number | null = null;
  private goneAt: number | null = null;
  private backAt: number | null = 0;
  private suspended = false;
  private absence: Absence | null = null;
  private lastSeq = 0;
  private timer: unknown = null;
  private graceTold: number | null = null;

  constructor(private readonly options: AbsenceOptions) {
    this.blurMs = options.blurMs ?? 600;
    this.settleMs = options.settleMs ?? 300;
    this.graceMs = Math.max(options.minMs, options.fullscreenGraceMs);
  }

  hidden(): void {
    this.isHidden = true;
    this.look();
  }

  visible(): void {
    this.isHidden = false;
    this.look();
  }

  blur(): void {
    this.blurredAt ??= this.options.clock();
    this.look();
  }

  focus(): void {
    this.blurredAt = null;
    this.look();
  }

  fullscreenLost(): void {
    if (this.lostAt === null) this.options.onFullscreenLost?.(true);
    this.lostAt ??= this.options.clock();
    this.look();
  }

  fullscreenBack(): void {
    if (this.lostAt !== null) this.options.onFullscreenLost?.(false);
    this.lostAt = null;
    this.look();
  }

  /** Called when the page is left for good. It ends the reports, because the server counts a lost page itself. */
  pagehide(): void {
    this.goneAt ??= this.options.clock();
    this.look();
  }

  /** Called when the browser restores the page from its cache. The absence began when the page was left. */
  pageshow(): void {
    if (this.goneAt === null) return;
    if (!this.suspended) {
      this.absence ??= opened(this.goneAt);
      this.absence.away = this.continued(this.absence.away, this.goneAt);
      this.absence.awayKind = "hidden";
      this.backAt = null;
    }
    this.goneAt = null;
    this.look();
  }

  /** Pauses: nothing counts during a dialog of our own or the submission. An open absence ends. */
  suspend(): void {
    this.look();
    if (this.absence) this.end(this.options.clock());
    this.suspended = true;
    this.look();
  }

  /** Counts again, from now on. */
  resume(): void {
    if (!this.suspended) return;
    this.suspended = false;
    const now = this.options.clock();
    if (this.blurredAt !== null) this.blurredAt = now;
    if (this.lostAt !== null) this.lostAt = now;
    this.look();
  }

  /** Brings the absence up to date, and sets the one timer for what changes without an event. */
  private look(): void {
    if (this.timer !== null) this.options.cancel(this.timer);
    this.timer = null;
    if (this.goneAt !== null) return;
    const now = this.options.clock();
    if (!this.suspended) this.follow(now);
    this.tellGrace();
    const next = this.suspended ? null : this.nextMoment(now);
    if (next !== null) {
      this.timer = this.options.schedule(() => this.look(), Math.ceil(next - now));
    }
  }

  private follow(now: number): void {
    const focusGone = this.blurredAt !== null && now - this.blurredAt >= this.blurMs;
    const away = this.isHidden || focusGone;
    const allBack = !this.isHidden && this.blurredAt === null && this.lostAt === null;
    this.backAt = allBack ? (this.backAt ?? now) : null;
    if (away) this.leave(this.blurredAt ?? now);
    if (this.lostAt !== null) this.loseFullscreen(this.lostAt);
    const absence = this.absence;
    if (!absence) return;
    if (!away && absence.away) absence.away.until ??= now;
    if (this.lostAt === null && absence.fullscreen) absence.fullscreen.until ??= now;
    this.count(absence, now);
    if (this.backAt !== null && now - this.backAt >= this.settleMs) this.end(this.backAt);
  }

  private leave(since: number): void {
    const absence = this.opened(since);
    absence.away = this.continued(absence.away, since);
    if (this.isHidden) absence.awayKind = "hidden";
  }

  private loseFullscreen(since: number): void {
    const absence = this.opened(since);
    absence.fullscreen = this.continued(absence.fullscreen, since);
  }

  /** Returns the open absence, or a new one. It began with its earliest part: focus can be lost before full screen. */
  private opened(since: number): Absence {
    const absence = (this.absence ??= opened(since));
    absence.began = Math.min(absence.began, since);
    return absence;
  }

  private continued(part: Part | null, since: number): Part {
    const same = part && (part.until === null || since - part.until < this.settleMs);
    return { since: same ? part.since : since, until: null };
  }

  /** Reports at once when the absence has become long enough to matter. */
  private count(absence: Absence, now: number): void {
    if (absence.counted) return;
    if (length(absence.away, now) >= this.options.minMs) absence.counted = "away";
    else if (length(absence.fullscreen, now) >= this.graceMs) absence.counted = "fullscreen";
    if (absence.counted) this.tell(absence, now, false);
  }

  private end(at: number): void {
    const absence = this.absence;
    this.absence = null;
    if (absence) this.tell(absence, at, true);
  }

  /** Short ones are named by full screen if that was lost, for which the server has the longest patience. */
  private tell(absence: Absence, now: number, ended: boolean): void {
    absence.seq ??= this.lastSeq += 1;
    const { counted, fullscreen, away } = absence;
    const byFullscreen = counted === "fullscreen" || (!counted && fullscreen !== null);
    const awayMs = counted ? now - absence.began : length(byFullscreen ? fullscreen : away, now);
    const kind = byFullscreen ? "fullscreen" : absence.awayKind;
    this.options.report({ seq: absence.seq, kind, awayMs: Math.round(awayMs), ended });
  }

  private tellGrace(): void {
    const absence = this.suspended ? null : this.absence;
    const running = absence?.fullscreen?.until === null && !absence.counted;
    const endsAt = running && absence.fullscreen ? absence.fullscreen.since + this.graceMs : null;
    if (endsAt === this.graceTold) return;
    this.graceTold = endsAt;
    this.options.onFullscreenGrace(endsAt);
  }

  private nextMoment(now: number): number | null {
    const moments: number[] = [];
    if (this.blurredAt !== null) moments.push(this.blurredAt + this.blurMs);
    if (this.absence && this.backAt !== null) moments.push(this.backAt + this.settleMs);
    const { away, fullscreen, counted } = this.absence ?? {};
    if (away?.until === null && !counted) moments.push(away.since + this.options.minMs);
    if (fullscreen?.until === null && !counted) moments.push(fullscreen.since + this.graceMs);
    const coming = moments.filter((moment) => moment > now);
    return coming.length ? Math.min(...coming) : null;
  }
}

function opened(began: number): Absence {
  return { seq: null, began, away: null, awayKind: "blur", fullscreen: null, counted: null };
}

function length(part: Part | null, now: number): number {
  return part ? (part.until ?? now) - part.since : 0;
}

const FOCUS_POLL_MS = 500;

type Inputs = Pick<
  AbsenceMachine,
  | "hidden"
  | "visible"
  | "blur"
  | "focus"
  | "fullscreenLost"
  | "fullscreenBack"
  | "pagehide"
  | "pageshow"
>;

/**
 * Feeds a machine from the events of this page until the returned function is called. Whether the focus is gone
 * is asked of the document, also now and then: an own frame that takes it fires `blur` too.
 */
export function watchPage(
  machine: Inputs,
  page: Document = document,
  frame: Window = window,
): () => void {
  const sight = (): void =>
    page.visibilityState === "hidden" ? machine.hidden() : machine.visible();
  const focus = (): void => (page.hasFocus() ? machine.focus() : machine.blur());
  let full = page.fullscreenElement !== null;
  const fullscreen = (): void => {
    const now = page.fullscreenElement !== null;
    if (now) machine.fullscreenBack();
    else if (full) machine.fullscreenLost();
    full = now;
  };
  const gone = (): void => machine.pagehide();
  const back = (): void => machine.pageshow();
  const listeners: [EventTarget, string, () => void][] = [
    [page, "visibilitychange", sight],
    [frame, "blur", focus],
    [frame, "focus", focus],
    [page, "fullscreenchange", fullscreen],
    [frame, "pagehide", gone],
    [frame, "pageshow", back],
  ];
  for (const [target, event, listener] of listeners) target.addEventListener(event, listener);
  const poll = setInterval(focus, FOCUS_POLL_MS);
  sight();
  focus();
  return () => {
    clearInterval(poll);
    for (const [target, event, listener] of listeners) target.removeEventListener(event, listener);
  };
}
