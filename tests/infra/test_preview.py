"""`make preview`: one page on loopback, read anew with each load."""

import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from chalicelib.shared import archives
from infra import preview
from tests.illustrated import pack


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in pack().items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    return tmp_path


@pytest.fixture
def port(folder: Path) -> Iterator[int]:
    with preview.server(folder, 0) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield serving.server_port
        serving.shutdown()
        thread.join()


def load(port: int, path: str = "/", host: str = "127.0.0.1") -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", path, headers={"Host": f"{host}:{port}"})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_the_page_shows_the_files_as_they_are_now(port: int, folder: Path) -> None:
    assert "6 题" in load(port)[1]
    (folder / "questions/b.csv").unlink()
    status, text = load(port)
    assert (status, "5 题" in text) == (200, True)


def test_only_the_printed_address_is_answered(port: int) -> None:
    assert load(port, "/x")[0] == 404
    assert load(port, host="localhost")[0] == 404
    assert load(port, host="evil.example")[0] == 404


def test_a_zip_is_shown_like_its_folder(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    zipped = tmp_path_factory.mktemp("zip") / "pack.zip"
    zipped.write_bytes(archives.pack(pack()))
    assert preview.read_page(zipped) == preview.read_page(folder)


def test_a_missing_pack_ends_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["preview", str(tmp_path / "nothing.zip")])
    assert preview.main() == 1
    assert "No such file" in capsys.readouterr().err
