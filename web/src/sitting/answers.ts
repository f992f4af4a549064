/** Answers and marks of this attempt: kept by this browser at once, sent by the exchange. */
import type { AbsenceReport } from "@/lib/absences";
import type { Schemas } from "@/api/client";
import type { Answer } from "@/lib/answers";
import { forgetOutbox, openOutbox, type Batch, type Outbox } from "@/lib/outbox";
import type { SittingState } from "@/sitting/state";

export function useAnswers(state: SittingState, attemptId: string) {
  let outbox: Outbox | null = null;

  /** Opens what this browser has kept, for the admitted page with this number. */
  async function open(page: number): Promise<Outbox> {
    outbox = await openOutbox(attemptId);
    await outbox.onPage(page);
    return outbox;
  }

  /** How many questions have an answer on this computer that the server never got; null when nothing can be kept here. */
  async function countUnsent({ page, acked_seq }: Schemas["ComingBack"]): Promise<number | null> {
    const kept = await openOutbox(attemptId);
    const unsent = kept.durable ? kept.unsentSince(page, acked_seq) : null;
    kept.close();
    return unsent;
  }

  /** The question that was in sight last, also before a reload; null when this computer does not know. */
  function place(): number | null {
    return outbox?.place ?? null;
  }

  /** Keeps which question is in sight. */
  function keepPlace(question: number): void {
    void outbox?.keepPlace(question);
  }

  /** Closes the store. Its content stays on this computer. */
  function close(): void {
    outbox?.close();
    outbox = null;
  }

  /** Removes everything of this attempt from this computer. */
  function forget(): void {
    close();
    void forgetOutbox(attemptId);
  }

  /** Takes the answers that the server has; newer ones of this browser stay. */
  async function adopt(ackedSeq: number, answers: Readonly<Record<string, Answer>>): Promise<void> {
    await outbox?.adopt(ackedSeq, answers);
  }

  /** Called when the server misses answers: sends those that the page shows again, from this revision on. */
  async function sendAgain(ackedSeq: number): Promise<void> {
    const questions = state.paper?.flatMap((section) => section.questions) ?? [];
    await adopt(
      ackedSeq,
      Object.fromEntries(questions.map(({ number }) => [String(number), answer(number)])),
    );
  }

  /** The answer to a question, "" when there is none. */
  function answer(question: number): Answer {
    return outbox?.answer(question) ?? "";
  }

  /** Whether the server has the newest answer to a question. */
  function saved(question: number): boolean {
    return outbox?.state(question) !== "unsaved";
  }

  /** Whether a question is marked. */
  function marked(question: number): boolean {
    return outbox?.marked(question) ?? false;
  }

  /** Changes an answer ("" clears it). Returns whether it was taken: not while the paper is handed in. */
  function change(question: number, changed: Answer): boolean {
    if (state.submitting || !outbox) return false;
    void outbox.change(question, changed);
    state.revision += 1;
    return true;
  }

  /** Marks a question to be looked at again, or takes the mark away. */
  function mark(question: number): void {
    if (!outbox) return;
    void outbox.mark(question, !outbox.marked(question));
    state.revision += 1;
  }

  /** Keeps a report until the server has it. */
  function keepAbsence(report: AbsenceReport): void {
    void outbox?.addAbsence(report);
  }

  /** What the server does not have yet; null when it has everything. */
  function unsaved(): Batch | null {
    return outbox?.pendingBatch() ?? null;
  }

  return {
    open,
    countUnsent,
    place,
    keepPlace,
    close,
    forget,
    adopt,
    sendAgain,
    answer,
    saved,
    marked,
    change,
    mark,
    keepAbsence,
    unsaved,
  };
}
