"""Publishes exam packs of `examples/`: zips them, uploads them to the dropbox and calls the publishing function."""

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chalicelib.shared import archives
from infra.folders import read_folder
from infra.local.aws import Aws
from infra.local.functions import Functions

Json = dict[str, Any]

PUBLISHER = "publish_exam"
SEED_STARTS_IN_MS = (
    20 * 60_000
)  # the waiting room opens 45 minutes before the start, so it is open at once
MOST_NAMESAKES = 1000
PRACTICE, SHORT = "practice", "short"
# The practice questions as an exam that counts: who tries the product by hand reaches a certificate in minutes.
SHORT_EXAM = {
    "exam_id": "local-short",
    "title": "短考试：5 道常识题，10 分钟（本机试用）",
    "policy": {"duration_min": 10},
    "notice": "本机试用的短考试：5 道常识题，答对 3 题合格，有成绩和证书。其他规则与正式考试相同。\n",
}


class PackNotFound(Exception):
    """There is no folder of this name under examples/."""


@dataclass(frozen=True)
class Packs:
    """The example packs and the way to publish one."""

    folder: Path
    aws: Aws
    functions: Functions
    dropbox: str
    exams_table: str

    def names(self) -> list[str]:
        """Return the names of the packs."""
        return sorted(file.parent.name for file in self.folder.glob("*/exam.yaml"))

    def publish(self, name: str, starts_at: int | None, exam_id: str | None = None) -> Json:
        """Publish a pack, or the exam `short`; without an `exam_id` it gets the first free one after its own.

        A practice exam keeps its own id and has no start: publishing it again changes nothing.
        """
        files, header = self._read(name)
        key = f"packs/{name}-{time.time_ns()}.zip"
        self.aws.client("s3").put_object(Bucket=self.dropbox, Key=key, Body=archives.pack(files))
        event: Json = {"pack_bucket": self.dropbox, "pack_key": key}
        policy = header.get("policy")
        practice = isinstance(policy, dict) and policy.get("kind") == "practice"
        own_id = str(header.get("exam_id", name))
        event["exam_id"] = exam_id or (own_id if practice else self._free_id(own_id))
        if starts_at is not None and not practice:
            event["starts_at"] = starts_at
        outcome = self.functions.call(PUBLISHER, event)
        if outcome.error:
            return {"ok": False, "exam_id": event["exam_id"], "errors": [outcome.error]}
        answer: Json = outcome.result
        return answer

    def _read(self, name: str) -> tuple[dict[str, bytes], Json]:
        """Return the files of a pack and what its `exam.yaml` says. Raises `PackNotFound`."""
        folder = PRACTICE if name == SHORT else name
        if folder not in self.names():
            raise PackNotFound(name)
        files = read_folder(self.folder / folder)
        content = yaml.safe_load(files["exam.yaml"])
        header: Json = content if isinstance(content, dict) else {}
        if name == SHORT:
            header |= SHORT_EXAM
            files["exam.yaml"] = yaml.safe_dump(header, allow_unicode=True).encode()
        return files, header

    def _free_id(self, base: str) -> str:
        numbered = (f"{base}-{number}" for number in range(2, MOST_NAMESAKES))
        return next(wanted for wanted in [base, *numbered] if not self._taken(wanted))

    def _taken(self, exam_id: str) -> bool:
        found = self.aws.client("dynamodb").query(
            TableName=self.exams_table,
            KeyConditionExpression="exam_id = :id",
            ExpressionAttributeValues={":id": {"S": exam_id}},
            Limit=1,
        )
        return bool(found["Items"])


def zipped(folder: Path) -> bytes:
    """Return a folder as a zip. The same files always give the same bytes."""
    return archives.pack(read_folder(folder))


def is_pack_name(name: Any) -> bool:
    """Return whether a name can be a folder under examples/, which a path cannot."""
    return isinstance(name, str) and re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,60}", name) is not None
