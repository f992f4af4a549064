"""Calls of the AWS API. Each is printed as a command of the AWS CLI, and made unless it is a dry run."""

import argparse
import json
import shlex
import sys
from pathlib import Path
from typing import Any, Protocol

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError
from botocore.validate import ParamValidator

from infra import regions

CLI_SERVICES = {"s3": "s3api"}
MISSING = {
    *("404", "NoSuchBucket", "NoSuchKey", "ValidationError", "ChangeSetNotFound"),
    "ProvisionedConcurrencyConfigNotFoundException",
}
Json = dict[str, Any]


class Aws(Protocol):
    """What a deployment needs of AWS."""

    region: str

    def call(self, service: str, operation: str, **arguments: Any) -> Json:
        """Make one call and return its answer. A `Path` as argument stands for the content of the file."""

    def exists(self, service: str, operation: str, **arguments: Any) -> bool:
        """Whether the thing that a call reads exists."""

    def endpoint(self, service: str) -> str:
        """Return the URL of a service, without a slash at the end."""


def command(service: str, operation: str, arguments: Json) -> str:
    """Return a call as a command line of the AWS CLI."""
    words = ["aws", CLI_SERVICES.get(service, service), operation.replace("_", "-")]
    for name, value in arguments.items():
        option = "--" + xform_name(name, "-")
        if isinstance(value, bool):
            words.append(option if value else "--no-" + option[2:])
        elif isinstance(value, dict | list):
            words += [option, json.dumps(value, ensure_ascii=False)]
        else:
            words += [option, str(value)]
    return shlex.join(words)


class Account:
    """A real account, or an endpoint with the same API (`AWS_ENDPOINT_URL`)."""

    def __init__(self, region: str, endpoint_url: str | None = None, **session: str) -> None:
        self.region = region
        self._endpoint_url = endpoint_url
        self._session = boto3.session.Session(region_name=region, **session)
        self._clients: dict[str, Any] = {}

    def call(self, service: str, operation: str, **arguments: Any) -> Json:
        """Print the call and make it. Raises botocore's `ClientError`."""
        print(command(service, operation, arguments), flush=True)
        return self._do(service, operation, arguments)

    def exists(self, service: str, operation: str, **arguments: Any) -> bool:
        """Return False when the thing is missing. Raises botocore's `ClientError` for any other error."""
        try:
            self._do(service, operation, arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] not in MISSING:
                raise
            return False
        return True

    def endpoint(self, service: str) -> str:
        """Return the URL that boto3 uses, without the bucket."""
        return str(self._client(service).meta.endpoint_url)

    def _do(self, service: str, operation: str, arguments: Json) -> Json:
        sent = {
            name: value.read_bytes() if isinstance(value, Path) else value
            for name, value in arguments.items()
        }
        answer: Json = getattr(self._client(service), operation)(**sent)
        return answer

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            config = Config(s3={"addressing_style": "path"}) if self._endpoint_url else None
            make: Any = self._session.client
            self._clients[service] = make(service, endpoint_url=self._endpoint_url, config=config)
        return self._clients[service]


class DryRun:
    """No account: prints the calls, and checks each against AWS's description of the API.

    A deployment is a first one, and what was warmed is to be taken away.
    """

    def __init__(self, region: str) -> None:
        self.region = region
        nobody = dict.fromkeys(("aws_access_key_id", "aws_secret_access_key"), "none")
        self._account = Account(region, **nobody)
        self._stack_is_up = False

    def call(self, service: str, operation: str, **arguments: Any) -> Json:
        """Print the call. Values that only AWS knows are names in angle brackets in the answer."""
        print(command(service, operation, arguments), flush=True)
        self._check(service, operation, arguments)
        self._stack_is_up |= operation == "execute_change_set"
        return {
            "Account": "<account>",
            "Status": "CREATE_COMPLETE",
            "Stacks": [{"StackStatus": "CREATE_COMPLETE", "Outputs": _OUTPUTS}],
            "StackResourceDetail": {
                "PhysicalResourceId": f"<{arguments.get('LogicalResourceId')}>"
            },
            "Table": {"GlobalSecondaryIndexes": [{"IndexName": name} for name in _INDEXES]},
            "Version": "<version>",
        } | ({"Status": "READY"} if service == "lambda" else {})

    def exists(self, service: str, operation: str, **arguments: Any) -> bool:
        """Whether this run has made the thing, or is to take it away; nothing else exists before."""
        self._check(service, operation, arguments)
        is_warm = operation == "get_provisioned_concurrency_config"
        return is_warm or (operation == "describe_stacks" and self._stack_is_up)

    def endpoint(self, service: str) -> str:
        """Return the URL of the service in the region."""
        return self._account.endpoint(service)

    def _check(self, service: str, operation: str, arguments: Json) -> None:
        client = self._account._client(service)
        model = client.meta.service_model.operation_model(
            client.meta.method_to_api_mapping[operation]
        )
        sent = {name: b"" if isinstance(v, Path) else v for name, v in arguments.items()}
        report = ParamValidator().validate(sent, model.input_shape) if model.input_shape else None
        if report is not None and report.has_errors():
            raise ParamValidationError(report=report.generate_report())


_INDEXES = ("by_exam", "overdue")  # of the attempts table, those that a start writes to
_OUTPUTS = [
    {"OutputKey": name, "OutputValue": f"<{name}>"}
    for name in ("SiteAddress", "SiteBucketName", "SiteDistribution")
]


def arguments_of_a_stage(prog: str, what: str) -> argparse.ArgumentParser:
    """Return the command line that all commands about a stage share: the stage, its region, whether to do it."""
    parser = argparse.ArgumentParser(prog=f"python -m {prog}", description=what)
    parser.add_argument("stage")
    parser.add_argument("--region", default="", help="where; there is no default")
    parser.add_argument("--dry-run", action="store_true", help="print every command, do none")
    return parser


def account_of(asked: argparse.Namespace) -> Aws | None:
    """Return what makes the calls of a command about a stage; None, and says so, when it names no region."""
    if not asked.region:
        print(regions.no_region(), file=sys.stderr)
        return None
    return DryRun(asked.region) if asked.dry_run else Account(asked.region)
