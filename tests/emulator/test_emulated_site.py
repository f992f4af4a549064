"""The page's files by themselves: what is found, what is sent with it."""

import json
from pathlib import Path

import pytest

from infra.local.front import Refusal, Reply, Request
from infra.local.site import HEADERS, Site

UPLOADS = "http://127.0.0.1:9001"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    files = {
        "index.html": "<h1>page</h1>",
        "en/index.html": "<h1>page in English</h1>",
        "assets/main-1a2b.js": "1",
        "detector/0.1/engine.wasm": "plain",
        "detector/0.1/engine.wasm.br": "smallest",
        "detector/0.1/engine.wasm.gz": "small",
        "icon.svg": "<svg/>",
    }
    for name, content in files.items():
        file = tmp_path / "page" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "secret").write_text("secret")
    return Site(tmp_path / "page", UPLOADS)


def get(site: Site, path: str, method: str = "GET", accepts: str = "") -> Reply:
    return site.answer(Request(method, path, "", {"Accept-Encoding": accepts}, b"", "127.0.0.1"))


def headers(reply: Reply) -> dict[str, str]:
    return dict(reply.headers)


@pytest.mark.parametrize("path", ["/", "/exam/detail", "/attempts/A%2Fb", "/register/", "//me"])
def test_every_address_without_an_ending_is_the_page(site: Site, path: str) -> None:
    reply = get(site, path)
    assert reply.body == b"<h1>page</h1>"
    assert headers(reply)["Content-Type"] == "text/html"
    assert headers(reply)["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["/en", "/en/", "/en/exam/detail", "/en/index.html"])
def test_addresses_below_a_language_are_the_page_in_it(site: Site, path: str) -> None:
    reply = get(site, path)
    assert reply.body == b"<h1>page in English</h1>"
    assert headers(reply)["Cache-Control"] == "no-cache"
    assert get(site, "/english").body == b"<h1>page</h1>"


@pytest.mark.parametrize(
    "path",
    [
        *("/gone.js", "/assets/main-gone.js", "/assets/.js.", "/.env"),
        *("/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/%5c..%5csecret.txt"),
        *("/../secret", "/..", "/a%00b", "/" + "a" * 5000 + ".js"),
    ],
)
def test_a_file_that_is_not_there_or_lies_outside_is_not_found(site: Site, path: str) -> None:
    with pytest.raises(Refusal) as refused:
        get(site, path)
    assert (refused.value.status, refused.value.content["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_the_page_is_only_read(site: Site, method: str) -> None:
    with pytest.raises(Refusal) as refused:
        get(site, "/", method)
    assert refused.value.status == 405
    assert get(site, "/", "HEAD").status == 200


def test_what_bears_a_hash_or_version_is_kept_for_good(site: Site) -> None:
    for path in ("/assets/main-1a2b.js", "/detector/0.1/engine.wasm"):
        assert "immutable" in headers(get(site, path))["Cache-Control"]
    assert headers(get(site, "/icon.svg"))["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("accepts", "body", "encoding"),
    [
        ("gzip, deflate, br, zstd", b"smallest", "br"),
        ("gzip;q=0.9", b"small", "gzip"),
        ("zstd", b"plain", None),
        ("", b"plain", None),
    ],
)
def test_a_compressed_form_is_sent_to_who_takes_it(
    site: Site, accepts: str, body: bytes, encoding: str | None
) -> None:
    reply = get(site, "/detector/0.1/engine.wasm", accepts=accepts)
    assert reply.body == body
    assert headers(reply).get("Content-Encoding") == encoding
    assert headers(reply)["Content-Type"] == "application/wasm"
    assert headers(reply)["Vary"] == "Accept-Encoding"


def test_nothing_is_said_of_encodings_where_there_is_one_form(site: Site) -> None:
    assert "Vary" not in headers(get(site, "/icon.svg", accepts="br"))


def test_every_file_carries_the_written_headers(site: Site) -> None:
    written = json.loads(HEADERS.read_text("utf-8"))["headers"]
    for path in ("/", "/icon.svg"):
        sent = headers(get(site, path))
        for name, value in written.items():
            ours = value.replace("${UploadOrigin}", UPLOADS).replace("${PaperOrigin}", UPLOADS)
            assert sent[name] == ours


def test_the_policy_allows_our_origin_the_uploads_and_nothing_inline(site: Site) -> None:
    policy = headers(get(site, "/"))["Content-Security-Policy"]
    allowed = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert allowed["default-src"] == "'self'"
    assert allowed["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert allowed["style-src"] == "'self'"
    assert allowed["connect-src"] == f"'self' {UPLOADS} {UPLOADS}"  # one address for all buckets
    assert allowed["frame-ancestors"] == "'none'"
    assert "unsafe-inline" not in policy
    assert "*" not in policy
