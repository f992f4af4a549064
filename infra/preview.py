"""`python -m infra.preview FOLDER|ZIP`: show all questions of an exam pack as candidates will see them, with keys.

Serves one page on loopback and prints its address; Ctrl-C ends it. The pack is read again whenever the page is loaded:
a publisher can mend a file and reload. Nothing is published.
"""

import argparse
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from chalicelib.preview import service as preview
from infra.folders import read_folder

HOST = "127.0.0.1"
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def read_page(path: Path) -> bytes:
    """The page of the pack in a folder or zip. Raises `OSError`."""
    if path.is_dir():
        return preview.preview_pack(files=read_folder(path))
    return preview.preview_zip(data=path.read_bytes())


def server(path: Path, port: int) -> ThreadingHTTPServer:
    """A server of the page on loopback; port 0 takes a free one."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """The page, for the address that was printed alone: another name may be an attack by DNS."""
            if self.path != "/" or self.headers.get("Host") != f"{HOST}:{serving.server_port}":
                self.send_error(404)
                return
            page = read_page(path)
            self.send_response(200)
            for name, value in {**HEADERS, "Content-Length": str(len(page))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            """Requests are not logged."""

    serving = ThreadingHTTPServer((HOST, port), Page)
    return serving


def main() -> int:
    """Serve the page until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m infra.preview", description=__doc__)
    parser.add_argument("pack", type=Path, help="folder or zip")
    parser.add_argument("--port", type=int, default=0, help="a free one by default")
    given = parser.parse_args()
    try:
        read_page(given.pack)
    except OSError as error:
        print(f"{given.pack}: {error.strerror or error}", file=sys.stderr)
        return 1
    with server(given.pack, given.port) as serving:
        print(f"http://{HOST}:{serving.server_port}/", flush=True)
        print("Ctrl-C 结束；改过文件后刷新页面即可", flush=True)
        try:
            serving.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
