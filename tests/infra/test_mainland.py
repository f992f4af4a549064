"""The template for AWS China: what the partition lacks is replaced, and the rest does not change."""

import copy
import json
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from infra import mainland, package
from infra.package import PROJECT
from tests.infra.conftest import Built

Json = dict[str, Any]
FOLDER = PROJECT / "infra"


@pytest.fixture(scope="module")
def china(built: Built) -> Json:
    """The packaged template of the stage, adapted."""
    return mainland.adapt(built.template, FOLDER)


def properties(template: Json, name: str) -> Json:
    found: Json = template["Resources"][name]["Properties"]
    return found


def distribution(template: Json) -> Json:
    found: Json = properties(template, "Site")["DistributionConfig"]
    return found


def origin_of(template: Json, path: str) -> str:
    """Which origin answers a path, as CloudFront chooses: the root object first, then the first pattern that fits."""
    config = distribution(template)
    asked = path if path != "/" else f"/{config['DefaultRootObject']}"
    for behaviour in config["CacheBehaviors"]:
        if fnmatchcase(asked.lstrip("/"), behaviour["PathPattern"].lstrip("/")):
            return str(behaviour["TargetOriginId"])
    return str(config["DefaultCacheBehavior"]["TargetOriginId"])


def in_folder(template: Json, out: Path) -> Path:
    (out / package.TEMPLATE).write_text(package._without_aliases(template), "utf-8")
    for archive in package.archive_names():
        (out / archive).touch()
    return out


def test_cfn_lint_is_content_in_beijing_and_ningxia(china: Json, tmp_path: Path) -> None:
    assert package.REGIONS["aws-cn"] == ("cn-north-1", "cn-northwest-1")
    assert package.lint(in_folder(china, tmp_path)) == []


def test_the_other_template_is_checked_for_singapore_and_virginia(built: Built) -> None:
    """tests/infra/test_package.py runs it: nothing is wrong with the package."""
    assert package.REGIONS["aws"] == ("ap-southeast-1", "us-east-1")
    assert mainland.partition_of(built.template) == "aws"


def test_a_type_that_the_regions_do_not_know_is_named(china: Json, tmp_path: Path) -> None:
    """In a template with this resource alone: the whole one takes ten times as long."""
    store = {"Type": "AWS::CloudFront::KeyValueStore", "Properties": {"Name": "store"}}
    template = {"Metadata": china["Metadata"], "Resources": {"Store": store}}
    said = package.lint(in_folder(template, tmp_path))
    assert [
        line for line in said if "AWS::CloudFront::KeyValueStore" in line and "cn-north-1" in line
    ]


def test_the_given_template_is_left_as_it_is(built: Built) -> None:
    before = json.dumps(built.template)
    mainland.adapt(built.template, FOLDER)
    assert json.dumps(built.template) == before


def test_nothing_of_another_partition_is_left(china: Json) -> None:
    assert mainland.partition_of(china) == "aws-cn"
    text = json.dumps(china, ensure_ascii=False)
    assert "arn:aws:" not in text
    assert "console.aws.amazon.com" not in text
    assert (
        "console.amazonaws.cn/cloudwatch"
        in china["Outputs"]["DashboardAddress"]["Value"]["Fn::Sub"]
    )
    kinds = {entry["Type"] for entry in china["Resources"].values()}
    assert not kinds & {*mainland.GONE_TYPES, *mainland.REFUSED_TYPES}
    for word in ("PolicyId", "OriginAccessControlId", "FunctionAssociations", "AcmCertificateArn"):
        assert word not in json.dumps(distribution(china)), word


def test_services_keep_the_names_that_hold_in_every_partition(china: Json) -> None:
    """A few have names of the partition or of the region (as AWS's CDK knows them): none of those is used here."""
    named = set(re.findall(r"[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?", json.dumps(china)))
    assert {"lambda.amazonaws.com", "s3.amazonaws.com"} <= named
    of_the_partition = (
        "application-autoscaling",
        "codedeploy",
        "ec2",
        "elasticmapreduce",
        "states",
    )
    assert not [name for name in named if name.split(".")[0] in of_the_partition]
    assert not [name for name in named if name.endswith(".cn")]


