/** One task at a time that a person waits for: whether it is running, and why it failed. */
import { ref, type Ref } from "vue";
import { messageOf } from "@/api/client";

export interface Task {
  busy: Ref<boolean>;
  problem: Ref<string>;
  /** Runs the task unless one is running. `problem` gets the text of a failure. */
  run: () => Promise<void>;
}

export function useTask(work: () => Promise<unknown>): Task {
  const busy = ref(false);
  const problem = ref("");
  async function run(): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    problem.value = "";
    try {
      await work();
    } catch (error) {
      problem.value = messageOf(error);
    } finally {
      busy.value = false;
    }
  }
  return { busy, problem, run };
}
