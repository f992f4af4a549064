"""Where upload tickets and links point: the region's own address on AWS, one address on the embedded cloud."""

import base64
import datetime
import json
import re
from collections.abc import Iterator
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from chalicelib.shared import clients, objects
from chalicelib.shared.aws import signing
from infra import templates


@pytest.fixture
def in_hong_kong(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A region that the global S3 endpoint only redirects to."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-east-1")
    clients.forget()
    yield monkeypatch
    clients.forget()


def test_a_ticket_points_at_the_regional_address_of_its_bucket(
    in_hong_kong: pytest.MonkeyPatch,
) -> None:
    ticket = objects.upload_ticket("pictures", "incoming/one", lifetime_s=60, now=0)
    assert ticket.url == "https://pictures.s3.ap-east-1.amazonaws.com/"
    link = objects.view_url("pictures", "id-photos/one.jpg")
    assert link.startswith("https://pictures.s3.ap-east-1.amazonaws.com/id-photos/one.jpg?")


def test_a_link_names_the_file_in_ascii_and_in_chinese(in_hong_kong: pytest.MonkeyPatch) -> None:
    link = objects.named_url("pictures", "a", name="合格证书-SX-1.pdf", plain_name="SX-1.pdf")
    [named] = parse_qs(urlsplit(link).query)["response-content-disposition"]
    shown, plain, chinese = named.split("; ")
    assert (shown, plain) == ("inline", 'filename="SX-1.pdf"')
    assert unquote(chinese) == "filename*=UTF-8''合格证书-SX-1.pdf"
    assert chinese.isascii()


@pytest.mark.parametrize(
    ("region", "suffix"),
    [
        ("us-east-1", "amazonaws.com"),
        ("ap-southeast-1", "amazonaws.com"),
        ("cn-north-1", "amazonaws.com.cn"),
        ("cn-northwest-1", "amazonaws.com.cn"),
    ],
)
def test_what_is_signed_for_is_what_the_page_may_connect_to(
    in_hong_kong: pytest.MonkeyPatch, region: str, suffix: str
) -> None:
    in_hong_kong.setenv("AWS_DEFAULT_REGION", region)
    clients.forget()
    filled_in = (
        " ".join(templates.ORIGINS.values())
        .replace("${PrivateBucket}", "pictures")
        .replace("${EvidenceBucket}", "evidence")
        .replace("${PapersBucket}", "papers")
        .replace("${AWS::Region}", region)
        .replace("${AWS::URLSuffix}", suffix)
    )
    allowed = [f"{origin}/" for origin in filled_in.split()]
    tickets = [
        objects.upload_ticket(bucket, "incoming/one", lifetime_s=60, now=0)
        for bucket in ("pictures", "evidence")
    ]
    assert [ticket.url for ticket in tickets] == allowed[:2]
    assert objects.view_url("papers", "a").startswith(f"{allowed[2]}a?")
    assert objects.view_url("pictures", "a.jpg").startswith(f"{allowed[0]}a.jpg?")


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])
@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:4566", "http://localhost:4566"])
def test_an_endpoint_of_ones_own_keeps_the_bucket_in_the_path(
    in_hong_kong: pytest.MonkeyPatch, variable: str, endpoint: str
) -> None:
    in_hong_kong.setenv(variable, endpoint)
    ticket = objects.upload_ticket("pictures", "incoming/one", lifetime_s=60, now=0)
    assert ticket.url == f"{endpoint}/pictures"
    assert objects.view_url("pictures", "a.jpg").startswith(f"{endpoint}/pictures/a.jpg?")


# --- signed as boto3 signs ------------------------------------------------------------------------------

NOW = datetime.datetime(2027, 1, 15, 8, 0, 0)
KEYS = ("incoming/one", "a b+c/考场~'().jpg", "a//b", "x" * 900)
ADDRESSES: list[dict[str, str]] = [
    {},
    {"AWS_SESSION_TOKEN": "token/+="},
    {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"},
    {"AWS_DEFAULT_REGION": "cn-north-1"},
]


@pytest.fixture(params=ADDRESSES, ids=lambda variables: "".join(variables))
def frozen(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Time stands still for our signatures and for boto3's."""
    for name, value in request.param.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    for module in ("botocore.auth", "botocore.signers"):
        monkeypatch.setattr(f"{module}.get_current_datetime", lambda: NOW)
    seconds = NOW.replace(tzinfo=datetime.UTC).timestamp()
    monkeypatch.setattr(signing, "wall_time", lambda: seconds)
    clients.forget()
    yield
    monkeypatch.undo()
    clients.forget()


@pytest.mark.parametrize("key", KEYS)
def test_a_form_for_an_upload_is_the_one_of_boto3(frozen: None, key: str) -> None:
    kind = {"Content-Type": "application/octet-stream"}
    conditions: list[Any] = [kind, ["content-length-range", 0, 5]]
    theirs = clients.client("s3").generate_presigned_post(
        "pictures", key, Fields=dict(kind), Conditions=list(conditions), ExpiresIn=90
    )
    url, fields = signing.upload_form("pictures", key, conditions, kind, 90)
    assert url == theirs["url"]
    assert _opened(fields) == _opened(theirs["fields"])
    assert fields["x-amz-signature"] == theirs["fields"]["x-amz-signature"]


def _opened(fields: dict[str, str]) -> dict[str, Any]:
    return {**fields, "policy": json.loads(base64.b64decode(fields["policy"]))}


@pytest.mark.parametrize("ahead_s", [-600, 600])
def test_forms_and_links_are_made_by_the_corrected_clock(
    in_hong_kong: pytest.MonkeyPatch, ahead_s: int
) -> None:
    ours = NOW.replace(tzinfo=datetime.UTC)
    theirs = ours + datetime.timedelta(seconds=ahead_s)
    in_hong_kong.setattr(signing, "wall_time", ours.timestamp)
    assert signing.correct_clock(format_datetime(theirs), ours.strftime("%Y%m%dT%H%M%SZ"))
    _, fields = signing.upload_form("pictures", "a", [], {}, 90)
    until = theirs + datetime.timedelta(seconds=90)
    policy = json.loads(base64.b64decode(fields["policy"]))
    assert policy["expiration"] == until.strftime("%Y-%m-%dT%H:%M:%SZ")
    link = parse_qs(urlsplit(signing.link("pictures", "a", 60)).query)
    assert link["X-Amz-Date"] == [theirs.strftime("%Y%m%dT%H%M%SZ")]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    "query",
    [
        {},
        {"ResponseContentDisposition": "attachment; filename*=UTF-8''%E5%BC%A0.pdf"},
        {"ResponseContentType": "text/html; charset=utf-8", "ResponseCacheControl": "no-store"},
    ],
)
def test_a_link_is_the_one_of_boto3(frozen: None, key: str, query: dict[str, str]) -> None:
    theirs = clients.client("s3").generate_presigned_url(
        "get_object", Params={"Bucket": "papers", "Key": key, **query}, ExpiresIn=60
    )
    names = {re.sub("(?<=[a-z])(?=[A-Z])", "-", name).lower(): v for name, v in query.items()}
    assert signing.link("papers", key, 60, names) == theirs
