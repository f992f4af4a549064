"""`/_local/`: what a person or a script needs beside the product, and only ever has on this machine.

It reads text messages and captcha answers, so it answers nobody but loopback: a foreign `Host` (a
name that was rebound to 127.0.0.1) and a foreign `Origin` (a page of another site) are refused.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from infra.local.console import Console
from infra.local.dispatcher import Dispatcher
from infra.local.emulator import Emulator
from infra.local.front import Refusal, Reply, Request, json_reply
from infra.local.functions import Functions
from infra.local.home import HomePage, newest_messages, read_captcha
from infra.local.operators import DemoOperators
from infra.local.packs import PackNotFound, Packs, is_pack_name
from infra.local.partner import WEBHOOK, Partner
from infra.local.timekeeper import MINUTE_MS, MOST_MINUTES, Timekeeper

Json = dict[str, Any]

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
MOST_ADVANCE_MS = 366 * 24 * 60 * MINUTE_MS
MOST_STARTS_IN_MIN = 366 * 24 * 60


@dataclass(frozen=True)
class LocalApi:
    """The launcher's own routes, below `/_local/`."""

    home: HomePage
    emulator: Emulator
    functions: Functions
    dispatcher: Dispatcher
    timekeeper: Timekeeper
    packs: Packs
    console: Console
    operators: DemoOperators
    partner: Partner

    def answer(self, request: Request) -> Reply:
        """Answer a request below `/_local/`. Raises `Refusal`."""
        _check_neighbour(request)
        for method, pattern, handle in self._routes():
            match = re.fullmatch(pattern, request.path)
            if match and method == request.method:
                return handle(request, *(unquote(part) for part in match.groups()))
        known = any(re.fullmatch(pattern, request.path) for _, pattern, _ in self._routes())
        if known:
            raise Refusal(405, "method_not_allowed", "此地址不支持该请求方式。")
        raise Refusal(404, "not_found", "没有找到您要的内容。")

    def _routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        return [
            ("GET", "/_local/script", lambda _: self.home.script()),
            ("GET", "/_local/state", lambda _: self.home.state()),
            ("POST", "/_local/faults", lambda r: self.home.switch(_json(r))),
            ("GET", "/_local/answers/([a-z-]+)", lambda _, name: self.home.answers(name)),
            ("GET", "/_local/health", self._health),
            ("GET", "/_local/sms", self._sms),
            ("GET", "/_local/captchas/([^/]+)", self._captcha),
            ("GET", "/_local/clock", self._clock),
            ("POST", "/_local/clock", self._advance),
            ("POST", "/_local/exams", self._publish),
            ("POST", "/_local/functions/([^/]+)", self._invoke),
            ("GET", "/_local/console", lambda _: self.console.page()),
            ("GET", "/_local/console/script", lambda _: self.console.script()),
            ("GET", "/_local/console/widgets", lambda _: self.console.widgets()),
            ("GET", "/_local/console/figures", lambda _: self.console.figures()),
            ("GET", "/_local/console/charts", lambda _: self.console.charts_script()),
            ("POST", "/_local/console/calls", lambda r: self.console.call(_json(r))),
            ("GET", "/_local/operators", lambda _: self.operators.show()),
            ("GET", "/_local/partner", lambda _: self.partner.page()),
            ("GET", "/_local/partner/script", lambda _: self.partner.script()),
            ("GET", "/_local/partner/experts", lambda _: self.partner.experts()),
            ("POST", WEBHOOK, self.partner.take_call),
            ("GET", f"{WEBHOOK}s", lambda _: self.partner.list_calls()),
            ("GET", "/_local/partner/results", lambda _: self.partner.results()),
            (
                "GET",
                "/_local/partner/people/([^/]+)/results",
                lambda _, user: self.partner.person(user),
            ),
            (
                "GET",
                "/_local/partner/certificates/([A-Za-z0-9-]+)",
                lambda _, number: self.partner.certificate(number),
            ),
        ]

    def _health(self, _: Request) -> Reply:
        used = self.functions.aws_calls_seen
        functions = [
            vars(function) | {"aws_calls_seen": sorted(used[function.name])}
            for function in self.functions.catalogue.functions.values()
        ]
        return json_reply({"ok": True, "emulator": self.emulator.url, "functions": functions})

    def _sms(self, request: Request) -> Reply:
        phone = parse_qs(request.query).get("phone", [""])[0].replace(" ", "")
        digits = phone.removeprefix("+").removeprefix("86")
        if not re.fullmatch(r"[0-9]{5,15}", digits):
            raise _invalid("phone", "a number such as 13800138000")
        return json_reply({"messages": newest_messages(self.emulator, f"+86{digits}")})

    def _captcha(self, _: Request, captcha_id: str) -> Reply:
        captcha = read_captcha(self.home.aws, self.home.passing_table, captcha_id)
        if captcha is None:
            raise Refusal(404, "not_found", "没有这个验证码，或它已被使用。")
        return json_reply({"answer": captcha["answer"]})

    def _clock(self, _: Request) -> Reply:
        return json_reply(self._time())

    def _advance(self, request: Request) -> Reply:
        fields = _fields(request, {"advance_ms", "most_minutes"})
        by_ms = _whole_number(fields.get("advance_ms"), "advance_ms", MOST_ADVANCE_MS)
        most = _whole_number(fields.get("most_minutes", MOST_MINUTES), "most_minutes", MOST_MINUTES)
        jump = self.timekeeper.advance(by_ms, most)
        settled = self.dispatcher.drain()
        return json_reply(self._time() | vars(jump) | {"changes_delivered": settled})

    def _time(self) -> Json:
        return {"now": self.timekeeper.now_ms(), "offset_ms": self.timekeeper.offset_ms()}

    def _publish(self, request: Request) -> Reply:
        fields = _fields(request, {"pack", "exam_id", "starts_in_min"})
        name, exam_id, minutes = (fields.get(key) for key in ("pack", "exam_id", "starts_in_min"))
        if not is_pack_name(name):
            raise _invalid("pack", "the name of a folder under examples/")
        if exam_id is not None and not isinstance(exam_id, str):
            raise _invalid("exam_id", "text")
        try:
            answer = self.packs.publish(str(name), self._start(minutes), exam_id)
        except PackNotFound:
            raise _invalid("pack", "one of " + ", ".join(self.packs.names())) from None
        if not answer.get("ok"):
            errors = answer.get("errors")
            raise Refusal(400, "pack_refused", "考试包未通过检查，未发布。", errors=errors)
        return json_reply(answer, 201)

    def _start(self, minutes: Any) -> int | None:
        """Return the moment in so many minutes, or None without a number: then the pack's own start holds."""
        if minutes is None:
            return None
        number = isinstance(minutes, int | float) and not isinstance(minutes, bool)
        if not number or not abs(minutes) <= MOST_STARTS_IN_MIN:
            raise _invalid("starts_in_min", f"a number, at most {MOST_STARTS_IN_MIN}")
        return self.timekeeper.now_ms() + int(minutes * MINUTE_MS)

    def _invoke(self, request: Request, handler: str) -> Reply:
        if self.functions.find(handler) is None:
            raise Refusal(404, "not_found", "没有这个函数。")
        outcome = self.functions.call(handler, _json(request))
        if outcome.error:
            return json_reply({"ok": False, "error": outcome.error, "aws_calls": outcome.aws_calls})
        return json_reply({"ok": True, "result": outcome.result, "aws_calls": outcome.aws_calls})


