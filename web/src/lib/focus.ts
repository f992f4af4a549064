/**
 * Moves a focus that is lost with what was removed to the heading of the new screen; to the top of the screen until the
 * heading is there. A screen reader then says what is there, and Tab goes on from it. A focus that somebody holds stays.
 */
export function followFocus(heading = "h1"): void {
  setTimeout(() => {
    if (!isLost() || reached(heading)) return;
    const main = document.getElementById("main");
    if (!main) return;
    main.focus();
    const loading = new MutationObserver(() => {
      if (!isLost() || reached(heading)) loading.disconnect();
    });
    loading.observe(main, { childList: true, subtree: true });
  }); // what Vue removes is gone by then
}

function isLost(): boolean {
  const at = document.activeElement;
  return at === null || at === document.body || at.id === "main";
}

function reached(heading: string): boolean {
  const found = document.querySelector<HTMLElement>(heading);
  if (!found) return false;
  found.tabIndex = -1;
  found.focus();
  return true;
}
