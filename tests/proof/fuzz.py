"""Requests generated from `docs/openapi.json` and sent to the running product, whose answers are checked.

    make fuzz                      2,000 requests to an embedded cloud of its own (EXAMPLES=, SEED=)
    make fuzz ADDRESS=http://…     to one that runs (its clock is moved forward, as by the demo)

A candidate is signed in and sits in an exam that has begun, so that requests get past the door. Half of the requests
are valid by the schema, half are not; most carry real ids in their paths and a real page token. Each answer must be
no 5xx, of the documented type and schema, and a refusal must be one of `docs/errors.md`, with its status.
"""

import argparse
import contextlib
import json
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import CheckContext, not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from examples import demo
from examples.demo_browser import Browser

ROOT = Path(__file__).resolve().parents[2]
# Operations that end the exam or the session come last. The rest keeps the order of the code.
LATE = ("POST /attempts/{attempt_id}/absences", "POST /attempts/{attempt_id}/submission")
AFTER_THE_EXAM = re.compile(r"/(result|complaint|certificate)$")
ALIKE = 2  # requests of an operation that takes nothing
LAST = ("DELETE /sessions/current",)
PATIENCE_S = 60
Operation = Any  # an object of schemathesis
Case = Any


class Unheard(Failure):
    """A refusal whose code or status is not in docs/errors.md."""

    __slots__ = ()


@dataclass
class Sitting:
    """A signed-in candidate in a running exam, with real ids and a page token for requests."""

    address: str
    session: requests.Session
    page_token: str
    known: dict[str, Any]  # names of parameters and fields → values that exist


@dataclass
class Outcome:
    """The result of a run."""

    statuses: Counter[str] = field(default_factory=Counter)
    """How many answers of each `operation status code`."""
    failures: list[str] = field(default_factory=list)

    @property
    def examples(self) -> int:
        """The number of requests that were sent and checked."""
        return self.statuses.total()


def sit(address: str, seed_of_person: int) -> Sitting:
    """Take a new candidate to the first question. Raises `DemoFailed`."""
    day = demo.Day(Browser(address), seed_of_person)
    day.publish()
    for _, step in day.entering():
        step()
    day.answer(range(1, 3))
    session = requests.Session()
    session.trust_env = False
    session.cookies.update(dict(day.browser.http.cookies))
    ticket = day.browser.call("POST", "/tickets", ticket_of(day))
    known: dict[str, Any] = {
        "attempt_id": day.path.removeprefix("/attempts/"),
        "exam_id": day.exam_id,
        "ticket_id": str(ticket["ticket_id"]),
        "name": "privacy",
        "provider": "demo",
        "phone": day.phone,
        "first": day.acked + 1,
        "last": day.acked + 1,
        "absence_seq": day.absences + 1,
    }
    token = day.browser.http.headers["Page-Token"]
    return Sitting(address, session, token, known)


def ticket_of(day: demo.Day) -> dict[str, Any]:
    """Open a ticket and return its id."""
    about = {"exam_id": day.exam_id, "trouble": "camera", "text": "摄像头打不开"}
    return {"request_id": next(day.ids), **about}


def known_errors() -> dict[str, set[int]]:
    """Return the statuses of each error code, from the tables of docs/errors.md."""
    text = (ROOT / "docs" / "errors.md").read_text("utf-8")
    found: dict[str, set[int]] = {}
    for code, status in re.findall(r"^\| `(\w+)` \| (\d{3}) \|", text, re.MULTILINE):
        found.setdefault(code, set()).add(int(status))
    return found


def refusal_is_documented(ctx: CheckContext, response: Any, case: Case) -> bool | None:
    """Check (for schemathesis) that code and status of a refusal are in docs/errors.md."""
    if response.status_code < 400:
        return None
    code = json.loads(response.content)["error"]["code"]
    if response.status_code not in ERRORS.get(code, ()):
        title = f"{code} with {response.status_code} is not in docs/errors.md"
        raise Unheard(operation=case.operation.label, title=title, message=title)
    return None


def valid_is_not_called_invalid(ctx: CheckContext, response: Any, case: Case) -> bool | None:
    """Check (for schemathesis) that a request that is valid by the schema is not refused as `invalid_request`."""
    positive = case.meta.generation.mode is schemathesis.GenerationMode.POSITIVE
    if positive and response.status_code == 400:
        refusal = json.loads(response.content)["error"]
        if refusal["code"] in ("invalid_request", "malformed_json"):
            title = f"valid by the schema, refused: {refusal['details']}"
            raise Unheard(operation=case.operation.label, title=title, message=title)
    return None


ERRORS = known_errors()
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    refusal_is_documented,
    valid_is_not_called_invalid,
]


def operations() -> list[Operation]:
    """Return all operations of docs/openapi.json, each after those that it depends on."""
    described = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
    for operation in (one for path in described["paths"].values() for one in path.values()):
        operation.pop(
            "security", None
        )  # the session cookie is set for all requests, so none is generated
    schema = schemathesis.openapi.from_dict(described)
    found = [result.ok() for result in schema.get_all_operations()]
    return sorted(found, key=lambda operation: place(operation.label))


