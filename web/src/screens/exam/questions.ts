/** All questions in the order of the paper, each with how it stands. */
import { computed, type ComputedRef } from "vue";
import type { Schemas } from "@/api/client";
import { filledBlanks, isEmpty, type Answer } from "@/lib/answers";
import type { Sitting } from "@/sitting/sitting";

export type Question = Schemas["ShownQuestion"];
export type Content = Question["stem"];

/** A material with the numbers of the questions that belong to it. */
export interface SharedMaterial {
  id: string; // within the paper
  number: number; // in its section, from 1
  content: Content;
  from: number;
  to: number;
}

export type Entry = Question & {
  section: string;
  shared: SharedMaterial | null;
  answer: Answer;
  answered: boolean;
  blanksLeft: number; // how many blanks are still empty
  marked: boolean;
  saved: boolean;
};

export interface Questions {
  entries: ComputedRef<Entry[]>;
  unsaved: ComputedRef<number>;
  unanswered: ComputedRef<Entry[]>;
  unfinished: ComputedRef<Entry[]>;
}

export function useQuestions(sitting: Sitting): Questions {
  const fixed = computed(() => {
    const sections = (sitting.state.paper ?? []) as readonly Schemas["ShownSection"][];
    return sections.flatMap(entriesOf);
  });
  const entries = computed(() => {
    void sitting.state.revision; // what follows is kept outside of Vue
    return fixed.value.map((entry) => {
      const answer = sitting.answer(entry.number);
      return {
        ...entry,
        answer,
        answered: !isEmpty(answer),
        blanksLeft: entry.blanks - filledBlanks(answer),
        marked: sitting.marked(entry.number),
        saved: sitting.saved(entry.number),
      };
    });
  });
  return {
    entries,
    unsaved: computed(() => entries.value.filter((entry) => !entry.saved).length),
    unanswered: computed(() => entries.value.filter((entry) => !entry.answered)),
    unfinished: computed(() =>
      entries.value.filter((entry) => entry.answered && entry.blanksLeft > 0),
    ),
  };
}

/** The questions of a section, each with its material. */
function entriesOf(section: Schemas["ShownSection"], index: number) {
  const materials = section.materials.map((content, place): SharedMaterial => {
    const number = place + 1;
    const numbers = section.questions.filter((q) => q.material === number).map((q) => q.number);
    return {
      id: `${index}-${number}`,
      number,
      content,
      from: Math.min(...numbers),
      to: Math.max(...numbers),
    };
  });
  return section.questions.map((question) => ({
    ...question,
    section: section.title,
    shared: materials[question.material - 1] ?? null,
  }));
}
