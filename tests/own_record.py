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
_RUN = """
import { readFileSync } from "node:fs";
const [script, ...zips] = readFileSync(0, "utf8").split("\\n");
const { checkRecord } = await import("data:text/javascript;base64," + script);
const answers = [];
for (const zip of zips) {
  const { ok, genuine, checks, fingerprint } = await checkRecord(new Uint8Array(Buffer.from(zip, "base64")));
  answers.push({ ok, genuine, checks, fingerprint });
}
console.log(JSON.stringify(answers));
"""


def check(zips: Iterable[bytes]) -> list[Any]:
    """Return what the checking page finds in each zip, without a browser."""
    found = re.search(r'<script type="module">(.+)</script>', PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    lines = [found[1].encode(), *zips]
    told = "\n".join(base64.b64encode(line).decode() for line in lines)
    done = subprocess.run(
        ["node", "--input-type=module", "-e", _RUN],
        input=told,
        capture_output=True,
        text=True,
        check=True,
    )
    answers: list[Any] = json.loads(done.stdout)
    return answers


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
