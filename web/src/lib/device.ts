/** What the page runs on. */

/** A phone or tablet: it has no place in this exam, whatever window size it claims. */
export function isHandheld(
  agent: string = navigator.userAgent,
  touches = navigator.maxTouchPoints,
): boolean {
  const tabletAsDesktop = /Macintosh/.test(agent) && touches > 1; // iPadOS calls itself a Mac
  return /Android|iPhone|iPad|iPod|Mobile|HarmonyOS|Windows Phone/.test(agent) || tabletAsDesktop;
}
