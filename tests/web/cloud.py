"""The server side of these tests: exams, candidates, and the stored state to compare with."""

import contextlib
import functools
import itertools
import random
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import yaml
from boto3.dynamodb.types import TypeDeserializer

from chalicelib.accounts.model import SESSION_MS, stage_windows
from chalicelib.attempts.items import from_item
from chalicelib.shared.table import item_from_wire
from examples import demo
from examples.demo_browser import Browser
from examples.demo_candidate import PACK
from infra.local.aws import Aws
from infra.local.operators import STEP_MS
from infra.local.packs import zipped
from infra.local.resources import STACK
from tests.emulator.launching import PROJECT, Launched
from tests.emulator.operators import Relay

MINUTE_MS = 60_000
# The next snapshot is never far away.
MANY_SNAPSHOTS: dict[str, Any] = {"snapshots_min": 45, "snapshots_max": 45}


class Candidate(demo.Day):
    """Somebody with an account and an accepted ID photo, who has not opened the page yet."""

    def __init__(self, address: str, number: int) -> None:
        super().__init__(Browser(address), seed=number)
        self.address = address
        # A visitor's address of one's own, or the budget for text messages would be shared.
        own = f"203.0.{number // 250}.{number % 250 + 1}"
        self.browser.http.headers["X-Local-Source-Ip"] = own

    def again(self, number: int) -> "Candidate":
        """The same person in a browser of its own, with the same session and no attempt yet."""
        same = Candidate(self.address, number)
        same.phone = self.phone
        same.browser.http.cookies.update(self.browser.http.cookies)
        return same

    @property
    def attempt_id(self) -> str:
        """The attempt that was opened."""
        return self.path.removeprefix("/attempts/")

    @property
    def page(self) -> str:
        """The address of the exam day."""
        return self.path

    @property
    def session(self) -> str:
        """The cookie of the session."""
        return str(self.browser.http.cookies["session"])


