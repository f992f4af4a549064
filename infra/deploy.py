"""`python -m infra.deploy prod`: deploy the package and the built page to AWS. `--dry-run` only prints the commands.

Each step is one call of the AWS API, printed as the command of the AWS CLI that would do the same. A second run
uploads what is new and changes what differs. `--undeploy` takes the stack down; tables, buckets and secrets stay.
"""

import argparse
import copy
import hashlib
import json
import mimetypes
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from boto3.session import Session
from botocore.exceptions import UnknownRegionError

from infra import mainland, regions
from infra.aws_commands import Aws, account_of, arguments_of_a_stage
from infra.languages import PAGE
from infra.package import PROJECT, TEMPLATE, read_template

POLL_S = 5.0
ONLY_FORWARD = "IN_PROGRESS"
BEGINNINGS = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS")
CONSEQUENCE = "cancelled"  # the reason of CloudFormation for resources that it stops because another one failed
NOTHING_NEW = ("didn't contain changes", "No updates are to be performed")
NOT_YET = "https://not-yet.invalid"  # the value of SiteOrigin until CloudFront has given an address
SITE_CACHE = json.loads((PROJECT / "infra" / "site_headers.json").read_text("utf-8"))["cache"]
PROTECTION = "TablesAreProtected"
FORMS = {".br": "br", ".gz": "gzip"}
Json = dict[str, Any]


class DeployError(Exception):
    """A deployment that cannot continue. The message is shown to the user."""


def stack_name(stage: str) -> str:
    """Return the name of the stack of a stage. The names of functions, alarms and roles begin with it."""
    return f"kaochang-{stage}"


