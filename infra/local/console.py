"""`/_local/console`: the operators' dashboard as the AWS console shows it, with the same functions behind it.

The list of widgets is the one that is deployed (infra/dashboard.yaml); the page plays CloudWatch's part. What it
knows of that is said in the page itself.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra.local.charts import Charts
from infra.local.emulator import REGION
from infra.local.front import Refusal, Reply, json_reply
from infra.local.functions import Functions
from infra.local.worker import ACCOUNT

Json = dict[str, Any]
PAGE = Path(__file__).with_name("console.html")
_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"
# Scripts and files of a widget are neither run nor loaded, even if the page does not remove them.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def _script(file: Path) -> Reply:
    return Reply(200, file.read_bytes(), [("Content-Type", "text/javascript; charset=utf-8")])


@dataclass(frozen=True)
class Console:
    """The dashboard page, its list of widgets, and the calls of their functions."""

    functions: Functions
    dashboard: Path
    charts: Charts

    def page(self) -> Reply:
        """Return the page."""
        kind = [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", _POLICY)]
        return Reply(200, PAGE.read_bytes(), kind)

    def script(self) -> Reply:
        """Return the script of the page."""
        return _script(PAGE.with_suffix(".js"))

    def charts_script(self) -> Reply:
        """Return the script that draws alarms and charts."""
        return _script(PAGE.with_name("charts.js"))

    def widgets(self) -> Reply:
        """Return the dashboard as JSON, with the names of the local functions filled in."""
        functions = self.functions.catalogue.functions.values()
        arns = {f"{entry.logical_id}.Arn": _ARN + entry.name for entry in functions}
        text = self.dashboard.read_text("utf-8")
        filled = re.sub(r"\$\{([\w.]+)\}", lambda found: arns.get(found[1], found[0]), text)
        return json_reply(yaml.safe_load(filled))

    def figures(self) -> Reply:
        """Return the alarms and the lines of the charts now: an entry for each widget, null for one of a function."""
        widgets = yaml.safe_load(self.dashboard.read_text("utf-8"))["widgets"]
        return json_reply({"figures": [self.charts.figures(widget) for widget in widgets]})

    def call(self, content: Any) -> Reply:
        """Call the function of a widget or of one of its buttons, and return its answer."""
        if not isinstance(content, dict) or not isinstance(content.get("endpoint"), str):
            raise Refusal(400, "invalid_request", "请求内容不正确。", field="endpoint")
        name = content["endpoint"].removeprefix(_ARN)
        if not name.startswith("widgets_") or self.functions.find(name) is None:
            raise Refusal(404, "not_found", "没有这个函数。")
        outcome = self.functions.invoke(name, content.get("event"))
        answer: Json = {"ok": outcome.ok, "aws_calls": outcome.aws_calls}
        return json_reply(
            answer | ({"error": outcome.error} if outcome.error else {"result": outcome.result})
        )
