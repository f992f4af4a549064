"""Statistics in S3: `statistics/<exam>/statistics.json` and `.xlsx` in the bucket of papers."""

import msgspec

from chalicelib.shared import objects
from chalicelib.shared.settings import settings
from chalicelib.statistics import texts as t
from chalicelib.statistics.model import Statistics

LINK_S = 300
_JSON = "application/json"


def write(statistics: Statistics, workbook: bytes, workbook_type: str) -> None:
    """Store statistics and their workbook. They replace those that were computed before. Raises `Unavailable`."""
    bucket, exam_id = settings().papers_bucket, statistics.exam_id
    objects.write(bucket, _key(exam_id, "xlsx"), workbook, workbook_type)
    objects.write(bucket, _key(exam_id, "json"), msgspec.json.encode(statistics), _JSON)


def load(exam_id: str) -> Statistics | None:
    """The statistics that were computed last; None when there are none. Raises `Unavailable`."""
    bucket, key = settings().papers_bucket, _key(exam_id, "json")
    if not objects.exists(bucket, key):
        return None
    return msgspec.json.decode(objects.read_all(bucket, key), type=Statistics)


def links(exam_id: str, title: str) -> dict[str, str]:
    """Links that save both files, by their ending, valid for five minutes. Costs no AWS call."""
    bucket = settings().papers_bucket
    return {
        ending: objects.download_url(
            bucket,
            _key(exam_id, ending),
            name=t.FILE_NAME.format(title=title, ending=ending),
            lifetime_s=LINK_S,
        )
        for ending in ("xlsx", "json")
    }


def _key(exam_id: str, ending: str) -> str:
    return f"statistics/{exam_id}/statistics.{ending}"
