"""What infra/evidence.yaml promises: one function signs timelines, and a lock that deletion on request can pass by."""

import json
from typing import Any

import pytest

from infra import package, templates

Json = dict[str, Any]
SIGNING = "kms:GenerateMac"
PASSING_BY = "s3:BypassGovernanceRetention"


@pytest.fixture(scope="module")
def whole() -> Json:
    return templates.compose("prod", package.PROJECT / "infra")


def statements_of_functions() -> dict[str, list[Json]]:
    """The policy of each packaged function."""
    config = json.loads((package.PROJECT / ".chalice/config.json").read_text("utf-8"))
    return {
        name: json.loads(
            (package.PROJECT / ".chalice" / entry["iam_policy_file"]).read_text("utf-8")
        )["Statement"]
        for name, entry in config["lambda_functions"].items()
    }


def who_may(action: str) -> set[str]:
    return {
        name
        for name, statements in statements_of_functions().items()
        if any(action in statement["Action"] for statement in statements)
    }


def test_one_function_alone_signs_and_no_policy_of_the_account_gives_that_away(whole: Json) -> None:
    key = whole["Resources"]["EvidenceKey"]["Properties"]
    assert (key["KeySpec"], key["KeyUsage"]) == ("HMAC_256", "GENERATE_VERIFY_MAC")
    one, rest = key["KeyPolicy"]["Statement"]
    assert one["Action"] == SIGNING
    assert one["Principal"] == {"AWS": {"Fn::GetAtt": ["ChangesRecordChangesRole", "Arn"]}}
    for action in rest["Action"]:
        assert "*" not in action
    forbidden = {SIGNING, "kms:CreateGrant", "kms:ReplicateKey"}
    assert not forbidden & set(rest["Action"])
    # Without these nobody could look after the key, or check what it has signed.
    assert {"kms:PutKeyPolicy", "kms:VerifyMac", "kms:DescribeKey"} <= set(rest["Action"])


def test_who_may_sign_check_and_pass_the_lock_by() -> None:
    assert who_may(SIGNING) == {"changes_record_changes"}
    checking = {"audits_verify_attempt", "widgets_show_attempt"}
    assert who_may("kms:VerifyMac") == who_may("kms:DescribeKey") == checking
    assert who_may(PASSING_BY) == {"deletions_delete_person_data"}


def test_no_function_removes_or_replaces_a_seal() -> None:
    sealing = "${EvidenceBucket.Arn}/timelines/*"
    for name, statements in statements_of_functions().items():
        for statement in statements:
            wanted = statement.get("Resource", [])  # or all but some
            resources = wanted if isinstance(wanted, list) else [wanted]
            if {"Fn::Sub": sealing} in resources:
                allowed = {"s3:GetObject", "s3:GetObjectVersion"}
                allowed |= {"s3:PutObject"} if name == "changes_record_changes" else set()
                assert set(statement["Action"]) <= allowed, name


def test_the_lock_is_off_unless_chosen_and_ends_with_what_the_agreement_promises(
    whole: Json,
) -> None:
    days = whole["Parameters"]["EvidenceLockDays"]
    bucket = whole["Resources"]["EvidenceBucket"]["Properties"]
    rules = bucket["LifecycleConfiguration"]["Rules"]
    assert (days["Default"], days["MinValue"]) == (0, 0)
    # Frames of a practice are evidence of nothing: they stay as long as a lock (docs/data.md).
    kept = [rule["ExpirationInDays"] for rule in rules if rule.get("Prefix") != "snapshots/pr_"]
    assert days["MaxValue"] == min(kept) == 90
    condition, locked, off = bucket["ObjectLockConfiguration"]["Fn::If"]
    assert whole["Conditions"][condition] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "EvidenceLockDays"}, 0]}]
    }
    assert locked["Rule"]["DefaultRetention"] == {
        "Mode": "GOVERNANCE",
        "Days": {"Ref": "EvidenceLockDays"},
    }
    assert off == {"Ref": "AWS::NoValue"}
    assert bucket["ObjectLockEnabled"]["Fn::If"] == [condition, True, off]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}  # there is no lock without


def test_seals_stay_as_long_as_timelines(whole: Json) -> None:
    rules = whole["Resources"]["EvidenceBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    for rule in rules:
        assert rule.get("Prefix", "").startswith("snapshots/") or "TagFilters" in rule
