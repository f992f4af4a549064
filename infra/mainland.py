"""Turn the packaged template into one for AWS China (partition aws-cn, Beijing and Ningxia).

A pure transformation of the finished template. CloudFront there has no functions, no origin access control and no
certificates of ACM, and its API refuses policies for caching and forwarding although CloudFormation's registry lists
their types. SNS sends no text messages. So here:

- an origin access identity reads the site bucket, and an IAM certificate serves the own domain that is required;
- addresses of the page are answered by API Gateway, which reads `index.html` from the site bucket. (Error pages are no
  way: they hold for the whole distribution, and the API itself answers 403 and 404.)
- the page's security headers lie beside `index.html` as its metadata; API Gateway makes headers of them again
  (`infra/deploy.py` uploads them: output `PageHeaders`);
- there is no firewall: its rule by address believes a header that only a function at CloudFront can write;
- files with smaller forms beside them are uploaded as gzip alone, for nobody can choose at the edge.

Anything that this module does not know is refused: a reference that is left, another policy, an ARN of another
partition. Types that the regions do not know at all are named by cfn-lint (`infra.package.lint`).
Sources: docs/decisions/0032-a-template-for-the-mainland.md.
"""

import copy
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from infra import languages, templates
from infra.languages import PAGE

PARTITION = "aws-cn"
REGIONS = ("cn-north-1", "cn-northwest-1")
GONE_TYPES = (
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::Function",
    "AWS::CloudFront::ResponseHeadersPolicy",
)
SETTLED = {"OwnDomain": True, "HasFirewall": False}  # conditions that have a fixed value there
REFUSED_TYPES = {  # CloudFormation's registry knows them there, the service does not take them
    "AWS::CloudFront::CachePolicy": "CloudFront refuses cache policies",
    "AWS::CloudFront::OriginRequestPolicy": "CloudFront refuses origin request policies",
}
CACHED = "658327ea-f89d-4fab-a63d-7e88639e58f6"  # AWS's CachingOptimized
NOT_CACHED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # AWS's CachingDisabled
ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"  # AWS's AllViewerExceptHostHeader
# What the API reads, of headers that CloudFront does not pass on by itself. It takes 10 by name; `Host` would make
# API Gateway refuse, and X-Forwarded-For and Content-Type travel anyway.
FORWARDED = (
    *("Origin", "Page-Token", "Accept-Language"),
    *("Kaochang-Key", "Kaochang-Nonce", "Kaochang-Signature", "Kaochang-Timestamp"),
)
DAY_S, YEAR_S = 86_400, 31_536_000
CLOUDFRONT = "cloudfront.amazonaws.com"
CONSOLES = ("console.aws.amazon.com", "console.amazonaws.cn")
FOREIGN = re.compile(r"arn:aws:|console\.aws\.amazon\.com|cloudfront\.amazonaws\.com")
PAGE_PATH = "/page"  # paths of the API; its own routes never begin like this
SITE_PATHS = [
    {"EventType": "viewer-request", "FunctionARN": {"Fn::GetAtt": ["SitePaths", "FunctionARN"]}}
]
IDENTITY, READER = "SiteIdentity", "SitePageReaderRole"
Json = dict[str, Any]


class MainlandError(Exception):
    """The template has something that AWS China does not support and this module cannot replace."""


def partition_of(template: Json) -> str:
    """Return the partition that a packaged template is for."""
    return str(template.get("Metadata", {}).get("Partition", "aws"))


