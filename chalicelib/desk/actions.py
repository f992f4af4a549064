"""Elements of a CloudWatch widget that call a function."""

from typing import Any

from chalicelib.shared.html import Html, el, join, json_text


def call(
    trigger: Html,
    endpoint: str,
    parameters: dict[str, Any],
    *,
    confirmation: str = "",
    display: str = "widget",
) -> Html:
    """An element that calls a function when it is clicked; the answer replaces the widget or pops up.

    `endpoint` is the ARN of the function. The parameters are the JSON text of the element after the trigger.
    """
    action = el(
        "cwdb-action",
        json_text(parameters),
        action="call",
        display=display,
        endpoint=endpoint,
        confirmation=confirmation or None,
    )
    return join(trigger, action)
