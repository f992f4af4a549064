"""Where upload tickets and links point: the region's own address on AWS, one address on the embedded cloud."""

from collections.abc import Iterator

import pytest

from chalicelib.shared import clients, objects
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
