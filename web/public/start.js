// Runs first, in any browser: leads to the chosen language (src/lib/language.ts), and says which browsers can be used.
(function () {
  var own = document.documentElement.getAttribute("data-address");
  var known = document.documentElement.getAttribute("data-addresses").split(" ");
  var chosen = null;
  try {
    // An address that names its language is the choice of this tab: a sign-in by a platform comes back without it.
    if (own !== "/") sessionStorage.setItem("language", own);
    chosen = sessionStorage.getItem("language") || localStorage.getItem("language");
  } catch (error) {
    // Nothing is kept: the address decides.
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
  window.__stopped = true;
})();
