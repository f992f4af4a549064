"""Zips of photos named by ID number: what a name says, and names that packers have garbled."""

import re

import pytest

from chalicelib.exams.validation import FileRejected
from chalicelib.imports import photo_zips
from chalicelib.imports.people import ID_TYPE_NAMES
from chalicelib.imports.photo_zips import read_photos
from chalicelib.shared import archives

NUMBER = "11010519491231002X"


def zipped(*names: str, data: bytes = b"x") -> bytes:
    return archives.pack(dict.fromkeys(names, data))


def read(data: bytes) -> list[tuple[str, str, str]]:
    found, findings, _ = read_photos(data, ID_TYPE_NAMES, lambda number: number[:1] + "***")
    assert not findings
    return [(file.row.id_type, file.row.id_number, file.row.file) for file in found]


@pytest.mark.parametrize(
    ("name", "kind", "number", "shown"),
    [
        (f"{NUMBER}.jpg", "居民身份证", NUMBER, "1***.jpg"),
        (f"照片/{NUMBER}.JPG", "居民身份证", NUMBER, "1***.JPG"),
        (f"{NUMBER}-张三.jpg", "居民身份证", NUMBER, "1***.jpg"),
        (f"张三_{NUMBER.lower()}.png", "居民身份证", NUMBER.lower(), "1***.png"),
        ("１１０１０５19491231002X.jpg", "居民身份证", NUMBER, "1***.jpg"),
        ("护照-E1234567.jpg", "护照", "E1234567", "E***.jpg"),
        ("E1234567 护照.jpeg", "护照", "E1234567", "E***.jpeg"),
        ("港澳居民来往内地通行证+H12345678.jpg", "港澳居民来往内地通行证", "H12345678", None),
        (NUMBER, "居民身份证", NUMBER, "1***"),
    ],
)
def test_a_name_says_whose_photo_it_is(
    name: str, kind: str, number: str, shown: str | None
) -> None:
    [(found_kind, found_number, found_name)] = read(zipped(name))
    assert (found_kind, found_number) == (kind, number)
    assert shown is None or found_name == shown


@pytest.mark.parametrize(
    "name", ["张三.jpg", "photo.jpg", f"{NUMBER} E1234567.jpg", "1.jpg", "1234", "110105.1949.jpg"]
)
def test_a_name_that_says_nothing_or_two_things_is_told(name: str) -> None:
    found, findings, count = read_photos(zipped(name, f"{NUMBER}.jpg"), ID_TYPE_NAMES, str)
    assert ([file.row.id_number for file in found], len(findings), count) == ([NUMBER], 1, 2)
    assert not re.search(r"\d", findings[0].file)


def test_of_two_files_of_one_name_nobody_knows_which_is_meant() -> None:
    data = zipped(f"a{NUMBER}.jpg", f"b{NUMBER}.jpg").replace(b"b1101", b"a1101")
    with pytest.raises(FileRejected) as refused:
        read_photos(data, ID_TYPE_NAMES, str)
    assert refused.value.findings[0].reason == "压缩包里有重名的文件"


def test_what_systems_add_is_passed_over_and_the_order_is_that_of_names() -> None:
    names = ("b-E2222222.jpg", "a-E1111111.jpg", "__MACOSX/._a.jpg", ".DS_Store")
    found, findings, count = read_photos(zipped(*names), ID_TYPE_NAMES, str)
    assert [(f.row.row, f.row.id_number) for f in found] == [(1, "E1111111"), (2, "E2222222")]
    assert (findings, count) == ([], 2)


def test_an_empty_zip_is_a_mistake() -> None:
    _, [finding], count = read_photos(zipped(), ID_TYPE_NAMES, str)
    assert (finding.reason, count) == ("压缩包里没有照片", 0)


@pytest.mark.parametrize("count", [photo_zips.MAX_PHOTOS, photo_zips.MAX_PHOTOS + 1])
def test_five_hundred_photos_are_taken_at_once(count: int) -> None:
    data = zipped(*(f"E{number:07}.jpg" for number in range(count)))
    if count <= 500:
        assert len(read_photos(data, ID_TYPE_NAMES, str)[0]) == count
        return
    with pytest.raises(FileRejected) as refused:
        read_photos(data, ID_TYPE_NAMES, str)
    assert "最多 500 个文件、50 MB" in refused.value.findings[0].reason


def test_fifty_megabytes_are_unpacked_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert photo_zips.MAX_BYTES == 50 * 1024 * 1024
    monkeypatch.setattr(photo_zips, "MAX_BYTES", 100)
    fits = zipped(f"{NUMBER}.jpg", data=b"x" * 100)
    assert len(read_photos(fits, ID_TYPE_NAMES, str)[0]) == 1
    with pytest.raises(FileRejected):
        read_photos(zipped(f"{NUMBER}.jpg", data=b"x" * 101), ID_TYPE_NAMES, str)


@pytest.mark.parametrize("data", [b"", b"no zip", zipped("a.jpg")[:-30]])
def test_what_is_no_zip_is_told(data: bytes) -> None:
    with pytest.raises(FileRejected) as refused:
        read_photos(data, ID_TYPE_NAMES, str)
    assert refused.value.findings[0].reason == "不是可以打开的 zip 文件"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_names_of_packers_that_do_not_say_their_encoding_are_read(encoding: str) -> None:
    meant = "护照-E1234567.jpg".encode(encoding)
    placeholder = "x" * len(meant)
    data = zipped(placeholder).replace(placeholder.encode(), meant)
    assert read(data) == [("护照", "E1234567", "E***.jpg")]
