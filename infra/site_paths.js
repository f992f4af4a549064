// Runs at CloudFront before the cache: which file of the site bucket answers an address of the page.
// The launcher does the same in infra/local/site.py.

var COMPRESSED = /^\/detector\/.+\.(js|wasm)$/; // smaller forms lie beside: CloudFront compresses nothing above 10 MB

function handler(event) {
  var request = event.request;
  var name = request.uri.substring(request.uri.lastIndexOf("/") + 1);
  if (name.indexOf(".") === -1) {
    request.uri = "/index.html"; // the router of the page knows it
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
