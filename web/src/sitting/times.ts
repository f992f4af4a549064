/** How long each question was in sight on this page; reported with 提交试卷, for statistics alone. */
import { onScopeDispose } from "vue";
import { QuestionTimes } from "@/lib/times";
import type { SittingState } from "@/sitting/state";
import { clock } from "@/store";

export function useTimes(state: SittingState) {
  let times = new QuestionTimes(() => clock.tick());
  let chosen: number | null = null;

  /** The exam begins on this page: nothing was in sight so far. */
  function begin(): void {
    times = new QuestionTimes(() => clock.tick());
    look(chosen);
  }

  /** The screen shows this question. While the page is hidden, none is in sight. */
  function look(question: number | null): void {
    chosen = question;
    times.turn(document.hidden ? null : question);
  }

  /** Seconds for each question of the paper, in its order. */
  function seconds(): number[] {
    const questions = state.paper?.flatMap((section) => section.questions) ?? [];
    return times.seconds(questions.map(({ number }) => number));
  }

  const turned = () => look(chosen);
  document.addEventListener("visibilitychange", turned);
  onScopeDispose(() => document.removeEventListener("visibilitychange", turned));

  return { begin, look, seconds };
}
