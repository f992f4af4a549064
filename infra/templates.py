"""The template of everything that Kaochang needs beside its functions: the files of `infra/` merged for a stage.

Chalice merges the result into the template that it generates; `complete` adds what depends on knowing
all functions.
"""

import json
from pathlib import Path
from typing import Any

import yaml

from infra import languages, routed

FILES = (
    "resources.yaml",
    "site.yaml",
    "alarms.yaml",
    "own_alarms.yaml",
    "operations.yaml",
    "presence.yaml",
    "evidence.yaml",
)
# The very addresses that the functions sign for (chalicelib/shared/clients.py), in each partition. Not
# `RegionalDomainName`: whether that names the region in us-east-1 is AWS's affair.
ORIGINS = {
    placeholder: " ".join(
        f"https://${{{bucket}}}.s3.${{AWS::Region}}.${{AWS::URLSuffix}}" for bucket in buckets
    )
    for placeholder, buckets in (
        ("${UploadOrigin}", ("PrivateBucket", "EvidenceBucket")),
        ("${PaperOrigin}", ("PapersBucket",)),
    )
}
EDGE_FUNCTIONS = {"SitePaths": "site_paths.js", "ViewerAddress": "viewer_address.js"}
FUNCTION, API = "AWS::Serverless::Function", "APIHandler"
ALIAS = "APIAlias"  # `Ref` of an alias is its ARN
READING = ("Get", "BatchGet", "Query", "Scan", "List", "Describe", "Verify")
LOGGING = {"logs:CreateLogStream", "logs:PutLogEvents"}
HSTS = "Strict-Transport-Security"
Json = dict[str, Any]


class TemplateError(Exception):
    """Our own files contradict each other, or CloudFront has no form for a header."""


def compose(stage: str, folder: Path) -> Json:
    """Return the merge template of a stage, from the files of `infra/`. Raises `TemplateError`."""
    whole: Json = {}
    for name in FILES:
        _add(whole, yaml.safe_load((folder / name).read_text("utf-8")), name)
    whole["Parameters"]["Stage"]["Default"] = stage
    resources = whole["Resources"]
    headers = json.loads((folder / "site_headers.json").read_text("utf-8"))["headers"]
    _add(resources["SiteHeaders"]["Properties"], headers_policy(headers), "site_headers.json")
    for name, file in EDGE_FUNCTIONS.items():
        resources[name]["Properties"]["FunctionCode"] = edge_code(folder, file)
    limits = yaml.safe_load((folder / "throttles.yaml").read_text("utf-8"))
    resources["RestAPI"]["Properties"]["MethodSettings"] += throttles(limits)
    dashboard = yaml.safe_load((folder / "dashboard.yaml").read_text("utf-8"))
    body = json.dumps(dashboard, ensure_ascii=False)
    resources["HomeDashboard"]["Properties"]["DashboardBody"] = {"Fn::Sub": body}
    demand_tls(resources)
    return whole


def edge_code(folder: Path, file: str) -> str:
    """Return the code of a function at CloudFront, with the languages of the page where it asks for them."""
    others = json.dumps(languages.addresses(folder.parent)[1:])
    return (folder / file).read_text("utf-8").replace("__LANGUAGES__", others)


def complete(template: Json) -> Json:
    """Return the packaged template with everything that depends on its list of functions.

    Each function's role may write traces; watchers may call the functions that change nothing, operators all
    that people call, and the trail records who called one that changes something. Functions of
    events and of the API are not for people.
    """
    resources = template["Resources"]
    of_routes = {API, *map(routed.logical_id, routed.OWN_FUNCTIONS.values())}
    _route(resources)
    looking, acting = [], []
    for name, entry in resources.items():
        if entry.get("Type") != FUNCTION:
            continue
        role = resources[entry["Properties"]["Role"]["Fn::GetAtt"][0]]["Properties"]
        role["ManagedPolicyArns"] = [{"Ref": "TracePolicy"}]
        if "Events" not in entry["Properties"] and name not in of_routes:
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
    _trail(resources, [function for function in acting if function not in looking])
    return template


def _route(resources: Json) -> None:
    """Pass the routes that have a function of their own to it, and all others to the alias of the API's function.

    Raises `TemplateError` for one that is no route.
    """
    paths = resources["RestAPI"]["Properties"]["DefinitionBody"].get("paths", {})
    for (method, path), function in routed.OWN_FUNCTIONS.items():
        operation = paths.get(path, {}).get(method.lower())
        if operation is None:
            raise TemplateError(f"{method} {path} has a function of its own and is no route")
        uri = operation["x-amazon-apigateway-integration"]["uri"]
        own = f"${{{routed.logical_id(function)}.Arn}}"
        uri["Fn::Sub"] = uri["Fn::Sub"].replace(f"${{{API}.Arn}}", own)
    for methods in paths.values():
        for operation in methods.values():
            uri = operation.get("x-amazon-apigateway-integration", {}).get("uri", {})
            if "Fn::Sub" in uri:
                uri["Fn::Sub"] = uri["Fn::Sub"].replace(f"${{{API}.Arn}}", f"${{{ALIAS}}}")


