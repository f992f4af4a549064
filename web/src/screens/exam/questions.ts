/** All questions in the order of the paper, each with how it stands. */
import { computed, type ComputedRef } from "vue";
import type { Schemas } from "@/api/client";
import type { Sitting } from "@/sitting/sitting";

export type Entry = Schemas["ShownQuestion"] & {
  section: string;
  letters: string;
  marked: boolean;
  saved: boolean;
};

export interface Questions {
  entries: ComputedRef<Entry[]>;
  unsaved: ComputedRef<number>;
  unanswered: ComputedRef<Entry[]>;
}

export function useQuestions(sitting: Sitting): Questions {
  const entries = computed(() => {
    void sitting.state.revision; // what follows is kept outside of Vue
    return (sitting.state.paper ?? []).flatMap((section) =>
      section.questions.map((question) => ({
        ...(question as Schemas["ShownQuestion"]),
        section: section.title,
        letters: sitting.letters(question.number),
        marked: sitting.marked(question.number),
        saved: sitting.saved(question.number),
      })),
    );
  });
  return {
    entries,
    unsaved: computed(() => entries.value.filter((entry) => !entry.saved).length),
    unanswered: computed(() => entries.value.filter((entry) => !entry.letters)),
  };
}