def test_what_must_be_given(china: Json) -> None:
    parameters = china["Parameters"]
    needed = {name for name, entry in parameters.items() if "Default" not in entry}
    assert needed == {"SiteDomain", "IamCertificateId", "SmsProvider", "SiteOrigin"}
    assert "CertificateArn" not in parameters
    assert "sns" not in parameters["SmsProvider"]["AllowedValues"]
    assert parameters["SmsProvider"]["AllowedValues"]


@pytest.mark.parametrize(
    ("name", "value", "fits"),
    [
        ("SiteDomain", "exam.example.cn", True),
        ("SiteDomain", "", False),
        ("SiteDomain", "https://exam.example.cn", False),
        ("SiteDomain", "exam", False),
        ("IamCertificateId", "ASCAEXAMPLEEXAMPLE123", True),
        ("IamCertificateId", "A" * 16, True),
        ("IamCertificateId", "A" * 15, False),
        ("IamCertificateId", "", False),
        ("IamCertificateId", "arn:aws-cn:iam::1:server-certificate/cloudfront/exam", False),
    ],
)
def test_values_that_cannot_be_right_are_refused(
    china: Json, name: str, value: str, fits: bool
) -> None:
    pattern = china["Parameters"][name]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, value)) is fits


def test_an_own_domain_with_a_certificate_of_iam(china: Json) -> None:
    config = distribution(china)
    assert config["Aliases"] == [{"Ref": "SiteDomain"}]
    assert config["ViewerCertificate"]["IamCertificateId"] == {"Ref": "IamCertificateId"}
    assert config["ViewerCertificate"]["SslSupportMethod"] == "sni-only"
    assert china["Outputs"]["SiteAddress"]["Value"] == {"Fn::Sub": "https://${SiteDomain}"}
    assert "OwnDomain" not in json.dumps(china)


def test_the_identity_alone_reads_the_site_bucket(china: Json) -> None:
    page = next(origin for origin in distribution(china)["Origins"] if origin["Id"] == "page")
    assert page["S3OriginConfig"] == {
        "OriginAccessIdentity": {"Fn::Sub": "origin-access-identity/cloudfront/${SiteIdentity}"}
    }
    statements = properties(china, "SiteBucketPolicy")["PolicyDocument"]["Statement"]
    allowed = [statement for statement in statements if statement["Effect"] == "Allow"]
    identity = {"CanonicalUser": {"Fn::GetAtt": ["SiteIdentity", "S3CanonicalUserId"]}}
    assert {statement["Action"] for statement in allowed} == {"s3:GetObject", "s3:ListBucket"}
    assert all(statement["Principal"] == identity for statement in allowed)
    assert all("Condition" not in statement for statement in allowed)


def page_addresses() -> list[str]:
    """Addresses of the page's router, with something in the place of each parameter."""
    text = (PROJECT / "web" / "src" / "router.ts").read_text("utf-8")
    paths = [path for path in re.findall(r'path: "(/[^"*]*)"', text) if "(" not in path]
    assert len(paths) > 8
    return [re.sub(r":\w+\??", "C0-9_x", path) for path in paths]


def test_addresses_files_and_calls_each_find_their_origin(china: Json) -> None:
    indexes = ("/index.html", "/en/index.html", "/en", "/en/", "/en/me/identity")
    for address in (*page_addresses(), "/me/identity", "/nothing/like/this", *indexes):
        assert origin_of(china, address) == "addresses", address
    for file in ("/assets/Exam-1.js", "/detector/0.1/engine.wasm", "/icon.svg", "/robots.txt"):
        assert origin_of(china, file) == "page", file
    for call in ("/api/exams", "/api/attempts/at_1/answers", "/api/a.b"):
        assert origin_of(china, call) == "api", call


def test_no_error_page_stands_in_for_the_answers_of_the_api(china: Json) -> None:
    """An error page would hold for the whole distribution, and the API's own 403 and 404 would become the page."""
    assert "CustomErrorResponses" not in distribution(china)


def test_calls_reach_the_api_whole_and_are_never_kept(china: Json) -> None:
    [calls] = [b for b in distribution(china)["CacheBehaviors"] if b["TargetOriginId"] == "api"]
    assert (calls["MinTTL"], calls["DefaultTTL"], calls["MaxTTL"]) == (0, 0, 0)
    passed = calls["ForwardedValues"]
    assert passed["QueryString"] is True
    assert passed["Cookies"] == {"Forward": "all"}
    assert "Host" not in passed["Headers"]  # API Gateway would look for an API of that name
    assert len(passed["Headers"]) <= 10  # what CloudFront takes for a behaviour


