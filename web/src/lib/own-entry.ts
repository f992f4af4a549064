/**
 * One entry of the browser's history on top of the page, so that Back, Alt + ← or a mouse button never leave it by
 * accident: Back takes this entry away, and the page puts it there again and asks.
 */

type Past = Pick<History, "state" | "pushState" | "back">;

const OWN = "own";

/** Puts the entry there; `asked` is called at each Back. Returns what takes it away, so that Back leads out again. */
export function ownEntry(
  asked: () => void,
  past: Past = window.history,
  frame: EventTarget = window,
): () => void {
  function push(): void {
    const state = (past.state ?? {}) as { position?: number };
    const position = (state.position ?? 0) + 1; // the router counts its entries
    past.pushState({ ...state, position, [OWN]: true }, "");
  }

  function popped(): void {
    if (isOwn(past)) return; // by Forward
    push();
    asked();
  }

  if (!isOwn(past)) push(); // after a reload it is still there
  frame.addEventListener("popstate", popped);
  return () => {
    frame.removeEventListener("popstate", popped);
    if (isOwn(past)) past.back();
  };
}

function isOwn(past: Past): boolean {
  return (past.state as Record<string, unknown> | null)?.[OWN] === true;
}
