"""The PDF of a certificate: what is printed is what was said, and nobody changes it unseen."""

import datetime
import io
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.results import document, fonts, signing
from chalicelib.results.document import Wording
from chalicelib.results.texts import CERTIFICATE as WORDS
from chalicelib.results.texts import SEAL
from infra import signing as preparing
from tests import cloud
from tests.signing import identity, is_valid, put_identity

AT = 1_750_000_000_000
WORDING = Wording(
    number="SX-2027-ACDE-FGHJ-KMNP-RTVW",
    name="张三",
    id_number="140***********2149",
    organisation="示例招标代理有限公司",
    exam_title="山西省政府采购代理机构从业人员从业资格考核",
    score="86.5 / 100",
    passed_on="2027年1月15日",
    issued_on="2027年1月16日",
    issuer="考试平台运营方",
    verify_url="https://exam.example.cn/certificates/SX-2027-ACDE-FGHJ-KMNP-RTVW",
    sitting="2027年第二场（补考）",
)


def written(photo: bytes, **more: Any) -> bytes:
    return document.write_document(msgspec.structs.replace(WORDING, **more), photo, at=AT)


@pytest.fixture(scope="module")
def photo() -> bytes:
    """A picture of another shape than the frame."""
    from PIL import Image

    out = io.BytesIO()
    Image.linear_gradient("L").resize((400, 420)).convert("RGB").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture(scope="module")
def plain(photo: bytes) -> bytes:
    return written(photo)


@pytest.fixture(scope="module")
def signed(plain: bytes) -> bytes:
    with cloud.running():
        put_identity()
        return signing.sign_document(plain, issuer=WORDING.issuer, at=AT)


def text_of(data: bytes) -> list[str]:
    """The lines as pyHanko's neighbours read them: by poppler where it is installed, else from the ToUnicode maps."""
    program = shutil.which("pdftotext")
    if program:
        command = [program, "-raw", "-", "-"]
        shown = subprocess.run(command, input=data, capture_output=True, check=True).stdout
        return [line.strip() for line in shown.decode().splitlines() if line.strip()]
    return lines_of(data)


