"""What tests do with the zip of an own record: check it by the script of the page that is in it."""

import base64
import io
import json
import pathlib
import re
import subprocess
import zipfile
from collections.abc import Iterable
from typing import Any

PAGE = pathlib.Path(__file__).parents[1] / "chalicelib/own_records/verify.html"
_PAGE = """
import { readFileSync } from "node:fs";
const [script, ...given] = readFileSync(0, "utf8").split("\\n");
const { checkRecord, TEXTS } = await import("data:text/javascript;base64," + script);
"""
_CHECK = """
const [language, ...zips] = given.map((line) => Buffer.from(line, "base64"));
const answers = [];
for (const zip of zips) {
  const found = await checkRecord(new Uint8Array(zip), TEXTS[language]);
  const { ok, genuine, checks, fingerprint } = found;
  answers.push({ ok, genuine, checks, fingerprint });
}
console.log(JSON.stringify(answers));
"""
_SAY = """
const say = (text) => text(...Array.from({ length: text.length }, (_, n) => [`<${n}>`]));
console.log(JSON.stringify(TEXTS, (_, text) => (typeof text === "function" ? say(text) : text)));
"""


def check(zips: Iterable[bytes], language: str = "zh-CN") -> list[Any]:
    """Return what the checking page finds in each zip, without a browser, in the words of a language."""
    answers: list[Any] = _run(_CHECK, [language.encode(), *zips])
    return answers


def page_texts() -> dict[str, Any]:
    """Return all that the checking page says, by language; `<0>`, `<1>` … stand for what is put in."""
    texts: dict[str, Any] = _run(_SAY, [])
    return texts


def _run(what: str, given: Iterable[bytes]) -> Any:
    """Run a program that has the functions of the checking page."""
    found = re.search(r'<script type="module">(.+)</script>', PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    told = "\n".join(base64.b64encode(line).decode() for line in [found[1].encode(), *given])
    done = subprocess.run(
        ["node", "--input-type=module", "-e", _PAGE + what],
        input=told,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def files_of(data: bytes) -> dict[str, bytes]:
    """The files of a zip by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def save(folder: pathlib.Path, data: bytes) -> pathlib.Path:
    """Write a zip and its files into a folder, as somebody does who has downloaded it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder)
    path = folder / "record.zip"
    path.write_bytes(data)
    return path