def adapt(template: Json, folder: Path) -> Json:
    """Return the template for AWS China. The given one stays as it is. `folder` is `infra/`. Raises `MainlandError`."""
    adapted: Json = _settled(copy.deepcopy(template))
    adapted.setdefault("Metadata", {})["Partition"] = PARTITION
    resources = adapted["Resources"]
    gone = [name for name, entry in resources.items() if entry.get("Type") in GONE_TYPES]
    for name in gone:
        del resources[name]
    headers = json.loads((folder / "site_headers.json").read_text("utf-8"))["headers"]
    _require_what_is_needed(adapted["Parameters"])
    _let_an_identity_read(resources)
    addresses = languages.addresses(folder.parent)
    _serve_by_old_means(resources["Site"]["Properties"]["DistributionConfig"], addresses)
    _answer_addresses(resources, addresses, tuple(headers))
    _send_no_messages(resources)
    adapted["Outputs"]["PageHeaders"] = {
        "Description": "Security headers of the page; make deploy puts them beside it.",
        "Value": {"Fn::Sub": _as_metadata(headers)},
    }
    adapted = _mapped(adapted, _chinese_console)
    _refuse_what_is_left(adapted, gone)
    return adapted


def _settled(template: Json) -> Json:
    """Decide the conditions: there is always an own domain, and never a firewall."""
    for condition in SETTLED:
        del template["Conditions"][condition]
    del template["Parameters"]["WafRequests5Min"]
    for section in ("Resources", "Outputs"):
        for name, entry in list(template[section].items()):
            holds = SETTLED.get(entry.get("Condition", ""))
            if holds:
                del entry["Condition"]
            elif holds is False:
                del template[section][name]

    def settled(value: Any) -> Any:
        while isinstance(value, dict) and value.get("Fn::If", [""])[0] in SETTLED:
            condition, then, otherwise = value["Fn::If"]
            value = then if SETTLED[condition] else otherwise
        return value

    found: Json = _mapped(template, settled)
    return found


def _require_what_is_needed(parameters: Json) -> None:
    parameters.pop("CertificateArn")
    parameters["SiteDomain"] = {
        "Type": "String",
        "AllowedPattern": r"[a-z0-9-]+(\.[a-z0-9-]+)+",
        "Description": "Own domain of the page, with ICP filing, such as exam.example.cn.",
    }
    parameters["IamCertificateId"] = {
        "Type": "String",
        "AllowedPattern": r"\w{16,128}",
        "Description": "Id (not name) of SiteDomain's certificate in IAM, uploaded with the path /cloudfront/.",
    }
    parameters["MinimumTls"] = {
        "Type": "String",
        "Default": "TLSv1.2_2021",
        "AllowedValues": ["TLSv1.2_2021", "TLSv1.2_2019", "TLSv1.2_2018"],
        "Description": "Security policy of CloudFront; an older one if the region does not take the newest.",
    }
    providers = [name for name in parameters["SmsProvider"]["AllowedValues"] if name != "sns"]
    if not providers:
        raise MainlandError("no provider of text messages is left: SNS sends none in aws-cn")
    parameters["SmsProvider"]["AllowedValues"] = providers
    parameters["SmsProvider"].pop("Default")


def _let_an_identity_read(resources: Json) -> None:
    """Let the origin access identity read the bucket. Each distribution has its own, so there is no condition."""
    resources[IDENTITY] = {
        "Type": "AWS::CloudFront::CloudFrontOriginAccessIdentity",
        "Properties": {
            "CloudFrontOriginAccessIdentityConfig": {
                "Comment": {"Fn::Sub": "${AWS::StackName}: reads the site bucket"}
            }
        },
    }
    canonical = {"Fn::GetAtt": [IDENTITY, "S3CanonicalUserId"]}
    for entry in resources.values():
        if entry.get("Type") != "AWS::S3::BucketPolicy":
            continue
        for statement in entry["Properties"]["PolicyDocument"]["Statement"]:
            if statement["Principal"] == {"Service": CLOUDFRONT}:
                statement["Principal"] = {"CanonicalUser": canonical}
                del statement["Condition"]


