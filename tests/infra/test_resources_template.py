"""What infra/resources.yaml promises about data: kept, encrypted, private."""

from typing import Any

from chalicelib.attempts.model import PRACTICE_DAYS
from chalicelib.exams.model import ROSTER_PHOTO_DAYS
from chalicelib.own_records import model as own_records
from chalicelib.score_lists import model as score_lists
from chalicelib.shared.clock import DAY_MS

Json = dict[str, Any]


def of_type(resources: Json, kind: str) -> dict[str, Json]:
    return {name: entry for name, entry in resources.items() if entry.get("Type") == kind}


def test_tables_cost_what_they_use_and_can_be_restored(resources: Json) -> None:
    tables = of_type(resources, "AWS::DynamoDB::Table")
    assert set(tables) == {
        "AccountsTable",
        "ExamsTable",
        "AttemptsTable",
        "CasesTable",
        "ResultsTable",
        "PassingTable",
        "OperatorsTable",
    }
    for table in tables.values():
        assert table["Properties"]["BillingMode"] == "PAY_PER_REQUEST"
        assert table["Properties"]["SSESpecification"] == {"SSEEnabled": True}
        assert table["Properties"]["DeletionProtectionEnabled"] == {"Ref": "TablesAreProtected"}
        recovery = table["Properties"]["PointInTimeRecoverySpecification"]
        assert recovery == {"PointInTimeRecoveryEnabled": True}


def test_data_outlives_the_stack(resources: Json) -> None:
    kinds = (
        "AWS::DynamoDB::Table",
        "AWS::S3::Bucket",
        "AWS::SecretsManager::Secret",
        "AWS::KMS::Key",
    )
    for kind in kinds:
        for entry in of_type(resources, kind).values():
            assert entry["DeletionPolicy"] == "RetainExceptOnCreate"
            assert entry["UpdateReplacePolicy"] == "Retain"


def test_keys_and_indexes(resources: Json) -> None:
    def shape(entry: Json) -> str:
        return "+".join(key["AttributeName"] for key in entry["KeySchema"])

    tables = of_type(resources, "AWS::DynamoDB::Table")
    assert {name: shape(table["Properties"]) for name, table in tables.items()} == {
        "AccountsTable": "pk",
        "ExamsTable": "exam_id+sk",
        "AttemptsTable": "attempt_id+sk",
        "CasesTable": "case_id",
        "ResultsTable": "feed+sk",
        "PassingTable": "pk",
        "OperatorsTable": "pk",
    }
    attempts = tables["AttemptsTable"]["Properties"]
    assert {
        index["IndexName"]: (shape(index), index["Projection"]["ProjectionType"])
        for index in attempts["GlobalSecondaryIndexes"]
    } == {
        "by_account": ("account_id+opened_at", "KEYS_ONLY"),
        "by_exam": ("exam_shard+attempt_id", "INCLUDE"),
        "overdue": ("due_bucket+attempt_id", "KEYS_ONLY"),
        "outcomes": ("follow_up+attempt_id", "KEYS_ONLY"),
    }
    projected = {
        name
        for index in attempts["GlobalSecondaryIndexes"]
        for name in index["Projection"].get("NonKeyAttributes", [])
    }
    # All at rest while answers are saved.
    told = {"announced", "receipt", "help"}
    assert projected == {"orders", "started_at", "submitted_at", "cause", "integrity", *told}
    cases = tables["CasesTable"]["Properties"]
    assert {index["IndexName"]: shape(index) for index in cases["GlobalSecondaryIndexes"]} == {
        "waiting": "waits_for+opened_at",
        "notices": "notice_pending+opened_at",
    }
    results = tables["ResultsTable"]["Properties"]
    assert {index["IndexName"]: shape(index) for index in results["GlobalSecondaryIndexes"]} == {
        "by_account": "account_id+issued_at",
        "waiting": "waits_for+ordered_at",
    }
    for table in (attempts, cases, results):
        assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    time_to_live = tables["PassingTable"]["Properties"]["TimeToLiveSpecification"]
    assert time_to_live == {"AttributeName": "expires_at_s", "Enabled": True}


def test_no_bucket_is_public(resources: Json) -> None:
    for bucket in of_type(resources, "AWS::S3::Bucket").values():
        assert set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["Properties"]["BucketEncryption"]


def test_the_private_bucket(resources: Json) -> None:
    bucket = resources["PrivateBucket"]["Properties"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    told = bucket["NotificationConfiguration"]
    assert told["EventBridgeConfiguration"] == {"EventBridgeEnabled": True}
    assert set(told) == {"EventBridgeConfiguration", "QueueConfigurations"}
    rules = {rule.get("Prefix"): rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
    kinds = ("id-photos", "verifications", "snapshots", "tickets", "complaints")
    uploads = {f"incoming/{kind}/" for kind in kinds}
    uploads |= {f"incoming/{kind}/pr_" for kind in ("verifications", "snapshots")}
    kept = {"id-photos/", "tickets/", "complaints/", "cohorts/", "certificates/", "roster-photos/"}
    assert set(rules) == {*uploads, *kept, "speed/", "records/", "score-lists/", None}
    assert rules["records/"]["ExpirationInDays"] * DAY_MS == own_records.KEPT_MS
    assert rules["score-lists/"]["ExpirationInDays"] * DAY_MS == score_lists.KEPT_MS
    assert rules["speed/"]["ExpirationInDays"] == 1
    assert rules["tickets/"]["ExpirationInDays"] == 90
    assert rules["roster-photos/"]["ExpirationInDays"] == ROSTER_PHOTO_DAYS
    assert "ExpirationInDays" not in rules["id-photos/"]  # while a certificate shows it
    frames = resources["EvidenceBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    short, practices, evidence = frames
    assert (practices["Prefix"], practices["ExpirationInDays"]) == ("snapshots/pr_", PRACTICE_DAYS)
    assert (short["TagFilters"], short["ExpirationInDays"]) == (
        [{"Key": "keep", "Value": "short"}],
        90,
    )
    assert evidence["ExpirationInDays"] == rules["complaints/"]["ExpirationInDays"] == 400
    (cors,) = bucket["CorsConfiguration"]["CorsRules"]
    assert cors["AllowedOrigins"] == [{"Ref": "SiteOrigin"}]
    assert cors["AllowedMethods"] == ["POST", "PUT"]


def test_sealed_pictures_are_fetched_by_our_page_alone(resources: Json) -> None:
    (cors,) = resources["PapersBucket"]["Properties"]["CorsConfiguration"]["CorsRules"]
    assert cors["AllowedOrigins"] == [{"Ref": "SiteOrigin"}]
    assert cors["AllowedMethods"] == ["GET"]
