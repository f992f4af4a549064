"""What the templates promise to operators: alarms with runbooks, dead letters, roles, one origin, kept data."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

import app
from chalicelib.handlers.endpoint import ROUTES, Role
from chalicelib.messages.errors import ERRORS
from chalicelib.shared.settings import Settings
from infra import templates, warm
from infra.package import PROJECT

Json = dict[str, Any]
ALARM = "AWS::CloudWatch::Alarm"
FUNCTION = "AWS::Serverless::Function"
RUNBOOKS = PROJECT / "docs" / "runbooks"
HEADINGS = ("## What users feel", "## Look", "## Do", "## Afterwards")


@pytest.fixture
def whole() -> Json:
    """Our part of the template, all files together."""
    return templates.compose("prod", PROJECT / "infra")


def of_type(whole: Json, kind: str) -> dict[str, Json]:
    return {n: entry for n, entry in whole["Resources"].items() if entry.get("Type") == kind}


def alarms(whole: Json) -> dict[str, Json]:
    """Name of each alarm, without the stack's, and its properties."""
    return {
        entry["Properties"]["AlarmName"]["Fn::Sub"].removeprefix("${AWS::StackName}-"): entry[
            "Properties"
        ]
        for entry in of_type(whole, ALARM).values()
    }


def test_every_alarm_tells_somebody_and_names_its_runbook(whole: Json) -> None:
    for name, alarm in alarms(whole).items():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlarmTopic"}]
        assert alarm["AlarmDescription"]["Fn::Sub"].endswith(f"${{Runbooks}}/{name}.md")
        assert re.search(r"[\u4e00-\u9fff]", alarm["AlarmDescription"]["Fn::Sub"])


def test_every_alarm_has_a_page_and_every_page_an_alarm(whole: Json) -> None:
    pages = {file.stem: file.read_text("utf-8") for file in RUNBOOKS.glob("*.md")}
    index = pages.pop("README")
    assert set(pages) == set(alarms(whole))
    for name, text in pages.items():
        assert text.startswith(f"# {name}\n"), name
        assert [line for line in text.splitlines() if line.startswith("## ")] == list(HEADINGS)
        assert f"({name}.md)" in index


def test_runbooks_speak_of_queries_and_functions_that_exist(whole: Json) -> None:
    queries = {
        entry["Properties"]["Name"]["Fn::Sub"].removeprefix("${AWS::StackName}/")
        for entry in of_type(whole, "AWS::Logs::QueryDefinition").values()
    }
    for file in RUNBOOKS.glob("*.md"):
        named = set(re.findall(r"query \*([^*]+)\*", file.read_text("utf-8")))
        assert named <= queries, file.name


def test_the_page_and_the_threshold_say_the_same(whole: Json) -> None:
    for name, alarm in alarms(whole).items():
        threshold = alarm["Threshold"]
        if isinstance(threshold, dict):
            threshold = f"`{threshold['Ref']}`"
        first = (RUNBOOKS / f"{name}.md").read_text("utf-8").splitlines()[2]
        assert f" {threshold}" in f" {first}".replace(",", ""), name


def test_what_the_code_measures_somebody_is_told_of(whole: Json) -> None:
    code = "".join(f.read_text("utf-8") for f in (PROJECT / "chalicelib").rglob("*.py"))
    measured = set(re.findall(r'log\.metric\(\s*"(\w+)"', code))
    plain = [alarm for alarm in alarms(whole).values() if "Namespace" in alarm]
    plain += [
        entry["MetricStat"]["Metric"]
        for alarm in alarms(whole).values()
        for entry in alarm.get("Metrics", [])
        if "MetricStat" in entry
    ]
    ours = {alarm["MetricName"] for alarm in plain if alarm["Namespace"] == "Kaochang"}
    assert measured
    assert measured <= ours


def test_routes_of_alarms_exist(whole: Json) -> None:
    routes = json.loads((PROJECT / "docs" / "openapi.json").read_text("utf-8"))["paths"]
    told = [
        {d["Name"]: d["Value"] for d in a.get("Dimensions", [])} for a in alarms(whole).values()
    ]
    watched = {(d["Method"].lower(), d["Resource"]) for d in told if "Method" in d}
    assert len(watched) == 2
    for method, path in watched:
        assert method in routes[path]
    pattern = whole["Resources"]["CodesSent"]["Properties"]["FilterPattern"]
    assert '"POST /codes"' in pattern
    assert "post" in routes["/codes"]