def test_every_header_that_the_application_reads_is_forwarded(china: Json) -> None:
    """Of those that CloudFront does not send by itself; a new one would be read as missing, in China alone."""
    by_itself = {"host", "content-type", "x-forwarded-for", "cookie", "edge-proof"}
    # CloudFront takes no conditional requests where it forwards cookies: then the whole answer comes.
    missed_without_harm = {"if-none-match"}
    source = (PROJECT / "chalicelib" / "handlers" / "endpoint.py").read_text("utf-8")
    read = set(re.findall(r'headers\.get\("([a-z-]+)"', source))
    assert {"origin", "page-token"} <= read
    partner = {f"kaochang-{n}" for n in ("key", "nonce", "signature", "timestamp")}
    described = json.loads((PROJECT / "docs" / "openapi.json").read_text("utf-8"))
    asked = {
        parameter["name"].lower()
        for operations in described["paths"].values()
        for operation in operations.values()
        for parameter in operation["parameters"]
        if parameter["in"] == "header"
    }
    forwarded = {name.lower() for name in mainland.FORWARDED}
    assert (read | partner | asked) - by_itself - missed_without_harm == forwarded


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/page", "index.html"),
        ("/page/{address+}", "index.html"),
        ("/page/en", "en/index.html"),
        ("/page/en/{address+}", "en/index.html"),
    ],
)
def test_the_page_comes_out_of_the_bucket_with_its_headers(
    china: Json, path: str, page: str
) -> None:
    methods = properties(china, "RestAPI")["DefinitionBody"]["paths"][path]
    assert set(methods) == {"get", "head"}
    told = json.loads((FOLDER / "site_headers.json").read_text("utf-8"))["headers"]
    for method, operation in methods.items():
        call = operation["x-amazon-apigateway-integration"]
        assert (call["type"], call["httpMethod"]) == ("aws", method.upper())
        assert call["uri"]["Fn::Sub"].endswith(":s3:path/${SiteBucket}/" + page)
        assert call["credentials"] == {"Fn::GetAtt": ["SitePageReaderRole", "Arn"]}
        given = call["responses"]["default"]["responseParameters"]
        for name in told:
            source = f"integration.response.header.x-amz-meta-{name.lower()}"
            assert given[f"method.response.header.{name}"] == source
        assert {
            f"method.response.header.{n}" for n in operation["responses"]["200"]["headers"]
        } == set(given)
        assert call["responses"][r"[45]\d{2}"] == {"statusCode": "503"}


def test_the_pages_headers_fit_into_the_metadata_of_an_object(china: Json) -> None:
    text = china["Outputs"]["PageHeaders"]["Value"]["Fn::Sub"]
    address = "kaochang-cn-privatebucket-0123456789abc.s3.cn-northwest-1.amazonaws.com.cn"
    filled = re.sub(r"\$\{[^}]+\}", address, text)
    headers = json.loads(filled)
    told = json.loads((FOLDER / "site_headers.json").read_text("utf-8"))["headers"]
    assert set(headers) == {name.lower() for name in told}
    assert "${" not in filled
    assert sum(len(name) + len(value) for name, value in headers.items()) <= 2048  # S3's limit
    assert filled.isascii()


def test_the_reader_reads_the_page_and_nothing_else(china: Json) -> None:
    role = properties(china, "SitePageReaderRole")
    [policy] = role["Policies"]
    [statement] = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["s3:GetObject"]
    pages = ("index.html", "en/index.html")
    assert statement["Resource"] == [{"Fn::Sub": f"${{SiteBucket.Arn}}/{page}"} for page in pages]


def test_no_role_may_send_to_telephones(built: Built, china: Json) -> None:
    def publishes(template: Json) -> set[str]:
        return {
            name
            for name, entry in template["Resources"].items()
            if entry["Type"] == "AWS::IAM::Role" and '"sns:Publish"' in json.dumps(entry)
        }

    assert publishes(built.template)
    assert publishes(china) == set()
    assert "AlarmTopicPolicy" in china["Resources"]  # alarms may still publish to their topic


