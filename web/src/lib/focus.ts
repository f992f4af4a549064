/**
 * Moves a focus that is lost with what was removed to the heading of the new screen, or to its top while there is none.
 * A screen reader then says what is there, and Tab goes on from it. A focus that somebody holds stays.
 */
export async function followFocus(): Promise<void> {
  await new Promise((drawn) => setTimeout(drawn)); // a screen that is loaded by itself comes after Vue's next tick
  const main = document.getElementById("main");
  const at = document.activeElement;
  if (at !== document.body && at !== main) return;
  const heading = document.querySelector("h1");
  if (heading) heading.tabIndex = -1;
  (heading ?? main)?.focus();
}
