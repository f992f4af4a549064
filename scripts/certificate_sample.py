"""`make certificate`: a sample certificate, not signed, and its picture for the docs.

The picture needs pdftoppm (poppler-utils). Name and number are invented, and the face is made unrecognisable.
"""

import datetime
import io
import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image, ImageFilter

PROJECT = Path(__file__).resolve().parents[1]
PHOTO = PROJECT / "var/pictures/id_a.jpg"
PICTURE = PROJECT / "docs/screens/certificate.png"
OUT = PROJECT / "build/certificate.pdf"


def main() -> int:
    """Write the document, and the picture where it can be drawn."""
    sys.path.insert(0, str(PROJECT))
    from chalicelib.results.document import Wording, write_document
    from chalicelib.shared.clock import CHINA
    from scripts import small_pictures

    number = "SX-2027-ACDE-FGHJ-KMNP-RTVW"
    day = datetime.datetime(2027, 1, 15, tzinfo=CHINA)
    wording = Wording(
        number=number,
        name="欧阳吉",
        id_number="140***********2149",
        organisation="示例招标代理有限公司",
        exam_title="山西省政府采购代理机构从业人员从业资格考核",
        score="92 / 100",
        passed_on=f"{day.year}年{day.month}月{day.day}日",
        issued_on=f"{day.year}年{day.month}月{day.day}日",
        issuer="考试平台运营方",
        verify_url=f"https://exam.example.cn/certificates/{number}",
    )
    OUT.parent.mkdir(exist_ok=True)
    at = int(day.timestamp() * 1000)
    OUT.write_bytes(write_document(wording, _blurred(PHOTO), at=at))
    print(OUT)
    program = shutil.which("pdftoppm")
    if program is None:
        print("no pdftoppm here: the picture stays as it is")
        return 0
    command = [program, "-r", "80", "-png", "-singlefile", str(OUT), str(PICTURE.with_suffix(""))]
    subprocess.run(command, check=True)
    small_pictures.write(PICTURE.read_bytes(), PICTURE)
    print(PICTURE)
    return 0


def _blurred(photo: Path) -> bytes:
    """Return a photo in which nobody can be recognised, as JPEG."""
    picture = Image.open(photo).convert("RGB")
    blurred = io.BytesIO()
    picture.filter(ImageFilter.GaussianBlur(picture.width / 15)).save(blurred, "JPEG")
    return blurred.getvalue()


if __name__ == "__main__":
    sys.exit(main())