def test_somebody_is_told_of_many_codes_long_before_nobody_gets_one(whole: Json) -> None:
    parameters = whole["Parameters"]
    told, hour, day = (
        parameters[name]["Default"] for name in ("CodesAnHour", "MostCodesAnHour", "MostCodesADay")
    )
    assert 2 * told <= hour <= day <= 24 * hour
    code = {field.name: field.default for field in msgspec.structs.fields(Settings)}
    assert (hour, day) == (code["most_codes_an_hour"], code["most_codes_a_day"])
    assert alarms(whole)["codes-flood"]["Threshold"] == {"Ref": "CodesAnHour"}
    for name in ("MostCodesAnHour", "MostCodesADay"):
        assert parameters[name]["MinValue"] == 1  # a stage that may send none signs nobody in


def test_faces_are_filed_long_before_the_law_wants_it(whole: Json) -> None:
    alarm = alarms(whole)["faces-filing"]
    assert alarm["Threshold"] == 80_000
    assert alarm["MetricName"] == "StoredFaces"


@pytest.mark.parametrize("name", ["sms-failing", "sms-undelivered"])
def test_a_rate_of_messages_rings_below_nine_of_ten_and_not_for_a_few(
    whole: Json, name: str
) -> None:
    alarm = alarms(whole)[name]
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (90, "LessThanThreshold")
    rate, good, tries = alarm["Metrics"]
    assert [rate["ReturnData"], good["ReturnData"], tries["ReturnData"]] == [True, False, False]
    assert (good["MetricStat"]["Stat"], tries["MetricStat"]["Stat"]) == ("Sum", "SampleCount")
    assert good["MetricStat"]["Metric"] == tries["MetricStat"]["Metric"]
    terms = rate["Expression"]
    assert terms == f"IF({tries['Id']} >= 5, 100 * {good['Id']} / {tries['Id']}, 100)"


def test_silence_of_the_schedule_is_an_alarm(whole: Json) -> None:
    alarm = alarms(whole)["schedule-silent"]
    assert alarm["TreatMissingData"] == "breaching"
    assert alarm["ComparisonOperator"] == "LessThanThreshold"


def test_every_dead_letter_queue_has_an_alarm(whole: Json) -> None:
    watched = {
        d["Value"]["Fn::GetAtt"][0]
        for a in alarms(whole).values()
        for d in a.get("Dimensions", [])
        if d["Name"] == "QueueName"
    }
    dead = {name for name in of_type(whole, "AWS::SQS::Queue") if name.startswith("Failed")}
    assert dead == watched - {"SnapshotUploads"}


