/**
 * What a person has typed into a form and not sent. It outlives the closing of the dialog, and in this tab also a reload
 * (`sessionStorage`). What must not lie on the computer, such as an ID number, and files stay in memory only. Drafts are
 * forgotten when the form was sent, at 退出登录, and when another person signs in.
 */
import { reactive, watch } from "vue";
import { tabMemory } from "@/lib/tab-memory";
import { store } from "@/store";

const KEY = "kaochang-drafts";

type Form = Record<string, unknown>;

let owner: string | null = null; // the account whose drafts these are
const inMemory = new Map<string, Form>();

/**
 * Returns the draft of this form, or a fresh one, and a function that forgets it. It is kept from the first change on.
 * `restored`: it was kept before. `memoryOnly`: fields that are never stored.
 */
export function useDraft<T extends Form>(
  name: string,
  fresh: T,
  memoryOnly: readonly (keyof T & string)[] = [],
): { draft: T; restored: boolean; forget: () => void } {
  discardOthers();
  const known = inMemory.get(name) ?? stored()[name];
  const draft = reactive({ ...fresh, ...known }) as T;
  watch(
    draft,
    () => {
      inMemory.set(name, { ...draft });
      const kept = Object.entries(draft).filter(([field]) => !memoryOnly.includes(field));
      write({ ...stored(), [name]: Object.fromEntries(kept) });
    },
    { flush: "sync" },
  );

  function forget(): void {
    inMemory.delete(name);
    write(Object.fromEntries(Object.entries(stored()).filter(([other]) => other !== name)));
  }

  return { draft, restored: known !== undefined, forget };
}

/** Forgets all drafts. */
export function forgetDrafts(): void {
  inMemory.clear();
  tabMemory.remove(KEY);
}

/** Forgets the drafts of another account, also those from before a reload. */
function discardOthers(): void {
  const account = store.me?.account_id ?? null;
  if (account === null || account === owner) return;
  if (owner !== null || read().account !== account) forgetDrafts();
  owner = account;
}

interface Stored {
  account?: string;
  forms?: Record<string, Form>;
}

function read(): Stored {
  try {
    return JSON.parse(tabMemory.get(KEY) || "{}") as Stored;
  } catch {
    return {}; // not ours
  }
}

function stored(): Record<string, Form> {
  return read().forms ?? {};
}

function write(forms: Record<string, Form>): void {
  if (owner === null || Object.keys(forms).length === 0) tabMemory.remove(KEY);
  else tabMemory.set(KEY, JSON.stringify({ account: owner, forms } satisfies Stored));
}