def _trail(resources: Json, functions: list[Json]) -> None:
    """Make the trail record the calls of these functions."""
    [calls, _] = resources["CommandTrailOfStack"]["Properties"]["AdvancedEventSelectors"]
    [which] = [entry for entry in calls["FieldSelectors"] if entry["Field"] == "resources.ARN"]
    which["Equals"] = functions


def _changes_something(role: Json) -> bool:
    """Whether a function may do more than read and write its log."""
    documents = [policy["PolicyDocument"] for policy in role["Policies"]]
    actions = {a for d in documents for s in d["Statement"] for a in s["Action"]}
    return any(not action.partition(":")[2].startswith(READING) for action in actions - LOGGING)


def throttles(limits: dict[str, int]) -> list[Json]:
    """Requests a second of each route, as `MethodSettings` of a stage. A method's own entry replaces that of all
    methods as a whole, so it says again whether there are metrics.
    """
    settings = []
    for route, a_second in limits.items():
        method, path = route.split(" ")
        settings.append(
            {
                "ResourcePath": "/"
                + path.replace("/", "~1"),  # the form of a path that API Gateway needs here
                "HttpMethod": method,
                "MetricsEnabled": {"Ref": "DetailedApiMetrics"},
                "ThrottlingRateLimit": a_second,
                "ThrottlingBurstLimit": a_second,
            }
        )
    return settings


def demand_tls(resources: Json) -> None:
    """Make every bucket, queue and topic refuse requests without TLS, in its present policy or a new one.

    The template of the embedded cloud does without, because loopback has no TLS.
    """
    for name in [n for n, entry in resources.items() if entry.get("Type") in _POLICIES]:
        kind, action, names = _POLICIES[resources[name]["Type"]]
        target: Json = {"Ref": name}
        own = [
            entry["Properties"]
            for entry in resources.values()
            if entry.get("Type") == kind
            and entry["Properties"][names] in (target, [target])  # each has a policy of its own
        ]
        if not own:
            document: Json = {"Version": "2012-10-17", "Statement": []}
            own = [{names: target if names == "Bucket" else [target], "PolicyDocument": document}]
            resources[f"{name}Policy"] = {"Type": kind, "Properties": own[0]}
            if "Condition" in resources[name]:
                resources[f"{name}Policy"]["Condition"] = resources[name]["Condition"]
        own[0]["PolicyDocument"]["Statement"].append(
            {
                "Sid": "OnlyEncryptedConnections",
                "Effect": "Deny",
                "Principal": "*",
                "Action": action,
                "Resource": _arns(name, resources[name]["Type"]),
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        )


# Of each type: that of its policies, what is refused, and how a policy names what it is about.
_POLICIES = {
    "AWS::S3::Bucket": ("AWS::S3::BucketPolicy", "s3:*", "Bucket"),
    "AWS::SQS::Queue": ("AWS::SQS::QueuePolicy", "sqs:*", "Queues"),
    "AWS::SNS::Topic": ("AWS::SNS::TopicPolicy", "sns:Publish", "Topics"),
}


def _arns(name: str, kind: str) -> Json | list[Json]:
    if kind == "AWS::SNS::Topic":
        return {"Ref": name}
    arn = {"Fn::GetAtt": [name, "Arn"]}
    return [arn, {"Fn::Sub": f"${{{name}.Arn}}/*"}] if kind == "AWS::S3::Bucket" else arn


def headers_policy(headers: dict[str, str]) -> Json:
    """The security headers as the properties of a CloudFront response headers policy."""
    security: Json = {}
    custom = []
    for name, value in headers.items():
        if name == "Content-Security-Policy":
            security["ContentSecurityPolicy"] = {
                "ContentSecurityPolicy": {"Fn::Sub": with_origins(value)},
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


def with_origins(text: str) -> str:
    """The text with the addresses of our buckets for their placeholders, as `Fn::Sub` takes them."""
    for placeholder, origins in ORIGINS.items():
        text = text.replace(placeholder, origins)
    return text


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
    """Merge deeply. Raises `TemplateError` when two files set the same key."""
    for key, value in part.items():
        where = f"{place}/{key}"
        if key not in whole:
            whole[key] = value
        elif isinstance(whole[key], dict) and isinstance(value, dict):
            _add(whole[key], value, source, where)
        else:
            raise TemplateError(f"{source} says {where}, which another file has said already")
