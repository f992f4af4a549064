"""What Kaochang needs beside its functions, as one template: the files of `infra/` put together for a stage.

Chalice lays the result over the template that it generates; `complete` adds what can be said only
when all functions are known.
"""

import json
from pathlib import Path
from typing import Any

import yaml

FILES = (
    "resources.yaml",
    "evidence.yaml",
    "site.yaml",
    "alarms.yaml",
    "own_alarms.yaml",
    "operations.yaml",
    "presence.yaml",
)
UPLOAD_ORIGINS = (
    "https://${PrivateBucket.RegionalDomainName} https://${EvidenceBucket.RegionalDomainName}"
)
FUNCTION, API = "AWS::Serverless::Function", "app.app"
READING = ("Get", "BatchGet", "Query", "Scan", "List", "Describe", "Verify")
LOGGING = {"logs:CreateLogStream", "logs:PutLogEvents"}
HSTS = "Strict-Transport-Security"
Json = dict[str, Any]


class TemplateError(Exception):
    """Our own files contradict each other, or a header cannot be said as CloudFront wants it."""


def compose(stage: str, folder: Path) -> Json:
    """The merge template of a stage, from the files of `infra/`. Raises `TemplateError`."""
    whole: Json = {}
    for name in FILES:
        _add(whole, yaml.safe_load((folder / name).read_text("utf-8")), name)
    whole["Parameters"]["Stage"]["Default"] = stage
    resources = whole["Resources"]
    told = json.loads((folder / "site_headers.json").read_text("utf-8"))["headers"]
    _add(resources["SiteHeaders"]["Properties"], headers_policy(told), "site_headers.json")
    code = (folder / "site_paths.js").read_text("utf-8")
    resources["SitePaths"]["Properties"]["FunctionCode"] = code
    dashboard = yaml.safe_load((folder / "dashboard.yaml").read_text("utf-8"))
    body = json.dumps(dashboard, ensure_ascii=False)
    resources["HomeDashboard"]["Properties"]["DashboardBody"] = {"Fn::Sub": body}
    return whole


def complete(template: Json) -> Json:
    """The packaged template with what depends on which functions there are.

    Each function's role may write traces; watchers may call the functions that change nothing, operators all
    that people call. Events and the API have no business of people.
    """
    resources = template["Resources"]
    looking, acting = [], []
    for name, entry in resources.items():
        if entry.get("Type") != FUNCTION:
            continue
        role = resources[entry["Properties"]["Role"]["Fn::GetAtt"][0]]["Properties"]
        role["ManagedPolicyArns"] = [{"Ref": "TracePolicy"}]
        if "Events" not in entry["Properties"] and entry["Properties"]["Handler"] != API:
            acting.append({"Fn::GetAtt": [name, "Arn"]})
            if not _changes_something(role):
                looking.append(acting[-1])
    for policy, sid, functions in (
        ("LookPolicy", "ReadWithFunctions", looking),
        ("ActPolicy", "CommandWithFunctions", acting),
    ):
        statements = resources[policy]["Properties"]["PolicyDocument"]["Statement"]
        [statement] = [entry for entry in statements if entry["Sid"] == sid]
        statement["Resource"] = functions
    return template


def _changes_something(role: Json) -> bool:
    """Whether a function may do more than read, and write its log."""
    documents = [policy["PolicyDocument"] for policy in role["Policies"]]
    actions = {a for d in documents for s in d["Statement"] for a in s["Action"]}
    return any(not action.partition(":")[2].startswith(READING) for action in actions - LOGGING)


def headers_policy(headers: dict[str, str]) -> Json:
    """The security headers as the properties of a CloudFront response headers policy."""
    security: Json = {}
    custom = []
    for name, value in headers.items():
        if name == "Content-Security-Policy":
            text = value.replace("${UploadOrigin}", UPLOAD_ORIGINS)
            security["ContentSecurityPolicy"] = {
                "ContentSecurityPolicy": {"Fn::Sub": text},
                "Override": True,
            }
        elif name == HSTS:
            security["StrictTransportSecurity"] = _transport(value)
        elif name == "X-Content-Type-Options":
            security["ContentTypeOptions"] = {"Override": True}  # nosniff, the only value
        elif name == "Referrer-Policy":
            security["ReferrerPolicy"] = {"ReferrerPolicy": value, "Override": True}
        else:
            custom.append({"Header": name, "Value": value, "Override": True})
    config = {
        "SecurityHeadersConfig": security,
        "CustomHeadersConfig": {"Items": custom},
    }
    return {"ResponseHeadersPolicyConfig": config}


def _transport(value: str) -> Json:
    age, *more = [part.strip() for part in value.split(";")]
    if not age.startswith("max-age=") or more not in ([], ["includeSubDomains"]):
        raise TemplateError(f"{HSTS}: {value} is not understood")
    return {
        "AccessControlMaxAgeSec": int(age.removeprefix("max-age=")),
        "IncludeSubdomains": bool(more),
        "Override": True,
    }


def _add(whole: Json, part: Json, source: str, place: str = "") -> None:
    """Merge deeply. Two files never say the same thing: the later one would win without a word."""
    for key, value in part.items():
        where = f"{place}/{key}"
        if key not in whole:
            whole[key] = value
        elif isinstance(whole[key], dict) and isinstance(value, dict):
            _add(whole[key], value, source, where)
        else:
            raise TemplateError(f"{source} says {where}, which another file has said already")
