"""`make deploy DRY_RUN=1`: every command, no account, nothing done."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ParamValidationError

from infra import deploy, package, templates
from infra.aws_commands import DryRun, command
from infra.package import PROJECT


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    """A package as far as a dry run looks at it."""
    template = templates.compose("prod", PROJECT / "infra")
    template["Resources"]["APIHandler"]["Properties"]["CodeUri"] = "./deployment.zip"
    (tmp_path / package.TEMPLATE).write_text(json.dumps(template))
    for archive in archives(template):
        (tmp_path / archive).write_bytes(archive.encode())
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("page")
    return tmp_path


def archives(template: package.Json) -> set[str]:
    properties = [entry.get("Properties", {}) for entry in template["Resources"].values()]
    return {told[key] for told in properties for key in ("CodeUri", "ContentUri") if key in told}


def run(ready: Path, *more: str, stage: str = "prod") -> subprocess.CompletedProcess[str]:
    """With no environment: no credentials, no region."""
    words = [sys.executable, "-m", "infra.deploy", stage, "--package", str(ready)]
    words += ["--site", str(ready / "site"), "--region", "ap-southeast-1", *more]
    return subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, env={})


def test_every_command_is_printed_and_none_is_done(ready: Path) -> None:
    done = run(ready, "--dry-run", "AlarmEmail=ops@example.cn")
    assert done.returncode == 0, done.stderr
    lines = [shlex.split(line) for line in done.stdout.splitlines() if line.startswith("aws ")]
    said = [" ".join(words[1:3]) for words in lines]
    assert said == [
        "sts get-caller-identity",
        "s3api create-bucket",
        "s3api put-public-access-block",
        "s3api put-bucket-policy",
        *["s3api put-object"]
        * (len(archives(package.read_template(ready))) + 1),  # and the template
        *["cloudformation create-change-set", "cloudformation describe-change-set"],
        *["cloudformation execute-change-set", "cloudformation describe-stacks"],
        *["cloudformation describe-stacks"] * 1,
        *["cloudformation create-change-set", "cloudformation describe-change-set"],
        *["cloudformation execute-change-set", "cloudformation describe-stacks"],
        "s3api put-object",
        "cloudfront create-invalidation",
    ]
    created = [words for words in lines if words[2] == "create-change-set"]
    first, second = (json.loads(words[words.index("--parameters") + 1]) for words in created)
    assert {"ParameterKey": "AlarmEmail", "ParameterValue": "ops@example.cn"} in first
    assert {"ParameterKey": "SiteOrigin", "ParameterValue": "<SiteAddress>"} in second
    [policy] = [words[-1] for words in lines if words[2] == "put-bucket-policy"]
    assert json.loads(policy)["Statement"][0]["Resource"] == [
        f"arn:aws:s3:::kaochang-packages-<account>-ap-southeast-1{below}" for below in ("", "/*")
    ]


@pytest.mark.parametrize("more", [[], ["--undeploy"]])
def test_without_a_region_nothing_begins_and_it_is_said_what_to_give(
    ready: Path, more: list[str]
) -> None:
    done = run(ready, "--dry-run", "--region", "", *more)
    assert (done.returncode, done.stdout) == (1, "")
    assert "REGION=" in done.stderr
    assert "ap-southeast-1" in done.stderr
    assert "ap-east-1" not in done.stderr
    assert "SmsProvider=aliyun" in done.stderr


@pytest.mark.parametrize("target", ["deploy", "undeploy"])
def test_make_says_so_before_it_builds_anything(target: str) -> None:
    words = ["make", "--no-print-directory", target, "STAGE=prod", "REGION="]
    done = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert done.stdout == ""
    assert "REGION=" in done.stderr
    assert "us-east-1" in done.stderr


def test_where_aws_sends_no_sms_another_provider_is_needed(ready: Path) -> None:
    refused = run(ready, "--dry-run", "--region", "ap-east-1")
    assert refused.returncode == 1
    assert "no text messages from ap-east-1" in refused.stderr
    assert "put-object" not in refused.stdout


def test_a_region_that_does_not_exist_is_called_so(ready: Path) -> None:
    refused = run(ready, "--dry-run", "--region", "nowhere-1")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "nowhere-1 is no region of AWS" in refused.stderr
    assert "us-east-1" in refused.stderr


def test_in_hong_kong_a_stage_with_a_provider_of_its_own_goes_on(ready: Path) -> None:
    sms = ["SmsProvider=https", "SmsUrl=https://sms.example.cn/"]
    done = run(ready, "--dry-run", "--region", "ap-east-1", *sms)
    assert done.returncode == 0, done.stderr


def protected(done: subprocess.CompletedProcess[str]) -> list[str | None]:
    """What each change set says about the tables."""
    created = [line for line in done.stdout.splitlines() if "create-change-set" in line]
    told = [shlex.split(line) for line in created]
    parameters = [json.loads(words[words.index("--parameters") + 1]) for words in told]
    return [
        {p["ParameterKey"]: p.get("ParameterValue") for p in each}.get("TablesAreProtected")
        for each in parameters
    ]


@pytest.mark.parametrize("given", [(), ("SiteOrigin=https://exam.example.cn",)])
def test_tables_are_protected_when_the_first_deployment_has_succeeded(
    ready: Path, given: tuple[str, ...]
) -> None:
    """One that fails has to take them back. With an own domain nothing else would need a second change set."""
    assert protected(run(ready, "--dry-run", *given)) == ["false", "true"]


@pytest.mark.parametrize("value", ["true", "false"])
def test_what_is_said_of_the_tables_holds_from_the_beginning(ready: Path, value: str) -> None:
    domain = "SiteOrigin=https://exam.example.cn"
    given = (domain, f"TablesAreProtected={value}")
    assert protected(run(ready, "--dry-run", *given)) == [value]


def test_taking_down_shows_its_command(ready: Path) -> None:
    done = run(ready, "--dry-run", "--undeploy")
    assert "aws cloudformation delete-stack --stack-name kaochang-prod" in done.stdout


def test_taking_down_for_good_needs_the_name_of_the_stack(ready: Path) -> None:
    done = run(ready, "--undeploy", "--confirm", "kaochang-dev")
    assert done.returncode == 1
    assert "CONFIRM=kaochang-prod" in done.stderr


def test_a_package_of_another_stage_is_refused(ready: Path) -> None:
    done = run(ready, "--dry-run", stage="dev")
    assert done.returncode == 1
    assert "built for prod" in done.stderr


def test_a_package_of_another_partition_is_refused(ready: Path) -> None:
    done = run(ready, "--dry-run", "--region", "cn-north-1")
    assert done.returncode == 1
    assert "make package STAGE=prod PARTITION=aws-cn" in done.stderr


BY_HTTPS = ("SmsProvider=https", "SmsUrl=https://sms.example.cn/")


def for_china(ready: Path) -> None:
    """As much of an adapted template as a deployment looks at."""
    template = package.read_template(ready)
    template["Metadata"] = {"Partition": "aws-cn"}
    template["Outputs"]["PageHeaders"] = {"Value": "{}"}
    for name in ("SiteDomain", "IamCertificateId"):
        template["Parameters"][name] = {"Type": "String"}
    template["Parameters"]["SmsProvider"].pop("Default")
    (ready / package.TEMPLATE).write_text(json.dumps(template))


def test_a_deployment_in_china_wants_domain_and_certificate_before_it_does_anything(
    ready: Path,
) -> None:
    for_china(ready)
    given = ("SiteDomain=exam.example.cn", *BY_HTTPS)
    done = run(ready, "--dry-run", "--region", "cn-north-1", *given)
    assert done.returncode == 1
    assert "the parameter IamCertificateId must be given" in done.stderr
    assert done.stdout == ""


def test_a_deployment_in_china_puts_the_headers_beside_the_page(ready: Path) -> None:
    for_china(ready)
    given = ("SiteDomain=exam.example.cn", "IamCertificateId=ASCAEXAMPLEEXAMPLE", *BY_HTTPS)
    done = run(ready, "--dry-run", "--region", "cn-north-1", *given)
    assert done.returncode == 0, done.stderr
    lines = [shlex.split(line) for line in done.stdout.splitlines()]
    [page] = [line for line in lines if "index.html" in line]
    assert "--metadata" in page
    template = next(line for line in lines if "--template-url" in line)
    address = template[template.index("--template-url") + 1]
    assert address.startswith("https://s3.cn-north-1.amazonaws.com.cn/kaochang-packages-")


def test_a_deployment_in_china_needs_a_provider_of_its_own(ready: Path) -> None:
    for_china(ready)
    given = ("SiteDomain=exam.example.cn", "IamCertificateId=ASCAEXAMPLEEXAMPLE")
    for more, said in (
        ((), "the parameter SmsProvider must be given"),
        (("SmsProvider=sns",), "no text messages from cn-north-1"),
    ):
        done = run(ready, "--dry-run", "--region", "cn-north-1", *given, *more)
        assert done.returncode == 1
        assert said in done.stderr
        assert done.stdout == ""


def test_a_second_deployment_keeps_what_has_no_default() -> None:
    template = {
        "Parameters": {"SmsProvider": {}, "SmsUrl": {"Default": ""}, "Hotline": {"Default": "1"}}
    }
    known = {"SmsProvider": "https", "SmsUrl": "https://sms.example.cn/", "Gone": "x"}
    assert deploy._in_force(template, {"Hotline": "2"}, known) == {
        **{"SmsProvider": "https", "SmsUrl": "https://sms.example.cn/", "Hotline": "2"}
    }


def test_without_a_package_nothing_begins(tmp_path: Path) -> None:
    done = run(tmp_path, "--dry-run")
    assert done.returncode == 1
    assert "make package STAGE=prod" in done.stderr


def test_a_call_that_aws_would_refuse_fails_in_the_dry_run_too() -> None:
    with pytest.raises(ParamValidationError, match="Bukket"):
        DryRun("ap-east-1").call("s3", "create_bucket", Bukket="x")


def test_a_command_can_be_pasted_into_a_shell() -> None:
    told = {"Bucket": "b", "Body": Path("a file"), "Tags": [{"Key": "k"}], "Force": True}
    assert shlex.split(command("s3", "put_object", told)) == [
        *("aws", "s3api", "put-object", "--bucket", "b", "--body", "a file"),
        *("--tags", '[{"Key": "k"}]', "--force"),
    ]
