// Runs at CloudFront before the cache: which file of the site bucket answers an address of the page.
// The launcher does the same in infra/local/site.py.

var LANGUAGES = __LANGUAGES__; // such as ["/en/"]: below them lies the page in another language (infra/languages.py)
var COMPRESSED = /^\/detector\/.+\.(js|wasm)$/; // smaller forms lie beside: CloudFront compresses nothing above 10 MB

function handler(event) {
  var request = event.request;
  var name = request.uri.substring(request.uri.lastIndexOf("/") + 1);
  if (name.indexOf(".") === -1) {
    request.uri = languageOf(request.uri) + "index.html"; // the router of the page knows it
    return request;
  }
  if (COMPRESSED.test(request.uri)) {
    var accepted = request.headers["accept-encoding"] ? request.headers["accept-encoding"].value : "";
    if (/(^|[ ,])br($|[ ,;])/.test(accepted)) {
      request.uri += ".br";
    } else if (/(^|[ ,])gzip($|[ ,;])/.test(accepted)) {
      request.uri += ".gz";
    }
  }
  return request;
}

function languageOf(uri) {
  for (var i = 0; i < LANGUAGES.length; i += 1) {
    if ((uri + "/").indexOf(LANGUAGES[i]) === 0) return LANGUAGES[i];
  }
  return "/";
}
