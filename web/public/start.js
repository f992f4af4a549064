// Runs before everything else, in any browser: it leads to the language that the person has chosen, and a browser that
// cannot run the page is told which can. src/lib/language.ts remembers the choice.
(function () {
  var own = document.documentElement.getAttribute("data-address");
  var known = document.documentElement.getAttribute("data-addresses").split(" ");
  var chosen = null;
  try {
    // An address that names its language is the choice of this tab: a sign-in by a platform comes back without it.
    if (own !== "/") sessionStorage.setItem("language", own);
    chosen = sessionStorage.getItem("language") || localStorage.getItem("language");
  } catch (error) {
    // The browser keeps nothing: the address alone decides.
  }
  var path = location.pathname;
  if (chosen !== own && known.indexOf(chosen) > 0 && (path + "/").indexOf(chosen) !== 0) {
    window.__stopped = true;
    location.replace(chosen + path.slice(1) + location.search + location.hash);
    return;
  }

  var media = navigator.mediaDevices && navigator.mediaDevices.getUserMedia;
  var able =
    "noModule" in document.createElement("script") &&
    window.indexedDB &&
    window.fetch &&
    window.AbortController &&
    window.HTMLDialogElement &&
    (media || !window.isSecureContext);
  if (able) return;
  document.addEventListener("DOMContentLoaded", function () {
    document.body.innerHTML = document.getElementById("unsupported").textContent;
  });
  // The page itself must not start on top of this.
  window.__stopped = true;
})();