def lines_of(data: bytes) -> list[str]:
    """What each text object shows, decoded as a reader does: bytes of a font by that font's ToUnicode map."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    page = PdfFileReader(io.BytesIO(data)).root["/Pages"]["/Kids"][0]
    maps = {}
    for name in (held := page["/Resources"]["/Font"]):
        pairs = re.findall(rb"<([0-9A-F]{2})> <([0-9A-F]{4,8})>", held[name]["/ToUnicode"].data)
        maps[name[1:]] = {
            int(a, 16): bytes.fromhex(b.decode()).decode("utf-16-be") for a, b in pairs
        }
    lines, line, face = [], "", ""
    for token in TOKENS.finditer(page["/Contents"].data):
        shown, font = token["shown"], token["font"]
        if shown is not None:
            line += "".join(maps[face][code] for code in unescaped(shown))
        elif font is not None:
            face = font.decode()
        elif line.strip():  # the end of a text object
            lines.append(line.strip())
            line = ""
    return lines


TOKENS = re.compile(
    rb"\((?P<shown>(?:\\.|[^\\)])*)\) Tj|/(?P<font>\S+) [\d.]+ Tf|\bET\b", re.DOTALL
)


def unescaped(shown: bytes) -> bytes:
    def one(found: re.Match[bytes]) -> bytes:
        inner = found[1]
        return (
            bytes([int(inner, 8)])
            if inner.isdigit()
            else {b"n": b"\n", b"r": b"\r"}.get(inner, inner)
        )

    return re.sub(rb"\\([0-7]{3}|.)", one, shown, flags=re.DOTALL)


# --- words ----------------------------------------------------------------------------------------------


def test_an_exam_by_itself_prints_no_sitting(photo: bytes) -> None:
    alone = lines_of(written(photo, sitting=""))
    assert sorted([*alone, WORDING.sitting]) == sorted(lines_of(written(photo)))


def test_each_fact_and_each_sentence_is_printed_as_it_is(plain: bytes) -> None:
    lines = lines_of(plain)
    for field in Wording.__struct_fields__:
        assert lines.count(getattr(WORDING, field)) == 1, field
    for word in WORDS.values():
        assert lines.count(word) == lines.count(word.en) == 1
    assert SEAL in lines
    assert len(lines) == len(Wording.__struct_fields__) + 2 * len(WORDS) + 1


def test_a_reader_that_is_not_ours_copies_the_same_words(plain: bytes) -> None:
    shown = " ".join(text_of(plain))
    for field in Wording.__struct_fields__:
        assert getattr(WORDING, field) in shown, field


@pytest.mark.parametrize(
    "name",
    [
        "李𠮷",
        "㛃·阿依",
        "<b>张</b>&amp;",
        "=HYPERLINK(1)",
        "@SUM+1",
        "Жанна O'Neill-Smith",
        "(张\\三)",
        "爱新觉罗" * 10,
    ],
)
def test_a_name_appears_literally_whatever_it_holds(photo: bytes, name: str) -> None:
    data = written(photo, name=name)
    assert name in lines_of(data)
    assert name.replace(" ", "") in "".join(text_of(data)).replace(" ", "")


@pytest.mark.parametrize(
    ("name", "shown"),
    [("张\u202e三", "张〔U+202E〕三"), ("Ḥasan", "〔U+1E24〕asan"), ("𠀀", "〔U+20000〕")],
)
def test_a_sign_that_cannot_be_set_becomes_its_code_and_never_just_vanishes(
    photo: bytes, name: str, shown: str
) -> None:
    assert shown in lines_of(written(photo, name=name))


def test_the_longest_name_and_title_stay_in_their_room(photo: bytes) -> None:
    name, title = "爱新觉罗" * 10, "政府采购" * 15
    sizes = {}
    data = written(photo, name=name, exam_title=title)
    assert {name, title} <= set(lines_of(data))
    faces = document.registered(name + title + "张三")
    page = document.Page(None, faces)  # type: ignore[arg-type]
    for text, size, room in ((name, 36, 498), (title, 17, 620)):
        sizes[text] = page.fitting(text, size, room)
        assert page.width(text, sizes[text]) <= room
        assert page.width(text, sizes[text] + 0.25) > room
    assert sizes[name] > 12  # still easy to read
    assert page.fitting("张三", 36, 498) == 36


@pytest.mark.parametrize(
    ("characters", "lines", "smallest"),
    [(41, 1, 12), (42, 2, 12), (82, 2, 12), (83, 2, 11.75), (100, 2, 9.75)],
)
def test_an_organisation_of_up_to_100_characters_stands_in_two_lines_that_can_be_read(
    photo: bytes, characters: int, lines: int, smallest: float
) -> None:
    organisation = "示例" * 50
    organisation = organisation[:characters]
    page = document.Page(None, document.registered(organisation))  # type: ignore[arg-type]
    size, shown = page.fitting_lines(organisation, 12, 498, 2)
    assert (size, len(shown), "".join(shown)) == (smallest, lines, organisation)
    assert set(shown) <= set(lines_of(written(photo, organisation=organisation)))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("一二三四五六七八九十", ["一二三四五六七八九十"]),
        ("一二三四五六七八九十一", ["一二三四五六七八九十", "一"]),
        ("一二三四五六七八九十。", ["一二三四五六七八九", "十。"]),  # no line begins with it
        ("一二三四五六七八九（十）", ["一二三四五六七八九", "（十）"]),
        ("one word and another one", ["one word and", "another one"]),
        ("x" * 30, None),  # divided where it has to be
    ],
)
def test_lines_break_where_a_reader_expects_it(text: str, lines: list[str] | None) -> None:
    page = document.Page(None, document.registered(text + "一"))  # type: ignore[arg-type]
    shown = page.lines(text, 10, 100)
    assert all(page.width(line, 10) <= 100 for line in shown)
    assert shown == lines if lines else "".join(shown) == text and len(shown) == 2


def test_the_file_names_the_moment_of_issue_as_its_creation(plain: bytes, signed: bytes) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader

    for data in (plain, signed):
        info = PdfFileReader(io.BytesIO(data)).trailer["/Info"]
        assert info["/CreationDate"] == info["/ModDate"] == "D:20250615230640+08'00'"


def test_the_rare_signs_of_names_are_in_the_packaged_fonts() -> None:
    assert fonts.spelled("𠮷㛃·张") == "𠮷㛃·张"
    serif, sans = fonts.typefaces("𠮷㛃·张")
    assert serif.characters >= {"㛃", "·", "张"}
    assert sans.characters == {"𠮷"}


def test_fonts_are_embedded_and_hold_only_the_signs_that_are_used(plain: bytes) -> None:
    from fontTools.ttLib import TTFont
    from pyhanko.pdf_utils.reader import PdfFileReader

    page = PdfFileReader(io.BytesIO(plain)).root["/Pages"]["/Kids"][0]
    held = page["/Resources"]["/Font"]
    assert held
    for name in held:
        data = held[name]["/FontDescriptor"]["/FontFile2"].data
        glyphs = TTFont(io.BytesIO(data))["maxp"].numGlyphs
        assert glyphs <= 260
    assert len(plain) < 400_000


# --- bytes ----------------------------------------------------------------------------------------------


def test_the_same_content_gives_the_same_bytes(plain: bytes, photo: bytes) -> None:
    assert written(photo) == plain
    assert written(photo, name="张三丰") != plain


def test_signed_again_it_is_the_same_file(plain: bytes, signed: bytes) -> None:
    with cloud.running():
        put_identity()
        assert signing.sign_document(plain, issuer=WORDING.issuer, at=AT) == signed
        other = signing.sign_document(plain, issuer=WORDING.issuer, at=AT + 1000)
    assert signed.startswith(plain)
    assert other != signed
    assert is_valid(other)


# --- signature ------------------------------------------------------------------------------------------


def test_the_signature_is_valid_and_tells_who_and_when(signed: bytes) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader

    assert is_valid(signed)
    [signature] = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.sig_object["/Name"] == WORDING.issuer
    assert signature.self_reported_timestamp == datetime.datetime.fromtimestamp(
        AT / 1000, datetime.UTC
    )


def test_an_independent_tool_finds_it_valid(signed: bytes, tmp_path: Path) -> None:
    """`pdfsig` of poppler where it is installed; the bytes that are signed and their digest everywhere."""
    import hashlib

    from asn1crypto import cms

    found = re.search(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)", signed)
    assert found is not None
    first, length, second, rest = map(int, found.groups())
    assert (first, second + rest) == (0, len(signed))
    covered = signed[first : first + length] + signed[second : second + rest]
    packed = bytes.fromhex(signed[length + 1 : second - 1].decode())
    info = cms.ContentInfo.load(packed)["content"]["signer_infos"][0]
    digests = [
        a["values"][0].native for a in info["signed_attrs"] if a["type"].native == "message_digest"
    ]
    assert digests == [hashlib.sha256(covered).digest()]
    if program := shutil.which("pdfsig"):
        (tmp_path / "c.pdf").write_bytes(signed)
        said = subprocess.run([program, "c.pdf"], cwd=tmp_path, capture_output=True, text=True)
        assert "Signature Validation: Signature is Valid." in said.stdout
        assert "Total document signed" in said.stdout


@settings(max_examples=25, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_any_changed_byte_makes_it_invalid(signed: bytes, place: float, flip: int) -> None:
    start, end = _signature_digits(signed)
    index = int(place * len(signed))
    if start <= index < end and signed[index : index + 1] == b"0":
        index = (
            start - 40
        )  # padding of the digits is no content: take a byte of the dictionary before
    changed = bytearray(signed)
    changed[index] ^= flip
    if _same_digits(signed, changed, start, end):
        return
    assert not is_valid(bytes(changed))


def _signature_digits(signed: bytes) -> tuple[int, int]:
    found = re.search(rb"/Contents <([0-9a-fA-F]+)>", signed)
    assert found is not None
    return found.span(1)


def _same_digits(signed: bytes, changed: bytearray, start: int, end: int) -> bool:
    """A digit in the other case is the same digit."""
    return (
        signed[start:end].lower() == bytes(changed[start:end]).lower()
        and signed[:start] == changed[:start]
        and signed[end:] == changed[end:]
    )


def test_something_added_at_the_end_is_noticed(signed: bytes) -> None:
    assert not is_valid(signed + b"\n% 95 / 100\n")


def test_somebody_elses_signature_is_not_ours(plain: bytes) -> None:
    identity.cache_clear()
    mine = identity()
    identity.cache_clear()
    theirs = identity()
    with cloud.running():
        put_identity(theirs)
        forged = signing.sign_document(plain, issuer=WORDING.issuer, at=AT)
    assert is_valid(forged, theirs["chain"][0])
    assert not is_valid(forged, mine["chain"][0])


def test_kms_signs_without_giving_its_key_away(
    plain: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.shared import settings as product

    with cloud.running():
        made = boto3.client("kms").create_key(KeySpec="RSA_3072", KeyUsage="SIGN_VERIFY")
        key_id = made["KeyMetadata"]["KeyId"]
        secrets, name = boto3.client("secretsmanager"), cloud.ENVIRONMENT["SIGNING_SECRET_ID"]
        secrets.create_secret(Name=name, SecretString='{"certificate": "", "chain": []}')
        clients = types_of_clients()
        root = tmp_path / "root.pem"
        known = {"key_id": key_id, "secret_id": name, "root_file": root}
        assert preparing.prepare(clients, **known) is True
        assert preparing.prepare(clients, **known) is False  # what is there stays
        assert "PRIVATE KEY" not in secrets.get_secret_value(SecretId=name)["SecretString"]
        monkeypatch.setenv("SIGNING_KEY_ID", key_id)
        product.settings.cache_clear()
        signing.forget()
        now = datetime.datetime.now(datetime.UTC)
        at = int(now.timestamp() * 1000)
        once = signing.sign_document(plain, issuer=WORDING.issuer, at=at)
        assert signing.sign_document(plain, issuer=WORDING.issuer, at=at) == once
    signing.forget()
    assert is_valid(once, root.read_text())


def types_of_clients() -> Any:
    class Here:
        def client(self, service: str) -> Any:
            return boto3.client(service)

    return Here()


def test_without_a_certificate_nothing_is_signed(plain: bytes) -> None:
    from chalicelib.shared.errors import Unavailable

    with cloud.running():
        put_identity({"certificate": "", "chain": []})
        with pytest.raises(Unavailable):
            signing.sign_document(plain, issuer=WORDING.issuer, at=AT)
    signing.forget()


def test_every_printed_word_is_chinese_with_english_and_can_be_set() -> None:
    for word in WORDS.values():
        assert fonts.spelled(word) == word
        assert fonts.spelled(word.en) == word.en
        assert any("CJK" in unicodedata.name(sign, "") for sign in word)
