"""Serves the candidates' page as CloudFront and S3 do: files, addresses of the page, headers.

What is sent with them stands in `infra/site_headers.json`, which is not only the launcher's.
"""

import json
import mimetypes
import re
from pathlib import Path
from urllib.parse import unquote

from infra.languages import PAGE
from infra.local.front import Headers, Refusal, Reply, Request

HEADERS = Path(__file__).resolve().parents[1] / "site_headers.json"
_ORIGIN = re.compile(r"\$\{(Upload|Paper)Origin\}")
# Smallest first. The build writes these forms beside files that CloudFront does not compress.
ENCODINGS = {"br": ".br", "gzip": ".gz"}


class Site:
    """The built page in `folder`; pictures go to and come from `bucket_origin`, the address of all buckets."""

    def __init__(self, folder: Path, bucket_origin: str) -> None:
        site_headers = json.loads(HEADERS.read_text("utf-8"))
        self._folder = folder.resolve()
        self._cache: dict[str, str] = site_headers["cache"]
        self._headers = [
            (name, _ORIGIN.sub(bucket_origin, value))
            for name, value in site_headers["headers"].items()
        ]

    def is_built(self) -> bool:
        """Return whether the page is built."""
        return (self._folder / PAGE).is_file()

    def answer(self, request: Request) -> Reply:
        """Return the file, or for an address of the page that of its language; else 404 or 405."""
        if request.method not in {"GET", "HEAD"}:
            raise Refusal(405, "method_not_allowed", "此地址不支持该请求方式。", allowed=["GET"])
        file = self._find(request.path)
        if file is None:
            raise Refusal(404, "not_found", "没有找到您要的内容。")
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        path = "/" + file.relative_to(self._folder).as_posix()
        kept = next(age for start, age in self._cache.items() if path.startswith(start))
        headers = [("Content-Type", kind), ("Cache-Control", kept), *self._headers]
        encoded, encoding = _compressed(file, request.headers.get("Accept-Encoding", ""))
        return Reply(200, encoded.read_bytes(), headers + encoding)

    def _find(self, path: str) -> Path | None:
        """Return the file of a path, or None. A path outside the folder is never found."""
        try:
            plain = unquote(path).lstrip("/")
            wanted = (self._folder / plain).resolve()
            inside = wanted.is_relative_to(self._folder)
            # an address without an ending is one that the page's router handles
            if inside and "." not in plain.rpartition("/")[2]:
                wanted = self._page_of(plain)
            return wanted if inside and wanted.is_file() else None
        except (OSError, ValueError):  # the file system does not allow this name
            return None

    def _page_of(self, address: str) -> Path:
        """Return the page in the language that an address begins with."""
        other = self._folder / address.partition("/")[0] / PAGE
        return other if other.is_file() else self._folder / PAGE


def _compressed(file: Path, accepted: str) -> tuple[Path, Headers]:
    """Return the smallest form of a file that the browser accepts, and its headers."""
    forms = {name: file.with_name(file.name + ending) for name, ending in ENCODINGS.items()}
    forms = {name: form for name, form in forms.items() if form.is_file()}
    wanted = {part.split(";")[0].strip() for part in accepted.split(",")}
    vary = [("Vary", "Accept-Encoding")] if forms else []
    for name, form in forms.items():
        if name in wanted:
            return form, [*vary, ("Content-Encoding", name)]
    return file, vary
