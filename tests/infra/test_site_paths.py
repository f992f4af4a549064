"""The function at CloudFront, run by Node: the files that it asks for are those of the launcher's page."""

import json
import subprocess
from pathlib import Path

import pytest

from infra import deploy, templates
from infra.package import PROJECT

CODE = templates.edge_code(PROJECT / "infra", "site_paths.js")


def asked(uri: str, accepts: str | None) -> str:
    headers = {"accept-encoding": {"value": accepts}} if accepts is not None else {}
    event = {"request": {"uri": uri, "headers": headers}}
    script = f"{CODE}\nconsole.log(handler({json.dumps(event)}).uri);"
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("uri", "accepts", "file"),
    [
        ("/", "br", "/index.html"),
        ("/exam", None, "/index.html"),
        ("/me/certificates", "br", "/index.html"),
        ("/v1.2/exam", "br", "/index.html"),
        ("/index.html", "br", "/index.html"),
        ("/en", "br", "/en/index.html"),
        ("/en/", None, "/en/index.html"),
        ("/en/me/certificates", "br", "/en/index.html"),
        ("/en/index.html", "br", "/en/index.html"),
        ("/english", "br", "/index.html"),
        ("/me/en/", "br", "/index.html"),
        ("/assets/Exam-1.js", "br", "/assets/Exam-1.js"),  # CloudFront compresses it itself
        ("/detector/0.1/engine.wasm", "gzip, deflate, br, zstd", "/detector/0.1/engine.wasm.br"),
        ("/detector/0.1/engine.wasm", "gzip, deflate", "/detector/0.1/engine.wasm.gz"),
        ("/detector/0.1/engine.wasm", "br;q=1.0, gzip;q=0.8", "/detector/0.1/engine.wasm.br"),
        ("/detector/0.1/engine.js", "br", "/detector/0.1/engine.js.br"),
        ("/detector/0.1/engine.wasm", "identity", "/detector/0.1/engine.wasm"),
        ("/detector/0.1/engine.wasm", "brotli, zip", "/detector/0.1/engine.wasm"),
        ("/detector/0.1/engine.wasm", None, "/detector/0.1/engine.wasm"),
        ("/detector/model.tflite", "br", "/detector/model.tflite"),
        ("/x/detector/engine.wasm", "br", "/x/detector/engine.wasm"),
    ],
)
def test_an_address_is_answered_by_a_file(uri: str, accepts: str | None, file: str) -> None:
    assert asked(uri, accepts) == file


@pytest.mark.parametrize("claimed", [None, "192.0.2.1"])
def test_the_firewall_is_told_who_asks_whatever_they_say_themselves(claimed: str | None) -> None:
    headers = {"viewer-address": {"value": claimed}} if claimed else {}
    event = {"viewer": {"ip": "2001:db8::1"}, "request": {"uri": "/api/exams", "headers": headers}}
    code = (PROJECT / "infra" / "viewer_address.js").read_text("utf-8")
    script = f"{code}\nconsole.log(JSON.stringify(handler({json.dumps(event)})));"
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {
        "uri": "/api/exams",
        "headers": {"viewer-address": {"value": "2001:db8::1"}},
    }


def test_files_are_uploaded_as_browsers_want_them(tmp_path: Path) -> None:
    for name in (
        "index.html",
        "en/index.html",
        "icon.svg",
        ".vite/manifest.json",
        "assets/a.js",
        "detector/1/e.wasm",
        "detector/1/e.wasm.br",
        "detector/1/e.wasm.gz",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    told = {upload["Key"]: upload for upload in deploy.site_uploads(tmp_path)}
    # whoever loads them finds all that they name
    assert list(told)[-2:] == ["en/index.html", "index.html"]
    assert set(told) == {
        *("index.html", "en/index.html", "icon.svg", "assets/a.js"),
        *(f"detector/1/e.wasm{form}" for form in ("", ".br", ".gz")),
    }
    for page in ("index.html", "en/index.html"):
        assert told[page]["CacheControl"] == "no-cache"
        assert told[page]["ContentType"] == "text/html"
    assert "immutable" in told["assets/a.js"]["CacheControl"]
    assert told["detector/1/e.wasm"]["ContentType"] == "application/wasm"
    assert "ContentEncoding" not in told["detector/1/e.wasm"]
    for form, encoding in ((".br", "br"), (".gz", "gzip")):
        assert told[f"detector/1/e.wasm{form}"]["ContentType"] == "application/wasm"
        assert told[f"detector/1/e.wasm{form}"]["ContentEncoding"] == encoding


def test_where_nothing_chooses_at_the_edge_files_are_uploaded_in_one_form(tmp_path: Path) -> None:
    pages = ("en/index.html", "index.html")
    for name in (*pages, "assets/a.js", "detector/e.wasm", "detector/model.tflite"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    for form in (".br", ".gz"):
        (tmp_path / f"detector/e.wasm{form}").write_text(f"small{form}")
    headers = {"content-security-policy": "default-src 'self'"}
    told = {upload["Key"]: upload for upload in deploy.site_uploads(tmp_path, headers)}
    assert list(told) == ["assets/a.js", "detector/e.wasm", "detector/model.tflite", *pages]
    small = told["detector/e.wasm"]
    assert small["Body"].read_text() == "small.gz"
    assert (small["ContentType"], small["ContentEncoding"]) == ("application/wasm", "gzip")
    assert "immutable" in small["CacheControl"]
    assert "ContentEncoding" not in told["detector/model.tflite"]
    assert {key for key, upload in told.items() if "Metadata" in upload} == set(pages)
    assert all(told[page]["Metadata"] == headers for page in pages)


def test_a_page_that_is_not_built_is_not_uploaded(tmp_path: Path) -> None:
    with pytest.raises(deploy.DeployError, match="make web"):
        list(deploy.site_uploads(tmp_path))