def place(label: str) -> int:
    """Return the rank of an operation: 0 first, 4 last."""
    if label in LAST:
        return 4
    if AFTER_THE_EXAM.search(label):
        return 3
    return LATE.index(label) + 1 if label in LATE else 0


def takes_input(operation: Operation) -> bool:
    """Return whether an operation has parameters or a body."""
    return bool(operation.body or operation.path_parameters or operation.query or operation.headers)


def cases(operation: Operation) -> st.SearchStrategy[Case]:
    """Return a strategy of valid requests, and of invalid ones where the schema allows them."""
    valid = operation.as_strategy(schemathesis.GenerationMode.POSITIVE)
    if not takes_input(operation):
        return valid
    return st.one_of(valid, operation.as_strategy(schemathesis.GenerationMode.NEGATIVE))


def aim(case: Case, sitting: Sitting) -> None:
    """Replace generated ids by existing ones. Values that are wrong on purpose stay."""
    if is_valid(case, ParameterLocation.PATH):
        case.path_parameters = real(case.path_parameters, sitting)
    if is_valid(case, ParameterLocation.BODY):
        case.body = real(case.body, sitting)
    if is_valid(case, ParameterLocation.HEADER) and "Page-Token" in (case.headers or {}):
        case.headers["Page-Token"] = sitting.page_token


def is_valid(case: Case, location: ParameterLocation) -> bool:
    """Return whether this part of the request is valid by the schema."""
    part = case.meta.components.get(location)
    return part is None or not part.mode.is_negative


def real(parameters: Any, sitting: Sitting) -> Any:
    """Return the parameters with existing values where there are any."""
    if isinstance(parameters, list):
        return [real(part, sitting) for part in parameters]
    if not isinstance(parameters, dict):
        return parameters
    known = sitting.known
    return {n: known[n] if n in known else real(v, sitting) for n, v in parameters.items()}


def as_a_browser_writes(value: Any) -> Any:
    """Return the value with 3.0 as 3: JSON Schema accepts 3.0 as an integer, but no browser sends it."""
    if isinstance(value, dict):
        return {key: as_a_browser_writes(part) for key, part in value.items()}
    if isinstance(value, list):
        return [as_a_browser_writes(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def try_operation(
    operation: Operation, sitting: Sitting, outcome: Outcome, *, examples: int, start: int
) -> int:
    """Send up to `examples` requests and stop at the first wrong answer. Returns how many were sent."""
    before = outcome.examples

    @seed(start)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases(operation), aimed=st.sampled_from([True, True, True, False]))
    def send(case: Case, aimed: bool) -> None:
        if aimed:
            aim(case, sitting)
        if is_valid(case, ParameterLocation.BODY):
            case.body = as_a_browser_writes(case.body)
        answer = case.call(
            base_url=f"{sitting.address}/api",
            session=sitting.session,
            cookies=dict(sitting.session.cookies),
            timeout=PATIENCE_S,
        )
        outcome.statuses[" ".join((operation.label, *told(answer)))] += 1
        case.validate_response(answer, checks=CHECKS)

    try:
        send()
    except FailureGroup as failed:
        outcome.failures.append(f"{operation.label}\n{failed}")
    return outcome.examples - before


def told(answer: Any) -> list[str]:
    """Return the status, and the code of a refusal if there is one."""
    found = re.search(rb'"code": ?"(\w+)"', answer.content) if answer.status_code >= 400 else None
    return [str(answer.status_code), *([found[1].decode()] if found else [])]


def fuzz(sitting: Sitting, *, examples: int, start: int) -> Outcome:
    """Send so many requests to all operations. Operations without input get few."""
    outcome = Outcome()
    listed = operations()
    for position, operation in enumerate(listed):
        rest = listed[position:]
        alike = sum(not takes_input(one) for one in rest)
        left = examples - outcome.examples - ALIKE * alike
        share = left // (len(rest) - alike) if takes_input(operation) else ALIKE
        try_operation(operation, sitting, outcome, examples=max(share, 1), start=start)
    return outcome


def main() -> int:
    """Return 0 when every answer was right; else print each wrong one with a command that repeats it, and return 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof.fuzz")
    parser.add_argument("--examples", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--address", help="a running embedded cloud; without it one is started")
    asked = parser.parse_args()
    cloud = contextlib.nullcontext(asked.address) if asked.address else demo.launched()
    with cloud as address:
        outcome = fuzz(
            sit(address.rstrip("/"), asked.seed), examples=asked.examples, start=asked.seed
        )
    for line, count in sorted(outcome.statuses.items()):
        print(f"{count:6}  {line}")
    print(f"{outcome.examples:6}  requests, {len(outcome.failures)} operations answered wrongly")
    for failure in outcome.failures:
        print(f"\n{failure}", file=sys.stderr)
    return 1 if outcome.failures else 0


if __name__ == "__main__":
    sys.exit(main())
