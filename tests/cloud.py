"""The cloud of unit and integration tests: moto, with the resources of infra/resources.yaml."""

import contextlib
import copy
import functools
import json
import os
import pathlib
import threading
from collections.abc import Iterator
from typing import Any
from unittest import mock

import boto3
import yaml
from botocore.loaders import JSONFileLoader
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber
from moto.kms.models import kms_backends

from tests import examinations, lived, quick_moto
from tests.environment import BUCKETS, ENVIRONMENT, TABLES

ROOT = pathlib.Path(__file__).parent.parent
TEMPLATE: dict[str, Any] = yaml.safe_load((ROOT / "infra/resources.yaml").read_text("utf-8"))


def read_models_once() -> None:
    """Each cloud has its own boto3 session, which would parse botocore's descriptions of services anew."""
    read = functools.cache(functools.partial(JSONFileLoader.load_file, JSONFileLoader()))
    JSONFileLoader.load_file = lambda _self, path: read(path)


@contextlib.contextmanager
def running() -> Iterator[None]:
    """A fresh, empty cloud."""
    from chalicelib.exams import service, store
    from chalicelib.identity import enrolment
    from chalicelib.shared import clients, secrets, settings

    prepare()
    forgetful = (settings.settings.cache_clear, clients.forget, secrets.forget)
    forgetful += (store.load_bank.cache_clear, service.draw_paper.cache_clear)
    forgetful += (enrolment.forget,)
    with (
        mock_aws(config={"core": {"reset_boto3_session": False}}),
        mock.patch.object(boto3, "client", _clients_once),
        examinations.each_once(),
    ):
        for forget in forgetful:
            forget()
        settings.settings()  # before Chalice's client lays the stage of .chalice/config.json over it
        lived.begin_empty()
        _create()
        yield
    for forget in forgetful:
        forget()


_make_client = boto3.client
_plain_client = functools.cache(_make_client)
_made: dict[Any, Any] = {}


def _clients_once(service: str, **how: Any) -> Any:
    """A client made like an earlier one is a copy of it: boto3 takes 3 to 5 ms to make one.

    Each copy has handlers of events of its own, so that those of one test are not told in the next.
    Plain clients, which tests ask for wherever they need one, have none: they are the same one.
    """
    if not how:
        return _plain_client(service)
    config = how.get("config")
    options = vars(config) if config is not None else {}
    variables = sorted((n, v) for n, v in os.environ.items() if n.startswith("AWS_"))
    asked = repr((service, how | {"config": None}, sorted(options.items()), variables))
    if asked not in _made:
        _made[asked] = _make_client(service, **how)
    client = object.__new__(type(_made[asked]))
    vars(client).update(vars(_made[asked]))
    client.meta = copy.copy(client.meta)
    client.meta.events = copy.copy(client.meta.events)
    return client


@functools.cache
def prepare() -> None:
    """Make boto3 and moto faster, once in each process. `running` calls it."""
    read_models_once()
    quick_moto.install()
    lived.notice_requests()


_one = threading.RLock()


@contextlib.contextmanager
def one_request_at_a_time() -> Iterator[None]:
    """moto is not atomic under threads, DynamoDB is per item: a lock round each request makes it so."""
    prepare()  # before the lock, which takes back with itself what was patched inside it
    process = BotocoreStubber.process_request

    def alone(self: Any, request: Any) -> Any:
        with _one:
            return process(self, request)

    with mock.patch.object(BotocoreStubber, "process_request", alone):
        yield


@lived.once
def _create() -> None:
    dynamodb, s3 = boto3.client("dynamodb"), boto3.client("s3")
    for variable, logical in TABLES.items():
        properties = TEMPLATE["Resources"][logical]["Properties"]
        wanted = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
        known = {name: properties[name] for name in wanted if name in properties}
        dynamodb.create_table(TableName=ENVIRONMENT[variable], **known)
    for variable in BUCKETS:
        s3.create_bucket(Bucket=ENVIRONMENT[variable])
    for variable in ("PRIVATE_BUCKET", "DROPBOX_BUCKET"):
        s3.put_bucket_versioning(
            Bucket=ENVIRONMENT[variable], VersioningConfiguration={"Status": "Enabled"}
        )
    secret = {"Name": ENVIRONMENT["SECRET_ID"], "SecretString": json.dumps("secret of the tests")}
    boto3.client("secretsmanager").create_secret(**secret)
    create_evidence_key(ENVIRONMENT["EVIDENCE_KEY_ID"])


def create_evidence_key(key_id: str) -> None:
    """A key for timelines under an id that is known beforehand, older than everything that tests tell.

    moto gives each key an RSA key that no code of a message needs, and that cannot be copied.
    """
    keys = kms_backends["123456789012"]["us-east-1"].keys
    made = boto3.client("kms").create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    key = keys.pop(made["KeyMetadata"]["KeyId"])
    key.private_key, key.creation_date = None, 1_790_000_000
    key.id, key.arn = key_id, f"arn:aws:kms:us-east-1:123456789012:key/{key_id}"
    keys[key_id] = key
