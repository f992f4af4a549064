/** The device of the candidate. */

/** Whether this is a phone or tablet, which cannot be used for an exam, whatever its window size is. */
export function isHandheld(
  agent: string = navigator.userAgent,
  touches = navigator.maxTouchPoints,
): boolean {
  const tabletAsDesktop = /Macintosh/.test(agent) && touches > 1; // iPadOS calls itself a Mac
  return /Android|iPhone|iPad|iPod|Mobile|HarmonyOS|Windows Phone/.test(agent) || tabletAsDesktop;
}
