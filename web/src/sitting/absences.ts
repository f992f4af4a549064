/** 切屏: reports absences of this page, and keeps the message about them for the candidate. */
import { AbsenceMachine, watchPage, type AbsenceReport } from "@/lib/absences";
import type { Schemas } from "@/api/client";
import type { SittingState } from "@/sitting/state";

const SWITCH_MIN_MS = 1000; // when the rules of the exam are not known yet
const FULLSCREEN_GRACE_S = 10;

export function useAbsences(state: SittingState, report: (report: AbsenceReport) => void) {
  let machine: AbsenceMachine | null = null;
  let unwatch: () => void = () => undefined;
  let newestTold = 0; // the number of the newest switch that the candidate was told of

  /** Begins to watch this page. */
  function watch(): void {
    if (machine) return;
    const rules = state.detail?.rules;
    machine = new AbsenceMachine({
      minMs: rules?.switch_min_ms ?? SWITCH_MIN_MS,
      fullscreenGraceMs: (rules?.fullscreen_grace_s ?? FULLSCREEN_GRACE_S) * 1000,
      clock: () => performance.now(),
      schedule: (run, ms) => setTimeout(run, ms),
      cancel: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
      report,
      onFullscreenGrace: (endsAt) => (state.graceEndsAt = endsAt),
      onFullscreenLost: (lost) => (state.fullscreenLost = lost),
    });
    unwatch = watchPage(machine);
    if (!document.fullscreenElement) machine.fullscreenLost(); // it ended while the paper was loading
  }

  /** Stops watching: nothing counts any more. */
  function stop(): void {
    machine?.suspend();
    unwatch();
  }

  /** Forgets the watched page. The next page numbers its absences from 1. */
  function reset(): void {
    stop();
    machine = null;
  }

  /** Switches up to this number happened before this page. */
  function countedBefore(switches: number): void {
    newestTold = Math.max(newestTold, switches);
  }

  /** Called when the server has judged an absence. The candidate sees the message once. */
  function judged(view: Schemas["AbsenceView"]): void {
    state.switches = view.switches;
    const number = view.switch ?? null;
    if (number === null) state.remark = view.message;
    else if (number > newestTold) state.switchTold = view;
    newestTold = Math.max(newestTold, number ?? 0);
  }

  /** Called when the candidate has read the message. */
  function read(): void {
    state.switchTold = null;
    state.remark = "";
  }

  return { watch, stop, reset, countedBefore, judged, read };
}