def test_a_role_may_still_publish_to_a_topic_of_the_stack(built: Built) -> None:
    template = copy.deepcopy(built.template)
    role = template["Resources"][
        template["Resources"]["ClockRunMinute"]["Properties"]["Role"]["Fn::GetAtt"][0]
    ]
    statement = {"Effect": "Allow", "Action": "sns:Publish", "Resource": {"Ref": "AlarmTopic"}}
    role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].append(statement)
    adapted = mainland.adapt(template, FOLDER)
    roles = [entry for entry in adapted["Resources"].values() if entry["Type"] == "AWS::IAM::Role"]
    assert json.dumps(roles).count("sns:Publish") == 1


def test_all_else_is_as_it_was(built: Built, china: Json) -> None:
    touched = {"Site", "SiteBucketPolicy", "RestAPI", "SiteIdentity", "SitePageReaderRole"}
    for name, entry in china["Resources"].items():
        if name not in touched and entry["Type"] != "AWS::IAM::Role":
            assert entry == built.template["Resources"][name], name
    gone = set(built.template["Resources"]) - set(china["Resources"])
    firewall = {"ApiFirewall", "ApiFirewallOnTheStage", "ViewerAddress"}
    assert gone == {"SiteAccess", "SitePaths", "SiteHeaders"} | firewall


def test_no_firewall_believes_a_header_that_anybody_can_write(china: Json) -> None:
    assert "WafRequests5Min" not in china["Parameters"]
    assert not {"HasFirewall", "OwnDomain"} & set(china["Conditions"])
    assert "viewer-address" not in json.dumps(china).lower()


def with_policy(template: Json) -> None:
    distribution(template)["CacheBehaviors"][0]["CachePolicyId"] = "another"


def with_request_policy(template: Json) -> None:
    distribution(template)["CacheBehaviors"][0]["OriginRequestPolicyId"] = "another"


def with_own_policy(template: Json) -> None:
    template["Resources"]["Own"] = {"Type": "AWS::CloudFront::CachePolicy", "Properties": {}}


def with_web_acl(template: Json) -> None:
    template["Resources"]["Acl"] = {
        "Type": "AWS::WAFv2::WebACL",
        "Properties": {"Scope": "CLOUDFRONT"},
    }


def with_function(template: Json) -> None:
    added = [{"EventType": "viewer-response", "FunctionARN": "another"}]
    distribution(template)["DefaultCacheBehavior"]["FunctionAssociations"] = added


def with_edge_function(template: Json) -> None:
    distribution(template)["DefaultCacheBehavior"]["LambdaFunctionAssociations"] = []


def with_reference(template: Json) -> None:
    template["Outputs"]["Other"] = {"Value": {"Fn::Sub": "x ${SitePaths.FunctionARN}"}}


def with_dependency(template: Json) -> None:
    template["Resources"]["SiteBucketPolicy"]["DependsOn"] = ["SiteAccess"]


def with_arn(template: Json) -> None:
    template["Outputs"]["Other"] = {"Value": "arn:aws:iam::aws:policy/ReadOnlyAccess"}


def with_page_route(template: Json) -> None:
    properties(template, "RestAPI")["DefinitionBody"]["paths"]["/page/x"] = {}


def without_providers(template: Json) -> None:
    template["Parameters"]["SmsProvider"]["AllowedValues"] = ["sns"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (with_policy, "a cache policy that aws-cn lacks: another"),
        (with_request_policy, "an origin request policy that aws-cn lacks: another"),
        (with_own_policy, "Own: CloudFront refuses cache policies"),
        (with_web_acl, "Acl: a web ACL of CloudFront"),
        (with_function, "a function at CloudFront that nothing stands in for"),
        (with_edge_function, "Site: Lambda@Edge"),
        (with_reference, "aws-cn has no SitePaths"),
        (with_dependency, "aws-cn has no SiteAccess"),
        (with_arn, "of another partition: arn:aws:iam"),
        (with_page_route, "begins with /page"),
        (without_providers, "no provider of text messages"),
    ],
)
def test_what_nobody_has_thought_of_is_refused(built: Built, change: Any, said: str) -> None:
    template = copy.deepcopy(built.template)
    change(template)
    with pytest.raises(mainland.MainlandError, match=said):
        mainland.adapt(template, FOLDER)


def test_our_own_files_name_no_partition() -> None:
    files = [*FOLDER.glob("*.yaml"), *(PROJECT / ".chalice").glob("policy-*.json")]
    assert len(files) > 20
    for file in files:
        assert "arn:aws:" not in file.read_text("utf-8"), file.name
