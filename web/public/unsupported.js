// Runs before everything else, in any browser: one that cannot run the page is told which can.
(function () {
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
    document.body.innerHTML =
      '<main class="page">' +
      "<h1>当前浏览器不支持在线考试</h1>" +
      "<p>请在电脑上使用以下任一浏览器的新版本打开本页面：</p>" +
      "<ul><li>Google Chrome 87 及以上</li><li>Microsoft Edge 87 及以上</li>" +
      "<li>360 安全浏览器 13 及以上（极速模式）</li><li>QQ 浏览器 11 及以上（极速内核）</li></ul>" +
      "<p>如果您使用 360 或 QQ 浏览器，请点击地址栏旁的图标，切换到“极速模式”。</p></main>";
  });
  // The page itself must not start on top of this.
  window.__unsupported = true;
})();
