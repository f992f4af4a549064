// Runs at CloudFront before the API, where there is a firewall: says who asks, in a header that nobody else can write.
// In X-Forwarded-For the first address, which AWS WAF takes, is the visitor's own word.

function handler(event) {
  event.request.headers["viewer-address"] = { value: event.viewer.ip };
  return event.request;
}