def _serve_by_old_means(config: Json, addresses: tuple[str, ...]) -> None:
    """Rewrite origins, behaviours and certificate of the distribution without policies and functions.

    `addresses`: what those of each language of the page begin with.
    """
    origins = {origin["Id"]: origin for origin in config["Origins"]}
    page, api = origins["page"], origins["api"]
    del page["OriginAccessControlId"]
    identity = {"Fn::Sub": f"origin-access-identity/cloudfront/${{{IDENTITY}}}"}
    page["S3OriginConfig"] = {"OriginAccessIdentity": identity}
    config["Origins"].append(
        {**copy.deepcopy(api), "Id": "addresses", "OriginPath": f"/api{PAGE_PATH}"}
    )
    files = _behaviour(config["DefaultCacheBehavior"])
    answered = {**copy.deepcopy(files), "TargetOriginId": "addresses"}
    config["CacheBehaviors"] = [
        *[_behaviour(one) for one in config["CacheBehaviors"]],
        *[{"PathPattern": f"{address}{PAGE}", **answered} for address in addresses],
        {"PathPattern": "*.*", **files},
    ]
    config["DefaultCacheBehavior"] = answered
    config["ViewerCertificate"] = {
        "IamCertificateId": {"Ref": "IamCertificateId"},
        "SslSupportMethod": "sni-only",
        "MinimumProtocolVersion": {"Ref": "MinimumTls"},
    }
    config["PriceClass"] = "PriceClass_All"  # all its edge servers are in the mainland
    config["HttpVersion"] = "http2"
    config["IPV6Enabled"] = False


def _behaviour(behaviour: Json) -> Json:
    """Return a cache behaviour with the settings of AWS's policies written out. Raises `MainlandError`."""
    settings = copy.deepcopy(behaviour)
    cache, request = settings.pop("CachePolicyId"), settings.pop("OriginRequestPolicyId", None)
    settings.pop("ResponseHeadersPolicyId", None)
    associations = settings.pop("FunctionAssociations", [])
    if associations not in (SITE_PATHS, [], {"Ref": "AWS::NoValue"}):
        raise MainlandError(f"a function at CloudFront that nothing stands in for: {associations}")
    passed = {"QueryString": False, "Cookies": {"Forward": "none"}}
    if request == ALL_BUT_HOST:
        passed = {"QueryString": True, "Cookies": {"Forward": "all"}, "Headers": [*FORWARDED]}
    elif request is not None:
        raise MainlandError(f"an origin request policy that aws-cn lacks: {request}")
    if cache not in (CACHED, NOT_CACHED):
        raise MainlandError(f"a cache policy that aws-cn lacks: {cache}")
    kept = (DAY_S, YEAR_S) if cache == CACHED else (0, 0)
    ages = dict(zip(("MinTTL", "DefaultTTL", "MaxTTL"), (0, *kept), strict=True))
    return {**settings, "ForwardedValues": passed, **ages}