class Cloud:
    """The running embedded cloud as tests see it."""

    def __init__(self, launched: Launched) -> None:
        self._launched = launched
        self.address = launched.address
        self.uploads = str(launched.local("health")["emulator"])
        self._aws = Aws(self.uploads)
        self._numbers = itertools.count(1)
        self._operators = Relay(launched)
        self.newest_phone = ""
        self._account: Candidate | None = None
        self._account_until = 0

    # --- time ---

    def now(self) -> int:
        """The server's time."""
        return int(self._launched.local("clock")["now"])

    def advance(self, ms: int) -> None:
        """Move the server's time forward. Of the minutes on the way the schedule runs the last one only:

        it makes up for minutes that were left out, and each one costs a tenth of a second.
        """
        self._launched.local("clock", {"advance_ms": ms, "most_minutes": 0})

    def advance_to(self, moment: int) -> None:
        """Move the server's time forward to a moment, if it has not come yet."""
        self.advance(max(0, moment - self.now()))

    def code_of(self, operator: str) -> str:
        """A code that this demo operator has not used: the next one."""
        self.advance(STEP_MS)
        shown = self._launched.local("operators")["operators"]
        return str(next(row["code"] for row in shown if row["name"] == operator))

    def extend(self, attempt_id: str, minutes: int) -> None:
        """An operator gives one candidate more time."""
        version = int(self.attempt(attempt_id)["version"])
        self._order("extend_time", version, attempt_id=attempt_id, extra_min=minutes)

    def revoke(self, number: str) -> None:
        """An operator revokes a certificate."""
        read = self._launched.local("functions/read_certificate", {"number": number})
        version = int(read["result"]["version"])
        self._order("revoke_certificate", version, number=number, reason="冒用他人身份")

    def _order(self, function: str, version: int, **what: Any) -> None:
        command = {
            "command_id": f"web-{next(self._numbers):08}",
            "version_seen": version,
            "reason": "测试",
            **what,
        }
        answer = self._launched.local(f"functions/{function}", self._operators.sign(command))
        assert answer["result"]["ok"], answer

    def switch_fault(self, name: str, *, on: bool) -> None:
        """Let something fail on purpose, or work again."""
        self._launched.local("faults", {"name": name, "on": on})

    # --- exams and people ---

    def publish(
        self,
        starts_in_min: int | None = 20,
        pack: str | Path = PACK,
        series: dict[str, Any] | None = None,
        **policy: Any,
    ) -> str:
        """Publish an example exam, or the pack of a folder, under an id of its own, with a policy of its own.

        `starts_in_min`: None for a practice exam. `series`: which sitting of which series it is.
        """
        number = next(self._numbers)
        key = f"packs/web-{number}.zip"
        with TemporaryDirectory() as folder:
            bytes_ = _pack(PROJECT / "examples" / pack, Path(folder), policy, series)
        self._client("s3").put_object(Bucket=self._resource("DropboxBucket"), Key=key, Body=bytes_)
        event: dict[str, Any] = {
            "pack_bucket": self._resource("DropboxBucket"),
            "pack_key": key,
            "exam_id": f"web-{number}",
        }
        if starts_in_min is not None:
            minute = self.now() // MINUTE_MS * MINUTE_MS
            event["starts_at"] = minute + starts_in_min * MINUTE_MS
        answer = self._launched.local("functions/publish_exam", event)
        assert answer["result"]["ok"], answer
        return str(event["exam_id"])

    def candidate(self, *, photo: str | None = "id_a.jpg", identity: bool = True) -> Candidate:
        """Somebody who has registered; unless told otherwise with a complete identity."""
        somebody = Candidate(self.address, next(self._numbers))
        somebody.register()
        if identity:
            somebody.fill_in_identity()
        if photo:
            somebody.browser.upload(somebody.browser.call("POST", "/me/id-photo"), photo)
            self.until(lambda: somebody.browser.call("GET", "/me")["id_photo"]["state"], "accepted")
        return somebody

    def sitter(self, exam_id: str, *, own_account: bool = False) -> Candidate:
        """A candidate with an open attempt.

        Its account is shared with other tests unless it has to be its own: one that has other attempts, messages
        and certificates serves most, and registering takes a second.
        """
        somebody = self.candidate() if own_account else self._shared().again(next(self._numbers))
        somebody.exam_id = exam_id
        somebody.open_attempt()
        return somebody

    def _shared(self) -> Candidate:
        """The account that tests share, as long as its session lasts."""
        if self._account is None or self.now() >= self._account_until:
            self._account = self.candidate()
            self._account_until = self.now() + SESSION_MS // 2
        return self._account

    def sat(self, picture: str = "", frames: int = 0) -> Candidate:
        """Somebody who has answered everything rightly, with so many snapshots of this picture, all judged."""
        sitter = self.sitter(self.publish(starts_in_min=2, **MANY_SNAPSHOTS), own_account=True)
        sitter.check_in()
        sitter.verify("frame_a.jpg", "passed")
        sitter.enter_waiting_room()
        sitter.start_at_the_bell()
        for _ in range(frames):
            sitter.snapshot(picture)
        sitter.answer(range(1, 21))
        sitter.submit()
        self.advance(6 * MINUTE_MS)  # the grace of frames that could still come
        self.until(lambda: self.attempt(sitter.attempt_id).get("due_bucket"), None)
        return sitter

    def phone(self) -> str:
        """A number that nobody has registered yet."""
        self.newest_phone = f"139{random.Random(next(self._numbers)).randrange(10**8):08}"
        return self.newest_phone

    def code(self, phone: str) -> str:
        """The newest code that a telephone shows."""
        newest = self._launched.local(f"sms?phone={phone}")["messages"][0]["message"]
        return str(re.findall(r"\d{6}", newest)[0])

    def captcha(self, captcha_id: str) -> str:
        """What a picture shows."""
        return str(self._launched.local(f"captchas/{captcha_id}")["answer"])

    def messages(self, phone: str) -> int:
        """How many text messages a telephone has got."""
        return len(self._launched.local(f"sms?phone={phone}")["messages"])

    @contextlib.contextmanager
    def no_codes(self) -> Iterator[None]:
        """As if the whole stage had sent all the codes of this hour, and of the next."""
        window, _ = stage_windows(10_000, 30_000)
        key = {"pk": {"S": "budget#stage#codes"}}
        moments = (self.now(), self.now() + window.length_ms)
        sent = {window.counter(moment): {"N": str(window.limit)} for moment in moments}
        table = {"TableName": self._resource("PassingTable")}
        self._client("dynamodb").put_item(**table, Item={**key, **sent})
        try:
            yield
        finally:
            self._client("dynamodb").delete_item(**table, Key=key)

    # --- the truth ---

    def attempt(self, attempt_id: str) -> dict[str, Any]:
        """All fields of an attempt as they are stored now, but those without a value."""
        item = item_from_wire(self._wire(attempt_id, "ATTEMPT"))
        resting = item_from_wire(self._wire(attempt_id, "ATTEMPT#RESTING"))
        fields = msgspec.json.decode(msgspec.json.encode(from_item(item, resting)))
        return {name: value for name, value in fields.items() if value is not None}

    def snapshots(self, attempt_id: str) -> list[dict[str, Any]]:
        """The verdicts of an attempt's snapshots, as they are stored."""
        found = self._client("dynamodb").query(
            TableName=self._resource("AttemptsTable"),
            KeyConditionExpression="attempt_id = :id AND begins_with(sk, :snapshot)",
            ExpressionAttributeValues={":id": {"S": attempt_id}, ":snapshot": {"S": "SNAPSHOT#"}},
        )
        return [_plain(item) for item in found["Items"]]

    def until(self, ask: Any, wanted: Any, within_s: float = 75) -> Any:
        """Ask until the answer is (or, given a function, satisfies) what is wanted.

        By default for two heartbeats: what did not get through at once comes with the next one.
        """
        patience = time.monotonic() + within_s
        while True:
            answer = ask()
            if wanted(answer) if callable(wanted) else answer == wanted:
                return answer
            assert time.monotonic() < patience, f"still {answer!r}"
            time.sleep(0.1)

    def _wire(self, attempt_id: str, sk: str) -> dict[str, Any]:
        row = self._client("dynamodb").get_item(
            TableName=self._resource("AttemptsTable"),
            Key={"attempt_id": {"S": attempt_id}, "sk": {"S": sk}},
            ConsistentRead=True,
        )
        return dict(row.get("Item", {}))

    def _client(self, service: str) -> Any:
        return self._aws.client(service)

    @functools.cache  # noqa: B019 - one Cloud lives as long as the session
    def _resource(self, name: str) -> str:
        found = self._client("cloudformation").describe_stack_resources(
            StackName=STACK, LogicalResourceId=name
        )
        return str(found["StackResources"][0]["PhysicalResourceId"])


def _pack(
    example: Path, folder: Path, policy: dict[str, Any], series: dict[str, Any] | None
) -> bytes:
    """An example pack, zipped, with these policy fields instead of its own, and as a sitting of a series."""
    header = yaml.safe_load((example / "exam.yaml").read_text("utf-8"))
    header["policy"] = header.get("policy", {}) | policy
    header |= {"series": series} if series else {}
    (folder / "exam.yaml").write_text(yaml.safe_dump(header, allow_unicode=True), "utf-8")
    for part in example.iterdir():
        if part.is_dir():
            shutil.copytree(part, folder / part.name)
        elif part.name != "exam.yaml":
            shutil.copy(part, folder)
    return zipped(folder)


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    reader = TypeDeserializer()
    return {name: reader.deserialize(value) for name, value in item.items()}
