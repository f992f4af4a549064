"""Orders of score lists in DynamoDB; their parts and files in S3.

Exams table: (`exam_id`, `SCORES#<command id>`) one order, for ever. Private bucket, below
`score-lists/<exam>/<command id>/`, for a day: `plan/<part>.json` whom a part lists, `rows/<part>.json` their rows,
and the two files.
"""

import contextlib
from collections.abc import Iterator
from typing import IO, Any

import msgspec

from chalicelib.score_lists.model import Listed, ScoreList
from chalicelib.score_lists.rows import Row, Tally
from chalicelib.shared import objects, table
from chalicelib.shared.settings import settings
from chalicelib.shared.table import ConditionFailed, If, Item

FOLDER = "score-lists"
LINK_S = 300
_ORDER = "SCORES#"
_JSON = "application/json"


class Part(msgspec.Struct, frozen=True):
    """The rows of one part and their numbers."""

    rows: list[Row]
    tally: Tally


def put_order(order: ScoreList) -> ScoreList:
    """Write a new order unless there is one with its command id. Returns the one that is stored now."""
    fields = {
        name: value for name, value in msgspec.to_builtins(order).items() if value is not None
    }
    sets = {name: value for name, value in fields.items() if name != "exam_id"}
    try:
        stored = table.update_once(
            settings().exams_table, _key(order), If().absent("command_id"), sets=sets
        )
    except ConditionFailed as failed:
        assert failed.old is not None
        stored = failed.old
    return msgspec.convert(stored, ScoreList)


def load_order(exam_id: str, command_id: str) -> ScoreList | None:
    """Return one order; None when there is none."""
    key = {"exam_id": exam_id, "sk": f"{_ORDER}{command_id}"}
    item = table.get(settings().exams_table, key)
    return msgspec.convert(item, ScoreList) if item else None


def list_orders(exam_id: str) -> list[ScoreList]:
    """Return all orders of an exam, the newest first."""
    rows = table.query(
        settings().exams_table, hash_key=("exam_id", exam_id), sort_prefix=("sk", _ORDER), most=None
    )
    orders = (msgspec.convert(row, ScoreList) for row in rows)
    return sorted(orders, key=lambda order: order.ordered_at, reverse=True)


def note(order: ScoreList, **what: Any) -> ScoreList:
    """Note how many people are planned, or that the files are written. Noting it again changes nothing."""
    with contextlib.suppress(ConditionFailed):
        absent = If().exists("command_id")
        table.update(settings().exams_table, _key(order), absent, sets=what)
    return msgspec.structs.replace(order, **what)


def _key(order: ScoreList) -> Item:
    return {"exam_id": order.exam_id, "sk": f"{_ORDER}{order.command_id}"}


# --- parts and files ------------------------------------------------------------------------------------


def write_plan(order: ScoreList, number: int, people: list[Listed]) -> None:
    """Store whom a part lists. `number`: from 1."""
    _write(_place(order, "plan", number), msgspec.json.encode(people))


def load_plan(order: ScoreList, number: int) -> list[Listed]:
    """Return whom a part lists. Raises `Unavailable`."""
    return msgspec.json.decode(_read(_place(order, "plan", number)), type=list[Listed])


def write_part(order: ScoreList, number: int, part: Part) -> None:
    """Store the rows of a part."""
    _write(_place(order, "rows", number), msgspec.json.encode(part))


def load_part(order: ScoreList, number: int) -> Part:
    """Return the rows of a part. Raises `Unavailable`."""
    return msgspec.json.decode(_read(_place(order, "rows", number)), type=Part)


def each_part(order: ScoreList) -> Iterator[Part]:
    """Yield all parts in order, one in memory at a time. Raises `Unavailable`."""
    for number in range(1, order.parts + 1):
        yield load_part(order, number)


def find_next_part(order: ScoreList) -> int:
    """Return the number of the first part whose rows are not written; one more than the last when all are there."""
    folder = f"{_folder(order)}rows/"
    listed = objects.list_objects(settings().private_bucket, folder, most=1000)
    numbers = {int(entry.key.removeprefix(folder).removesuffix(".json")) for entry in listed}
    return next(n for n in range(1, order.parts + 2) if n not in numbers)


def write_file(order: ScoreList, ending: str, file: IO[bytes], content_type: str) -> None:
    """Store one of the two files. Raises `Unavailable`."""
    file.seek(0)
    objects.write(settings().private_bucket, f"{_folder(order)}list.{ending}", file, content_type)


def link(order: ScoreList, ending: str, name: str) -> str:
    """Return a link that downloads a file under this name for five minutes. Costs no AWS call."""
    bucket, key = settings().private_bucket, f"{_folder(order)}list.{ending}"
    return objects.download_url(bucket, key, name=name, lifetime_s=LINK_S)


def _folder(order: ScoreList) -> str:
    return f"{FOLDER}/{order.exam_id}/{order.command_id}/"


def _place(order: ScoreList, what: str, number: int) -> str:
    return f"{_folder(order)}{what}/{number:05}.json"


def _write(key: str, data: bytes) -> None:
    objects.write(settings().private_bucket, key, data, _JSON)


def _read(key: str) -> bytes:
    return objects.read_all(settings().private_bucket, key)