def _check_neighbour(request: Request) -> None:
    host = request.headers.get("Host", "")
    if _split(f"//{host}").hostname not in LOOPBACK:
        raise Refusal(403, "foreign_host", "仅限本机访问。")
    origin = request.headers.get("Origin")
    if origin is not None and _split(origin).netloc != host:
        raise Refusal(403, "foreign_origin", "不接受来自其他网站的请求。")


def _split(address: str) -> SplitResult:
    """Return the parts of an address; a malformed one (`http://[`) has no parts."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def _json(request: Request) -> Any:
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        raise Refusal(400, "malformed_json", "请求内容不是有效的 JSON。") from None


def _fields(request: Request, known: set[str]) -> Json:
    content = _json(request)
    if not isinstance(content, dict) or set(content) - known:
        raise _invalid("body", "an object with at most " + ", ".join(sorted(known)))
    return content


def _whole_number(value: Any, name: str, most: int) -> int:
    """Return the value if it is a whole number from 0 to `most`. Raises `Refusal` (`invalid_request`)."""
    if type(value) is not int or not 0 <= value <= most:
        raise _invalid(name, f"a whole number from 0 to {most}")
    return value


def _invalid(name: str, expected: str) -> Refusal:
    return Refusal(400, "invalid_request", "请求内容不正确。", field=name, expected=expected)