def test_the_dashboard_shows_every_alarm(whole: Json) -> None:
    body = json.loads(whole["Resources"]["HomeDashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])
    shown = next(w for w in body["widgets"] if w["type"] == "alarm")["properties"]["alarms"]
    assert set(shown) == {f"${{{name}.Arn}}" for name in of_type(whole, ALARM)}
    for widget in body["widgets"]:
        assert widget["x"] >= 0 and widget["x"] + widget["width"] <= 24


def test_saved_queries_lie_in_folders(whole: Json) -> None:
    for entry in of_type(whole, "AWS::Logs::QueryDefinition").values():
        assert entry["Properties"]["Name"]["Fn::Sub"].count("/") == 2  # stack/folder/query
        groups = [group["Ref"] for group in entry["Properties"]["LogGroupNames"]]
        assert all(group.endswith("LogGroup") for group in groups)


# ---- who may do what ----


def function(handler: str, *, events: bool = False) -> Json:
    role = handler.rpartition(".")[2] + "_role"
    properties: Json = {"Handler": handler, "Role": {"Fn::GetAtt": [role, "Arn"]}}
    return {"Type": FUNCTION, "Properties": properties | ({"Events": {"E": {}}} if events else {})}


def may(*actions: str) -> Json:
    statements = [{"Action": ["logs:CreateLogStream", "logs:PutLogEvents"]}]
    statements += [{"Action": [action]} for action in actions]
    policies = [{"PolicyDocument": {"Statement": statements}}]
    return {"Type": "AWS::IAM::Role", "Properties": {"Policies": policies}}


def called(template: Json, policy: str) -> set[str]:
    """The functions that a policy may invoke."""
    statements = template["Resources"][policy]["Properties"]["PolicyDocument"]["Statement"]
    [invoke] = [s for s in statements if "lambda:InvokeFunction" in s["Action"]]
    return {resource["Fn::GetAtt"][0] for resource in invoke["Resource"]}


def test_watchers_call_what_changes_nothing_and_operators_all_that_people_call(whole: Json) -> None:
    whole["Resources"] |= {
        "Reader": function("c.reader"),
        "reader_role": may("dynamodb:Query", "s3:ListBucket", "dynamodb:GetItem"),
        "Writer": function("c.writer"),
        "writer_role": may("dynamodb:GetItem", "dynamodb:UpdateItem"),
        "Judge": function("c.judge", events=True),
        "judge_role": may("dynamodb:GetItem"),
        "APIHandler": function("app.app"),
        "app_role": may("dynamodb:GetItem"),
        "RunsNobody": {"Type": "AWS::SNS::Topic"},
    }
    whole["Resources"]["CaptchasMakeCaptcha"] |= function("c.captcha")
    whole["Resources"]["captcha_role"] = may("dynamodb:PutItem")
    whole["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"] = routed_to_the_api()
    for name in ("ClockRunMinute", "ChangesRecordChanges"):  # overrides that Chalice would complete
        whole["Resources"].pop(name)
    done = templates.complete(whole)
    assert called(done, "LookPolicy") == {"Reader"}
    assert called(done, "ActPolicy") == {"Reader", "Writer"}
    [calls, _] = done["Resources"]["CommandTrailOfStack"]["Properties"]["AdvancedEventSelectors"]
    [which] = [entry for entry in calls["FieldSelectors"] if entry["Field"] == "resources.ARN"]
    assert which["Equals"] == [{"Fn::GetAtt": ["Writer", "Arn"]}]
    for role in ("reader_role", "writer_role", "judge_role", "app_role"):
        traces = done["Resources"][role]["Properties"]["ManagedPolicyArns"]
        assert traces == [{"Ref": "TracePolicy"}]


def routed_to_the_api() -> Json:
    """What Chalice writes for a route."""
    uri = {"Fn::Sub": "arn:…/functions/${APIHandler.Arn}/invocations"}
    return {"/captchas": {"post": {"x-amazon-apigateway-integration": {"uri": uri}}}}


def test_all_routes_without_a_function_of_their_own_go_to_the_alias_of_the_api(whole: Json) -> None:
    paths = {**routed_to_the_api(), "/exams": routed_to_the_api()["/captchas"]}
    whole["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"] = paths
    done = templates.complete(whole)["Resources"]
    uris = {
        path: methods["post"]["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
        for path, methods in done["RestAPI"]["Properties"]["DefinitionBody"]["paths"].items()
    }
    assert uris["/exams"] == "arn:…/functions/${APIAlias}/invocations"
    assert uris["/captchas"] == "arn:…/functions/${CaptchasMakeCaptcha.Arn}/invocations"
    alias = done["APIAlias"]["Properties"]
    assert alias == {
        "FunctionName": {"Ref": "APIHandler"},
        "FunctionVersion": warm.NEWEST,
        "Name": warm.ALIAS,
    }
    assert done["APIAliasInvokePermission"]["Properties"]["FunctionName"] == {"Ref": "APIAlias"}


@pytest.mark.parametrize("paths", [{}, {"/captchas": {}}, {"/captcha": {"post": {}}}])
def test_a_function_for_a_route_that_does_not_exist_is_refused(whole: Json, paths: Json) -> None:
    whole["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"] = paths
    with pytest.raises(templates.TemplateError, match="POST /captchas"):
        templates.complete(whole)


def test_people_need_a_second_factor(whole: Json) -> None:
    """Of the account itself, or of IAM Identity Center, whose sessions do not tell."""
    for role in ("WatcherRole", "OperatorRole"):
        document = whole["Resources"][role]["Properties"]["AssumeRolePolicyDocument"]
        own, federated = document["Statement"]
        assert own["Condition"] == {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
        [kind] = federated["Condition"].items()
        assert kind == (
            "ArnLike",
            {
                "aws:PrincipalArn": {
                    "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-reserved/sso.amazonaws.com/"
                    "*AWSReservedSSO_Kaochang*"
                }
            },
        )


def test_permission_sets_find_the_policies_by_name(whole: Json) -> None:
    for policy, name in (("LookPolicy", "look"), ("ActPolicy", "act")):
        told = {"Fn::Sub": f"${{AWS::StackName}}-{name}"}
        assert whole["Resources"][policy]["Properties"]["ManagedPolicyName"] == told
        assert whole["Outputs"][f"{policy}Name"]["Value"] == told


# ---- one origin ----


def behaviours(whole: Json) -> tuple[Json, Json]:
    config = whole["Resources"]["Site"]["Properties"]["DistributionConfig"]
    [api] = config["CacheBehaviors"]
    return config["DefaultCacheBehavior"], api


def test_page_and_api_share_one_origin(whole: Json) -> None:
    page, api = behaviours(whole)
    assert (page["TargetOriginId"], api["TargetOriginId"]) == ("page", "api")
    assert api["PathPattern"] == "/api/*"
    assert api["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # nothing is cached
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text())
    assert config["api_gateway_stage"] == "api"  # so the path needs no change


def test_the_page_gets_the_headers_of_the_launcher(whole: Json) -> None:
    told = json.loads((PROJECT / "infra" / "site_headers.json").read_text("utf-8"))["headers"]
    config = whole["Resources"]["SiteHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    security = config["SecurityHeadersConfig"]
    sent = {item["Header"]: item["Value"] for item in config["CustomHeadersConfig"]["Items"]}
    policy = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"]
    for placeholder, origins in templates.ORIGINS.items():
        policy = policy.replace(origins, placeholder)
    sent["Content-Security-Policy"] = policy
    sent["Referrer-Policy"] = security["ReferrerPolicy"]["ReferrerPolicy"]
    transport = security["StrictTransportSecurity"]
    assert transport["IncludeSubdomains"] is True
    sent[templates.HSTS] = f"max-age={transport['AccessControlMaxAgeSec']}; includeSubDomains"
    assert security["ContentTypeOptions"] == {"Override": True}
    sent["X-Content-Type-Options"] = "nosniff"
    assert sent == told
    for behaviour in behaviours(whole):
        assert behaviour["ResponseHeadersPolicyId"] == {"Ref": "SiteHeaders"}


@pytest.mark.parametrize("value", ["max-age=1; preload", "forever", "includeSubDomains"])
def test_a_header_that_cloudfront_would_get_wrong_is_refused(value: str) -> None:
    with pytest.raises((templates.TemplateError, ValueError)):
        templates.headers_policy({templates.HSTS: value})


def test_cloudfront_proves_itself_to_the_api_alone(whole: Json) -> None:
    origins = whole["Resources"]["Site"]["Properties"]["DistributionConfig"]["Origins"]
    [api] = [origin for origin in origins if origin["Id"] == "api"]
    [header] = api["OriginCustomHeaders"]
    variables = whole["Resources"]["APIHandler"]["Properties"]["Environment"]["Variables"]
    assert header["HeaderName"] == "Edge-Proof"
    assert header["HeaderValue"] == variables["EDGE_PROOF"]
    for name, secret in (("EDGE_PROOF", "EdgeSecret"), ("EDGE_PROOF_BEFORE", "EdgeSecretBefore")):
        told = f"{{{{resolve:secretsmanager:${{{secret}}}:SecretString}}}}"
        assert variables[name] == {"Fn::Sub": told}
        assert name not in whole["Globals"]["Function"]["Environment"]["Variables"]


def test_an_exchanged_proof_is_known_before_it_is_sent(whole: Json) -> None:
    """CloudFormation reads a secret anew where a resource changes: one word changes all three.

    CloudFront comes last: its origin names the API, whose definition names the function; its behaviour names what
    depends on the firewall.
    """
    word = "EdgeProofOf"
    resources = whole["Resources"]
    assert word in json.dumps(resources["APIHandler"]["Properties"]["Environment"])
    config = resources["Site"]["Properties"]["DistributionConfig"]
    assert f"${{{word}}}" in config["Comment"]["Fn::Sub"]
    assert f"${{{word}}}" in resources["ApiFirewall"]["Properties"]["Description"]["Fn::Sub"]
    assert resources["ViewerAddress"]["DependsOn"] == "ApiFirewall"
    assert "ViewerAddress" in json.dumps(config)
    [api] = [origin for origin in config["Origins"] if origin["Id"] == "api"]
    assert "${RestAPI}" in api["DomainName"]["Fn::Sub"]


# ---- an exam does not drown with the portal ----


ACCOUNT_A_SECOND = 10_000  # requests that API Gateway allows an account at first
EXAM_A_SECOND = 6_200  # of 100,000 candidates (docs/scale.md)
ROUTES_WITH_ALARMS = {
    ("POST", "/attempts/{attempt_id}/start"),
    ("PUT", "/attempts/{attempt_id}/answers"),
}


def limits(whole: Json) -> dict[tuple[str, str], Json]:
    """By method and path as routes have it."""
    told = whole["Resources"]["RestAPI"]["Properties"]["MethodSettings"]
    return {
        (each["HttpMethod"], each["ResourcePath"].replace("~1", "/").replace("//", "/")): each
        for each in told
    }


def test_each_route_that_is_not_the_exams_has_a_limit_and_no_other(whole: Json) -> None:
    known = limits(whole)
    for unlimited in (("*", "/*"), *ROUTES_WITH_ALARMS):
        assert "ThrottlingRateLimit" not in known.pop(unlimited)
    assert app.app.routes  # it has registered them
    public = {(r.method, r.path) for r in ROUTES if r.role in (Role.PUBLIC, Role.PARTNER)}
    assert set(known) == public
    for route in ROUTES:
        if route.path.startswith("/attempts"):
            assert (route.method, route.path) not in known


def test_limits_are_written_as_api_gateway_wants_them(whole: Json) -> None:
    entries = whole["Resources"]["RestAPI"]["Properties"]["MethodSettings"]
    told = [each for each in entries if "ThrottlingRateLimit" in each]
    paths = {each["ResourcePath"] for each in told}
    assert {"/~1captchas", "/~1exams~1{exam_id}", "/~1partner~1people~1{ref}~1results"} <= paths
    for each in told:
        assert each["ThrottlingBurstLimit"] == each["ThrottlingRateLimit"] > 0


def test_only_routes_with_an_alarm_have_metrics_of_their_own(whole: Json) -> None:
    metrics = {route: each["MetricsEnabled"] for route, each in limits(whole).items()}
    assert {route for route, on in metrics.items() if on is True} == ROUTES_WITH_ALARMS
    rest = {json.dumps(on) for route, on in metrics.items() if route not in ROUTES_WITH_ALARMS}
    assert rest == {'{"Ref": "DetailedApiMetrics"}'}
    assert whole["Parameters"]["DetailedApiMetrics"]["Default"] == "false"
    watched = set()
    for entry in whole["Resources"].values():
        dimensions = entry.get("Properties", {}).get("Dimensions", [])
        named = {each["Name"]: each["Value"] for each in dimensions}
        if "Resource" in named and "Method" in named:
            watched.add((named["Method"], named["Resource"]))
    assert watched == ROUTES_WITH_ALARMS


def test_the_page_of_costs_counts_what_the_template_has(whole: Json) -> None:
    told = (PROJECT / "docs" / "cost.md").read_text("utf-8")
    each = [entry["Properties"] for entry in of_type(whole, ALARM).values()]
    summed = [len(alarm["Metrics"]) for alarm in each if "Metrics" in alarm]
    for row in (
        f"| secrets | {len(of_type(whole, 'AWS::SecretsManager::Secret'))} × 0.40 |",
        f"| keys in KMS | {len(of_type(whole, 'AWS::KMS::Key'))} × 1.00 |",
        f"| alarms on one metric | {len(each) - len(summed)} × 0.10 |",
        f"| alarms on all of a table | {sum(summed)} metrics × 0.10 |",
    ):
        assert row in told


def test_a_flood_of_all_of_them_leaves_the_exam_what_it_needs(whole: Json) -> None:
    rates = {route: each.get("ThrottlingRateLimit", 0) for route, each in limits(whole).items()}
    assert sum(rates.values()) <= ACCOUNT_A_SECOND // 5
    assert sum(rates.values()) + EXAM_A_SECOND < ACCOUNT_A_SECOND
    fullest = 4 * 28  # sign-ins a second: four times the mean of the hour before 100,000 candidates
    for route, times in (
        (("POST", "/captchas"), 1),
        (("POST", "/codes"), 1),
        (("POST", "/sessions"), 1),
        (("GET", "/time"), 5),
        (("GET", "/site"), 1),
        (("GET", "/exams"), 1),
        (("GET", "/exams/{exam_id}"), 1),
        (("POST", "/sso/{provider}/requests"), 1),
        (("POST", "/sso/{provider}/sessions"), 1),
    ):
        assert rates[route] >= times * fullest, route


def test_a_firewall_is_there_when_it_is_wanted(whole: Json) -> None:
    resources = whole["Resources"]
    assert whole["Parameters"]["WafRequests5Min"]["Default"] == 0
    for name in ("ApiFirewall", "ApiFirewallOnTheStage", "ViewerAddress"):
        assert resources[name]["Condition"] == "HasFirewall"
    firewall = resources["ApiFirewall"]["Properties"]
    assert firewall["Scope"] == "REGIONAL"
    proof, rate = firewall["Rules"]
    assert (proof["Priority"], rate["Priority"]) == (0, 1)
    matched = proof["Statement"]["NotStatement"]["Statement"]["OrStatement"]["Statements"]
    variables = resources["APIHandler"]["Properties"]["Environment"]["Variables"]
    assert [each["ByteMatchStatement"]["SearchString"] for each in matched] == [
        variables["EDGE_PROOF"],
        variables["EDGE_PROOF_BEFORE"],
    ]
    for each in matched:
        assert each["ByteMatchStatement"]["PositionalConstraint"] == "EXACTLY"
        assert each["ByteMatchStatement"]["FieldToMatch"] == {
            "SingleHeader": {"Name": "edge-proof"}
        }
    counted = rate["Statement"]["RateBasedStatement"]
    assert counted["Limit"] == {"Ref": "WafRequests5Min"}
    assert counted["ForwardedIPConfig"]["HeaderName"] == "viewer-address"
    assert "viewer-address" in resources["ViewerAddress"]["Properties"]["FunctionCode"]
    _, api = behaviours(whole)
    condition, functions, nothing = api["FunctionAssociations"]["Fn::If"]
    assert (condition, nothing) == ("HasFirewall", {"Ref": "AWS::NoValue"})
    [function] = functions
    assert function["FunctionARN"] == {"Fn::GetAtt": ["ViewerAddress", "FunctionARN"]}


def test_what_the_firewall_says_is_what_the_application_says(whole: Json) -> None:
    bodies = whole["Resources"]["ApiFirewall"]["Properties"]["CustomResponseBodies"]
    for body in bodies.values():
        error = json.loads(body["Content"])["error"]
        assert set(error) == {"code", "message", "details"}
        assert error["code"] in ERRORS


# ---- what API Gateway logs ----


def test_the_access_log_names_nobody(whole: Json) -> None:
    setting = whole["Resources"]["RestAPI"]["Properties"]["AccessLogSetting"]["Fn::If"]
    assert (setting[0], setting[2]) == ("LogsAccess", {"Ref": "AWS::NoValue"})
    told = setting[1]["Format"]
    assert "\n" not in told  # one line each
    assert json.loads(told)["route"] == "$context.httpMethod $context.resourcePath"
    used = set(re.findall(r"\$context\.([\w.]+)", told))
    assert used == {
        *("requestId", "requestTimeEpoch", "httpMethod", "resourcePath", "status"),
        *("responseLatency", "integrationLatency", "responseLength", "error.responseType"),
    }  # no path with ids, no query, no address, no agent
    assert whole["Resources"]["ApiAccessLogGroup"]["Properties"]["RetentionInDays"] == 90
    assert whole["Resources"]["ApiAccessLogGroup"]["DependsOn"] == "AccessLogAccount"
    assert setting[1]["DestinationArn"] == {"Fn::GetAtt": ["ApiAccessLogGroup", "Arn"]}


# ---- data ----


@pytest.mark.parametrize(
    ("kind", "of", "names"),
    [
        ("AWS::S3::Bucket", "AWS::S3::BucketPolicy", "Bucket"),
        ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "Queues"),
        ("AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "Topics"),
    ],
)
def test_nothing_is_said_without_tls(whole: Json, kind: str, of: str, names: str) -> None:
    refusing: list[str] = []
    for policy in of_type(whole, of).values():
        target = policy["Properties"][names]
        [about] = target if isinstance(target, list) else [target]
        statements = policy["Properties"]["PolicyDocument"]["Statement"]
        [refusal] = [s for s in statements if s.get("Sid") == "OnlyEncryptedConnections"]
        assert (refusal["Effect"], refusal["Principal"]) == ("Deny", "*")
        assert refusal["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert about["Ref"] in json.dumps(refusal["Resource"])
        refusing.append(about["Ref"])
    found = of_type(whole, kind)
    assert found
    assert sorted(refusing) == sorted(found)  # each, and once


def test_every_stream_and_every_table_is_watched(whole: Json) -> None:
    """The age of what waits in a stream; what is throttled, of each table and each of its indexes."""
    followed = {
        name
        for name, entry in whole["Resources"].items()
        for event in entry.get("Properties", {}).get("Events", {}).values()
        if "Stream" in event["Properties"]
    }
    aged = {
        a["Dimensions"][0]["Value"]["Ref"]
        for a in alarms(whole).values()
        if a.get("MetricName") == "IteratorAge"
    }
    assert aged == followed
    told = []
    for alarm in alarms(whole).values():
        counted = [m["MetricStat"]["Metric"] for m in alarm.get("Metrics", ()) if "MetricStat" in m]
        assert len(counted) <= 10  # the most that CloudWatch takes in one alarm
        for metric in counted:
            if metric["Namespace"] != "AWS/DynamoDB":
                continue
            dimensions = {d["Name"]: d["Value"] for d in metric["Dimensions"]}
            index = dimensions.get("GlobalSecondaryIndexName", "")
            told.append((dimensions["TableName"]["Ref"], index, metric["MetricName"]))
    wanted = [
        (name, index, f"{what}ThrottleEvents")
        for name, entry in of_type(whole, "AWS::DynamoDB::Table").items()
        for index in (
            "",
            *(i["IndexName"] for i in entry["Properties"].get("GlobalSecondaryIndexes", ())),
        )
        for what in ("Read", "Write")
    ]
    assert sorted(told) == sorted(wanted)


def test_only_cloudfront_reads_the_site_bucket(whole: Json) -> None:
    policy = whole["Resources"]["SiteBucketPolicy"]["Properties"]["PolicyDocument"]
    for statement in policy["Statement"]:
        if statement["Effect"] == "Allow":
            assert statement["Principal"] == {"Service": "cloudfront.amazonaws.com"}
            assert "distribution/${Site}" in json.dumps(statement["Condition"])


def test_all_data_outlives_the_stack(whole: Json) -> None:
    for kind in ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"):
        found = of_type(whole, kind)
        assert found
        for entry in found.values():
            assert entry["DeletionPolicy"] == "RetainExceptOnCreate"
            assert entry["UpdateReplacePolicy"] == "Retain"


def test_no_bucket_of_any_file_is_public(whole: Json) -> None:
    for bucket in of_type(whole, "AWS::S3::Bucket").values():
        assert set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["Properties"]["BucketEncryption"]
    for policy in of_type(whole, "AWS::S3::BucketPolicy").values():
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Deny" or statement["Principal"] != "*"


def test_queues_are_encrypted_and_dead_letters_stay_14_days(whole: Json) -> None:
    for name, queue in of_type(whole, "AWS::SQS::Queue").items():
        assert queue["Properties"]["SqsManagedSseEnabled"] is True
        if name.startswith("Failed"):
            assert queue["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_two_files_that_say_the_same_thing_are_refused(tmp_path: Path) -> None:
    for name in templates.FILES:
        (tmp_path / name).write_text("Resources: {Thing: {Type: A}}\n")
    with pytest.raises(templates.TemplateError, match=r"site\.yaml says /Resources/Thing/Type"):
        templates.compose("dev", tmp_path)
