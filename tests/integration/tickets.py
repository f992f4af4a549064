"""What tests do with tickets: ask, send papers, decide."""

from typing import Any

from tests.api import Answer, deliver, upload
from tests.faults import rows
from tests.integration.candidates import Candidate
from tests.integration.orders import attempt_id
from tests.operators import give

CONSOLE = "chalicelib.handlers.console"
PAGE, PORTRAIT = 0, 1


def ask(person: Candidate, number: int = 1, **more: Any) -> Answer:
    body = {"request_id": f"ticket-{number:04}", "trouble": "face_check", "text": "核验不通过"}
    if person.path:
        body["attempt_id"] = attempt_id(person)
    return person.api.post("/tickets", {**body, **more})


def seen(person: Candidate, ticket: Any) -> Any:
    return person.api.get(f"/tickets/{ticket['ticket_id']}").json


def send(person: Candidate, ticket: Any, which: int, data: bytes) -> Any:
    """Upload one of the two pictures; what the ticket then says of it."""
    deliver(upload(seen(person, ticket)["uploads"][which]["upload"], data))
    return seen(person, ticket)["uploads"][which]


def decide(ticket: Any, decision: str = "accepted", **more: Any) -> Any:
    event = {
        "ticket_id": ticket["ticket_id"],
        "command_id": "decide-0001",
        "operator": "ops@example",
        "reason": "已电话核对本人",
        "version_seen": rows("CASES_TABLE")[ticket["ticket_id"]]["version"],
        "decision": decision,
    }
    return give(f"{CONSOLE}.decide_ticket", {**event, **more})