class Deployment:
    """One run for one stage. `rest` is called between two checks of a change that is under way."""

    def __init__(self, aws: Aws, stage: str, *, rest: Callable[[], None]) -> None:
        self._aws = aws
        self._stack = stack_name(stage)
        self._rest = rest

    def deploy(self, package: Path, site: Path, given: dict[str, str]) -> dict[str, str]:
        """Upload the package, bring the stack up to date, upload the page. Returns the stack's outputs.

        Raises `DeployError` when CloudFormation refuses, a parameter is unknown, one that is needed is missing, or no
        text message could be sent.
        """
        template = read_template(package)
        unknown = set(given) - set(template["Parameters"])
        if unknown:
            raise DeployError(f"no such parameter: {', '.join(sorted(unknown))}")
        present = self._parameters_of_the_stack()
        # A first deployment that fails removes its tables, so that a second try is possible.
        first = {} if present else {PROTECTION: "false"}
        parameters = _parameters(template, {**first, **given}, present)
        if problem := regions.sms_problem(self._aws.region, _in_force(template, given, present)):
            raise DeployError(problem)
        address = self._upload_package(package, template)
        outputs = self._apply(address, parameters)
        again: dict[str, str] = {}
        origin = given.get("SiteOrigin") or present.get("SiteOrigin", NOT_YET)
        if origin == NOT_YET:  # CloudFront has given the address in this run
            again["SiteOrigin"] = outputs["SiteAddress"]
        if (first or origin == NOT_YET) and PROTECTION not in given:
            again[PROTECTION] = "true"
        if again:
            parameters_again = _parameters(template, {**given, **again}, {**present, **given})
            outputs = self._apply(address, parameters_again)
        headers = None
        if "PageHeaders" in template["Outputs"]:
            headers = json.loads(outputs.get("PageHeaders", "{}"))
        self._upload_site(site, outputs, headers)
        return outputs

    def undeploy(self) -> None:
        """Take the stack down. Its tables, buckets and secrets have `DeletionPolicy: Retain`."""
        self._aws.call("cloudformation", "delete_stack", StackName=self._stack)
        while (status := self._status()) is not None:
            if not status.endswith(ONLY_FORWARD):
                failed = "\n".join(self._failures())
                raise DeployError(f"deleting {self._stack} ended in {status}\n{failed}".rstrip())
            self._rest()

    def _upload_package(self, package: Path, template: Json) -> str:
        """Upload archives and template under the hash of their content. Returns the URL of the template."""
        account = self._aws.call("sts", "get_caller_identity")["Account"]
        bucket = f"kaochang-packages-{account}-{self._aws.region}"
        self._make_bucket(bucket)
        uploaded = copy.deepcopy(template)
        places: dict[str, str] = {}
        for resource in uploaded["Resources"].values():
            for key in ("CodeUri", "ContentUri"):
                archive = resource.get("Properties", {}).get(key)
                if archive is not None and archive not in places:
                    name = self._upload_once(bucket, package / archive)
                    places[archive] = f"s3://{bucket}/{name}"
                if archive is not None:
                    resource["Properties"][key] = places[archive]
        ready = package / "uploaded.json"
        ready.write_text(json.dumps(uploaded, ensure_ascii=False), "utf-8")
        return f"{self._aws.endpoint('s3')}/{bucket}/{self._upload_once(bucket, ready)}"

    def _make_bucket(self, bucket: str) -> None:
        if self._aws.exists("s3", "head_bucket", Bucket=bucket):
            return
        where = {"LocationConstraint": self._aws.region}
        placed = {"CreateBucketConfiguration": where} if self._aws.region != "us-east-1" else {}
        self._aws.call("s3", "create_bucket", Bucket=bucket, **placed)
        closed = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy")
        self._aws.call(
            "s3",
            "put_public_access_block",
            Bucket=bucket,
            PublicAccessBlockConfiguration=dict.fromkeys((*closed, "RestrictPublicBuckets"), True),
        )
        self._aws.call(
            "s3", "put_bucket_policy", Bucket=bucket, Policy=_tls_only(bucket, self._aws.region)
        )

    def _upload_once(self, bucket: str, file: Path) -> str:
        key = hashlib.sha256(file.read_bytes()).hexdigest() + file.suffix
        if not self._aws.exists("s3", "head_object", Bucket=bucket, Key=key):
            self._aws.call("s3", "put_object", Bucket=bucket, Key=key, Body=file)
        return key

    def _parameters_of_the_stack(self) -> dict[str, str]:
        stack = self._look()
        entries = stack.get("Parameters", []) if stack else []
        return {entry["ParameterKey"]: entry["ParameterValue"] for entry in entries}

    def _look(self) -> Json | None:
        if not self._aws.exists("cloudformation", "describe_stacks", StackName=self._stack):
            return None
        answer = self._aws.call("cloudformation", "describe_stacks", StackName=self._stack)
        stack: Json = answer["Stacks"][0]
        return stack if stack["StackStatus"] != "REVIEW_IN_PROGRESS" else None

    def _status(self) -> str | None:
        stack = self._look()
        status = stack["StackStatus"] if stack else None
        return None if status == "DELETE_COMPLETE" else status

    def _apply(self, template: str, parameters: list[Json]) -> dict[str, str]:
        """Make a change set, check it and execute it. Returns the outputs of the stack."""
        status = self._status()
        if status == "ROLLBACK_COMPLETE":
            raise DeployError(
                f"the first try failed: make undeploy CONFIRM={self._stack}, then again"
            )
        kind = "UPDATE" if status else "CREATE"
        fingerprint = json.dumps([template, parameters], sort_keys=True)
        name = "deploy-" + hashlib.sha256(fingerprint.encode()).hexdigest()[:16]
        which = {"StackName": self._stack, "ChangeSetName": name}
        if self._aws.exists("cloudformation", "describe_change_set", **which):
            self._aws.call("cloudformation", "delete_change_set", **which)
        self._aws.call(
            "cloudformation",
            "create_change_set",
            **which,
            ChangeSetType=kind,
            TemplateURL=template,
            Parameters=parameters,
            Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        if self._has_changes(which):
            self._aws.call("cloudformation", "execute_change_set", **which)
        else:
            self._aws.call("cloudformation", "delete_change_set", **which)
        return self._outputs()

    def _failures(self) -> list[str]:
        """Return what failed in the newest change of the stack, one line each, causes first.

        A resource that was stopped only because another one failed is listed when there is no other cause.
        """
        failures: list[tuple[str, str]] = []
        for event in self._events():  # the newest first
            of_the_stack = event["PhysicalResourceId"] == event["StackId"]
            if of_the_stack and event["ResourceStatus"] in BEGINNINGS:
                break
            if event["ResourceStatus"].endswith("_FAILED") and not of_the_stack:
                reason = event.get("ResourceStatusReason", "no reason given")
                name, kind = event["LogicalResourceId"], event["ResourceType"]
                failures.insert(
                    0, (reason, f"  {name} ({kind}) {event['ResourceStatus']}: {reason}")
                )
        causes = [line for reason, line in failures if CONSEQUENCE not in reason.lower()]
        return causes or [line for _, line in failures]

    def _events(self) -> Iterator[Json]:
        page: Json = {}
        while True:
            asked = {"NextToken": page["NextToken"]} if page else {}
            page = self._aws.call(
                "cloudformation", "describe_stack_events", StackName=self._stack, **asked
            )
            yield from page["StackEvents"]
            if not page.get("NextToken"):
                return

    def _has_changes(self, which: Json) -> bool:
        while True:
            made = self._aws.call("cloudformation", "describe_change_set", **which)
            if made["Status"] == "CREATE_COMPLETE":
                return True
            reason = made.get("StatusReason", "")
            if made["Status"] == "FAILED":
                if any(words in reason for words in NOTHING_NEW):
                    return False
                raise DeployError(f"CloudFormation refuses the template: {reason}")
            self._rest()

    def _outputs(self) -> dict[str, str]:
        while True:
            answer = self._aws.call("cloudformation", "describe_stacks", StackName=self._stack)
            stack = answer["Stacks"][0]
            status = stack["StackStatus"]
            if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
                return {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])}
            if not status.endswith(ONLY_FORWARD):
                reason = stack.get("StackStatusReason", "see its events")
                lines = [f"{self._stack} ended in {status}: {reason}", *self._failures()]
                raise DeployError("\n".join(lines))
            self._rest()

    def _upload_site(
        self, site: Path, outputs: dict[str, str], page_headers: dict[str, str] | None
    ) -> None:
        """Upload the pages of all languages last, so that their files exist before. Old files stay for open pages."""
        for upload in site_uploads(site, page_headers):
            self._aws.call("s3", "put_object", Bucket=outputs["SiteBucketName"], **upload)
        pages = _pages(site)
        content = b"".join((site / page).read_bytes() for page in pages)
        self._aws.call(
            "cloudfront",
            "create_invalidation",
            DistributionId=outputs["SiteDistribution"],
            InvalidationBatch={
                "Paths": {"Quantity": len(pages), "Items": [f"/{page}" for page in pages]},
                "CallerReference": hashlib.sha256(content).hexdigest()[:32],
            },
        )