def _answer_addresses(
    resources: Json, addresses: tuple[str, ...], headers: tuple[str, ...]
) -> None:
    """Add two paths to the API for each language, for which API Gateway reads the page from the site bucket."""
    pages = {f"{PAGE_PATH}{address}".rstrip("/"): address[1:] + PAGE for address in addresses}
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ReadThePage",
                "Effect": "Allow",
                "Action": ["s3:GetObject"],
                "Resource": [{"Fn::Sub": f"${{SiteBucket.Arn}}/{page}"} for page in pages.values()],
            }
        ],
    }
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "apigateway.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    resources[READER] = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [{"PolicyName": "ReadThePage", "PolicyDocument": document}],
        },
    }
    paths = resources["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    if any(path == PAGE_PATH or path.startswith(f"{PAGE_PATH}/") for path in paths):
        raise MainlandError(f"a route of the API begins with {PAGE_PATH}")
    for start, page in pages.items():
        for path, names in ((start, ()), (f"{start}/{{address+}}", ("address",))):
            paths[path] = {
                method: _page_method(method, page, names, headers) for method in ("get", "head")
            }


def _page_method(method: str, page: str, names: tuple[str, ...], headers: tuple[str, ...]) -> Json:
    passed = {
        name: f"integration.response.header.x-amz-meta-{name.lower()}" for name in headers
    } | {name: f"integration.response.header.{name}" for name in ("Content-Type", "Cache-Control")}
    return {
        "produces": ["text/html"],
        "parameters": [
            {"name": name, "in": "path", "required": True, "type": "string"} for name in names
        ],
        "responses": {
            "200": {
                "description": "The page",
                "headers": {name: {"type": "string"} for name in passed},
            },
            "503": {"description": "There is no page yet"},
        },
        "x-amazon-apigateway-integration": {
            "type": "aws",
            "httpMethod": method.upper(),
            "uri": {
                "Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:s3:path/${SiteBucket}/"
                + page
            },
            "credentials": {"Fn::GetAtt": [READER, "Arn"]},
            "passthroughBehavior": "when_no_match",
            "responses": {
                "default": {
                    "statusCode": "200",
                    "responseParameters": {
                        f"method.response.header.{name}": source for name, source in passed.items()
                    },
                },
                r"[45]\d{2}": {"statusCode": "503"},
            },
        },
    }


def _send_no_messages(resources: Json) -> None:
    """Remove the right to publish to telephone numbers, because SNS sends no SMS there. Topics of the stack stay."""
    for entry in resources.values():
        if entry.get("Type") != "AWS::IAM::Role":
            continue
        for policy in entry["Properties"].get("Policies", ()):
            document = policy["PolicyDocument"]
            document["Statement"] = [
                statement
                for statement in document["Statement"]
                if not _sends_to_phones(statement, resources)
            ]


def _sends_to_phones(statement: Json, resources: Json) -> bool:
    if statement["Action"] not in ("sns:Publish", ["sns:Publish"]):
        return False
    named = set(_referred(statement.get("Resource", "*")))
    return not named & set(resources)


def _as_metadata(headers: dict[str, str]) -> str:
    """Return the headers as JSON of S3 metadata. CloudFormation fills in the addresses of the buckets."""
    text = json.dumps({name.lower(): value for name, value in headers.items()})
    return templates.with_origins(text)


def _chinese_console(value: Any) -> Any:
    return value.replace(*CONSOLES) if isinstance(value, str) else value


def _refuse_what_is_left(template: Json, gone: list[str]) -> None:
    for name, entry in template["Resources"].items():
        kind = entry.get("Type")
        if kind in REFUSED_TYPES:
            raise MainlandError(f"{name}: {REFUSED_TYPES[kind]} in aws-cn")
        if kind == "AWS::WAFv2::WebACL" and entry["Properties"]["Scope"] == "CLOUDFRONT":
            raise MainlandError(f"{name}: a web ACL of CloudFront, which is kept in us-east-1")
        if "LambdaFunctionAssociations" in json.dumps(entry):
            raise MainlandError(f"{name}: Lambda@Edge is not in aws-cn")
    left = set(_referred(template)) & set(gone)
    if left:
        raise MainlandError(f"aws-cn has no {', '.join(sorted(left))}, and something refers to it")
    foreign = sorted({text for text in _texts(template) if FOREIGN.search(text)})
    if foreign:
        raise MainlandError(f"of another partition: {foreign[0][:200]}")


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return the value with `change` applied to it and to everything in it, outer values first."""
    value = change(value)
    if isinstance(value, dict):
        return {key: _mapped(part, change) for key, part in value.items()}
    return [_mapped(part, change) for part in value] if isinstance(value, list) else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _texts(key)
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _referred(value: Any) -> Iterator[str]:
    """Yield the logical ids that a value refers to by Ref, Fn::GetAtt, Fn::Sub or DependsOn."""
    if isinstance(value, list):
        for part in value:
            yield from _referred(part)
    if not isinstance(value, dict):
        return
    for key, part in value.items():
        if key in ("Ref", "DependsOn") and isinstance(part, str):
            yield part
        elif key == "DependsOn":
            yield from part
        elif key == "Fn::GetAtt":
            yield part[0] if isinstance(part, list) else part.partition(".")[0]
        elif key == "Fn::Sub":
            text = part[0] if isinstance(part, list) else part
            yield from (name.partition(".")[0] for name in re.findall(r"\${([^}!]+)}", text))
        else:
            yield from _referred(part)
