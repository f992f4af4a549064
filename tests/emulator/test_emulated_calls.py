"""Against the emulator, the product's own calls have the outcomes of a boto3 client."""

from collections.abc import Iterator

import pytest

from chalicelib.shared import clients, table
from chalicelib.shared.aws import calls
from infra.local.emulator import CREDENTIALS, REGION
from tests import both_ways
from tests.emulator.conftest import Cloud


@pytest.fixture
def passing_table(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a table with the key `pk`, with both ways pointing at the emulator."""
    for name, value in {**CREDENTIALS, "AWS_DEFAULT_REGION": REGION}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.aws.client("dynamodb").meta.endpoint_url)
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    clients.forget()
    yield cloud.deployment.environment["PASSING_TABLE"]
    monkeypatch.undo()
    clients.forget()


def test_both_ways_find_the_same(passing_table: str) -> None:
    assert both_ways.differences(passing_table) == []


def test_what_is_written_comes_back(passing_table: str) -> None:
    item = {
        "pk": "own",
        "empty": "",
        "bytes": b"\x00\xff",
        "n": -7,
        "broken": 0.5,
        "m": {"1": [None]},
    }
    table.put(passing_table, item, table.If().absent("pk"))
    assert table.get(passing_table, {"pk": "own"}) == item
    with pytest.raises(table.ConditionFailed) as failed:
        table.put(passing_table, item, table.If().absent("pk"))
    assert failed.value.old == item


def test_both_ways_read_the_same_secret(cloud: Cloud, passing_table: str) -> None:
    asked = (
        "secretsmanager",
        "GetSecretValue",
        {"SecretId": cloud.deployment.environment["SECRET_ID"]},
    )
    theirs, ours = (both_ways.outcome(way, *asked) for way in both_ways.BOTH)
    assert ours["SecretString"] == theirs["SecretString"] != ""
    assert calls.call(*asked)["Name"] == theirs["Name"]