def _in_force(template: Json, given: dict[str, str], present: dict[str, str]) -> dict[str, str]:
    """Return the parameters that have a value: the given one, that of the stack, or the default of the template."""
    declared = template["Parameters"].items()
    defaults = {name: str(p["Default"]) for name, p in declared if "Default" in p}
    kept = {name: present[name] for name in present if name in template["Parameters"]}
    return {**defaults, **kept, **given}


def _tls_only(bucket: str, region: str) -> str:
    """Return the policy of the bucket of packages. The buckets of the stack have theirs in the template."""
    partition = "aws-cn" if region.startswith("cn-") else "aws"
    arn = f"arn:{partition}:s3:::{bucket}"
    statement = {
        "Sid": "OnlyEncryptedConnections",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _parameters(template: Json, given: dict[str, str], present: dict[str, str]) -> list[Json]:
    """Return each parameter: the given value, else the stack's present one, else the default of the template."""
    entries: list[Json] = []
    for name, parameter in template["Parameters"].items():
        if name in given:
            entries.append({"ParameterKey": name, "ParameterValue": given[name]})
        elif name in present:
            entries.append({"ParameterKey": name, "UsePreviousValue": True})
        elif "Default" not in parameter:
            if name != "SiteOrigin":
                raise DeployError(f"the parameter {name} must be given")
            entries.append({"ParameterKey": name, "ParameterValue": NOT_YET})
    return entries


def _pages(site: Path) -> list[str]:
    """Return the page of each language, below the folder of the built page."""
    return sorted(page.relative_to(site).as_posix() for page in site.rglob(PAGE))


def site_uploads(site: Path, page_headers: dict[str, str] | None = None) -> Iterator[Json]:
    """Return each file of the built page with its S3 metadata: type, compression and cache time.

    `page_headers`: where nothing at the edge adds headers or chooses forms (infra/mainland.py), the page carries
    its headers as metadata, and of a file with smaller forms only gzip is uploaded, under the file's own name.
    """
    files = [file for file in sorted(site.rglob("*")) if file.is_file()]
    shown = [file for file in files if not file.relative_to(site).parts[0].startswith(".")]
    if site / PAGE not in shown:
        raise DeployError(f"{site} holds no built page: make web")
    if page_headers is not None:
        shown = [file for file in shown if file.suffix not in FORMS]
    pages = _pages(site)
    for file in sorted(shown, key=lambda file: file.relative_to(site).as_posix() in pages):
        path = "/" + file.relative_to(site).as_posix()
        encoding = FORMS.get(file.suffix)
        plain = file.with_suffix("") if encoding else file
        small = file.with_name(f"{file.name}.gz")
        if page_headers is not None and small.is_file():
            file, encoding = small, "gzip"
        upload: Json = {
            "Key": path[1:],
            "Body": file,
            "ContentType": mimetypes.guess_type(plain.name)[0] or "application/octet-stream",
            "CacheControl": next(
                age for start, age in SITE_CACHE.items() if path.startswith(start)
            ),
        }
        if page_headers is not None and path[1:] in pages:
            upload["Metadata"] = page_headers
        yield upload | ({"ContentEncoding": encoding} if encoding else {})


def main() -> int:
    """Deploy or take down a stage. Returns 1 and prints the reason when it fails."""
    parser = arguments_of_a_stage("infra.deploy", "Deploy a stage.")
    parser.add_argument("parameters", nargs="*", help="Name=value, such as AlarmEmail=a@example.cn")
    parser.add_argument("--package", type=Path, default=PROJECT / "build" / "package")
    parser.add_argument("--site", type=Path, default=PROJECT / "web" / "dist")
    parser.add_argument("--undeploy", action="store_true", help="take down; data stays")
    parser.add_argument("--confirm", default="", help="name of the stack, to take it down")
    asked = parser.parse_intermixed_args()
    aws = account_of(asked)
    if aws is None:
        return 1
    run = Deployment(aws, asked.stage, rest=lambda: time.sleep(POLL_S))
    try:
        if asked.undeploy:
            return _take_down(run, asked)
        given = dict(word.partition("=")[::2] for word in asked.parameters)
        _check_package(asked.package, asked.stage, asked.region)
        outputs = run.deploy(asked.package, asked.site, given)
    except DeployError as error:
        print(error, file=sys.stderr)
        return 1
    for name, value in sorted(outputs.items()):
        print(f"{name}\t{value}")
    return 0


def _partition(region: str) -> str:
    try:
        return str(Session().get_partition_for_region(region))
    except UnknownRegionError:
        raise DeployError(f"{region} is no region of AWS\n{regions.no_region()}") from None


def _check_package(package: Path, stage: str, region: str) -> None:
    partition = _partition(region)
    how = f"make package STAGE={stage} PARTITION={partition}"
    if not (package / TEMPLATE).is_file():
        raise DeployError(f"{package} holds no package: {how}")
    template = read_template(package)
    built_for = template["Parameters"]["Stage"]["Default"]
    if built_for != stage:
        raise DeployError(f"{package} was built for {built_for}: {how}")
    if mainland.partition_of(template) != partition:
        built_for = mainland.partition_of(template)
        raise DeployError(f"{package} was built for {built_for}, {region} is in {partition}: {how}")


def _take_down(run: Deployment, asked: argparse.Namespace) -> int:
    stack = stack_name(asked.stage)
    if asked.confirm != stack and not asked.dry_run:
        raise DeployError(f"say CONFIRM={stack} to take {stack} down; its data stays")
    run.undeploy()
    print(f"{stack} is down. Tables, buckets and secrets are kept (docs/deployment.md).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
