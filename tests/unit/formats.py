"""What the tests of formats share: reading one file as a bank, and small samples."""

import base64
import io

from PIL import Image

from chalicelib.exams.questions import Question
from chalicelib.imports import banks
from chalicelib.imports.remarks import Advice
from chalicelib.shared import archives


def png(size: tuple[int, int] = (4, 3), colour: str = "red") -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


PNG = png()
PNG_BASE64 = base64.b64encode(PNG).decode()


def read(
    name: str, data: bytes | str, pictures: dict[str, bytes] | None = None
) -> banks.BankReading:
    """The bank of one file."""
    content = data.encode() if isinstance(data, str) else data
    return banks.read_bank({name: content}, pictures)


def questions(found: banks.BankReading) -> list[Question]:
    """The questions of a bank without any mistake."""
    assert found.findings == ()
    return list(found.questions)


def reasons(found: banks.BankReading) -> list[tuple[int, str]]:
    """Row and reason of each mistake."""
    return [(finding.row, finding.reason) for finding in found.findings]


def told(found: banks.BankReading, advice: Advice) -> list[tuple[str, tuple[int, ...]]]:
    """Text and rows of the remarks with this advice."""
    return [(r.reason.partition("：")[2], r.rows) for r in found.remarks if r.advice is advice]


def package(files: dict[str, str | bytes], items: dict[str, str], extra: str = "") -> bytes:
    """A package of QTI: files by path, and path → type of each item."""
    resources = "".join(
        f'<resource identifier="R{n}" type="{kind}" href="{path}"/>'
        for n, (path, kind) in enumerate(items.items())
    )
    manifest = f"<manifest><resources>{resources}{extra}</resources></manifest>"
    contents = {"imsmanifest.xml": manifest, **files}
    return archives.pack(
        {path: text.encode() if isinstance(text, str) else text for path, text in contents.items()}
    )
