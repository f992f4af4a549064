"""The widget of exams on the embedded cloud, worked by commands of this machine as an operator presses its buttons."""

import html
import json
import re
from typing import Any

from chalicelib.desk.widget import NEIGHBOURS
from infra.imports import call


def press(address: str, do: str, exam_id: str, **fields: Any) -> str:
    """Press a button of the widget; returns its HTML. Raises `NotImported` when no cloud answers."""
    endpoints = {name: f"arn:{name}" for name in NEIGHBOURS}
    event = {"do": do, "exam_id": exam_id, **fields, "endpoints": endpoints}
    answer = call(f"{address}/_local/functions/widgets_command_exam", json.dumps(event).encode())
    return str(answer["result"])


def told(shown: str) -> str:
    """What the widget tells about the last button; "" when it tells nothing."""
    found = re.search(r'<p class="told (?:good|bad)"[^>]*>(.*?)</p>', shown)
    return html.unescape(found[1]) if found else ""
