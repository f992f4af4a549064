"""`python -m infra.warm prod --exam ID --region R`: make a stage warm for an exam, or `--undo` it afterwards.

It raises the warm throughput of the attempts table and of its indexes, publishes a version of the API's function, lets
the alias that API Gateway calls point to it, and provisions environments for it. Each step is printed as a command of
the AWS CLI; `--dry-run` does none. Warm throughput is paid once and cannot be lowered; environments are paid by the
hour until `--undo`, which also lets the alias point to the newest code again.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.exams.model import Policy
from infra import warming
from infra.aws_commands import Aws, account_of, arguments_of_a_stage
from infra.deploy import stack_name

POLL_S = 10.0
ALIAS, NEWEST = "live", "$LATEST"
HALF_WAY = f"""\
`{ALIAS}` points to a fixed version now, so deployments change nothing for candidates.
Repeat the command when the reason is gone, or say UNDO=1."""
Json = dict[str, Any]


class WarmingError(Exception):
    """A stage that cannot be made warm. The message is shown to the user."""


class Warming:
    """One run for one stage. `rest` is called between two looks at something that is under way.

    `points_to_a_version`: whether the run has let the alias point to a fixed version.
    """

    def __init__(self, aws: Aws, stage: str, *, rest: Callable[[], None]) -> None:
        self._aws = aws
        self._stack = stack_name(stage)
        self._rest = rest
        self.points_to_a_version = False

    def people_of(self, exam_id: str) -> int:
        """Return how many people the exam expects at its start. Raises `WarmingError` when it is not published."""
        answer = self._aws.call(
            "dynamodb",
            "get_item",
            TableName=self._resource("ExamsTable"),
            Key={"exam_id": {"S": exam_id}, "sk": {"S": "EXAM"}},
        )
        policy = answer.get("Item", {}).get("policy", {}).get("M")
        if policy is None:
            raise WarmingError(f"no exam {exam_id} is published in {self._stack}")
        told = policy.get("expected_people", {}).get("N")
        return int(told) if told else Policy().expected_people

    def warm(self, plan: warming.Plan) -> None:
        """Make everything warm that the plan names. What is warm enough is left as it is."""
        self._warm_table(plan)
        if plan.environments:
            self._provision(plan.environments)

    def people(self, said: int, exam_id: str) -> int:
        """Return for how many people to warm: what was said, or what the exam expects. Raises `WarmingError`."""
        if not said and not exam_id:
            raise WarmingError("say EXAM=… or PEOPLE=…")
        people = said or self.people_of(exam_id)
        if not 1 <= people <= warming.MOST_PEOPLE:
            raise WarmingError(
                f"PEOPLE is {people:,}; a stack is made for 1 to {warming.MOST_PEOPLE:,} people, "
                "more have several stacks (docs/scale.md, Cells)"
            )
        return people

    def undo(self) -> None:
        """Give the environments back and let the alias point to the newest code."""
        which = {"FunctionName": self._resource("APIHandler"), "Qualifier": ALIAS}
        if self._aws.exists("lambda", "get_provisioned_concurrency_config", **which):
            self._aws.call("lambda", "delete_provisioned_concurrency_config", **which)
        self._point_to(NEWEST)

    def _warm_table(self, plan: warming.Plan) -> None:
        table = self._resource("AttemptsTable")
        described = self._aws.call("dynamodb", "describe_table", TableName=table)["Table"]
        if _is_being_changed(described):
            print(
                "the table is still being changed: its warm throughput is left, repeat this later"
            )
            return
        present = described.get("WarmThroughput", {})
        change: Json = {}
        if _is_colder(present, plan.reads, plan.writes):
            change["WarmThroughput"] = _throughput(present, plan.reads, plan.writes)
        updates = []
        for index in described.get("GlobalSecondaryIndexes", []):
            name, own = index["IndexName"], index.get("WarmThroughput", {})
            writes = plan.index_writes.get(name, 0)
            if writes and _is_colder(own, 0, writes):
                warm = _throughput(own, warming.DEFAULT_READS, writes)
                updates.append({"Update": {"IndexName": name, "WarmThroughput": warm}})
        if updates:
            change["GlobalSecondaryIndexUpdates"] = updates
        if change:
            self._aws.call("dynamodb", "update_table", TableName=table, **change)

    def _provision(self, environments: int) -> None:
        function = self._resource("APIHandler")
        version = self._aws.call("lambda", "publish_version", FunctionName=function)["Version"]
        self.points_to_a_version = True
        self._point_to(version)
        which = {"FunctionName": function, "Qualifier": ALIAS}
        self._aws.call(
            "lambda",
            "put_provisioned_concurrency_config",
            **which,
            ProvisionedConcurrentExecutions=environments,
        )
        while True:
            config = self._aws.call("lambda", "get_provisioned_concurrency_config", **which)
            if config["Status"] == "READY":
                return
            if config["Status"] == "FAILED":
                reason = config.get("StatusReason", "no reason given")
                raise WarmingError(f"{environments} environments were not provisioned: {reason}")
            self._rest()

    def _point_to(self, version: str) -> None:
        self._aws.call(
            "lambda",
            "update_alias",
            FunctionName=self._resource("APIHandler"),
            Name=ALIAS,
            FunctionVersion=version,
        )

    def _resource(self, logical_id: str) -> str:
        answer = self._aws.call(
            "cloudformation",
            "describe_stack_resource",
            StackName=self._stack,
            LogicalResourceId=logical_id,
        )
        return str(answer["StackResourceDetail"]["PhysicalResourceId"])


def _is_being_changed(table: Json) -> bool:
    """Whether AWS is still busy with an earlier change of a table or index: it refuses another one until then."""
    parts = [table, *table.get("GlobalSecondaryIndexes", [])]
    states = [{**part, **part.get("WarmThroughput", {})} for part in parts]
    names = ("TableStatus", "IndexStatus", "Status")
    return any(state.get(name) == "UPDATING" for state in states for name in names)


def _is_colder(present: Json, reads: int, writes: int) -> bool:
    """Whether a table or index serves fewer units at once than wanted."""
    has_reads: int = present.get("ReadUnitsPerSecond", warming.DEFAULT_READS)
    has_writes: int = present.get("WriteUnitsPerSecond", warming.DEFAULT_WRITES)
    return has_reads < reads or has_writes < writes


def _throughput(present: Json, reads: int, writes: int) -> Json:
    """Return the warm throughput to ask for: never less than there is, because AWS refuses that."""
    return {
        "ReadUnitsPerSecond": max(reads, present.get("ReadUnitsPerSecond", 0)),
        "WriteUnitsPerSecond": max(writes, present.get("WriteUnitsPerSecond", 0)),
    }


def main() -> int:
    """Make a stage warm, or undo it. Returns 1 and prints the reason when it fails."""
    parser = arguments_of_a_stage("infra.warm", "Warm a stage.")
    parser.add_argument("--exam", default="", help="its `expected_people` say how much")
    parser.add_argument("--people", type=int, default=0, help="so many, whatever the exam says")
    parser.add_argument("--undo", action="store_true", help="after the closing of entry")
    asked = parser.parse_args()
    aws = account_of(asked)
    if aws is None:
        return 1
    run = Warming(aws, asked.stage, rest=lambda: time.sleep(POLL_S))
    try:
        if asked.undo:
            run.undo()
        elif asked.dry_run and not asked.people:
            raise WarmingError("a dry run reads no exam: say PEOPLE=…")
        else:
            plan = warming.plan(run.people(asked.people, asked.exam))
            print(plan)
            if asking := warming.beyond_quota(plan):
                print(asking)
            run.warm(plan)
    except (WarmingError, ClientError, BotoCoreError, KeyboardInterrupt) as error:
        print(str(error) or "interrupted", file=sys.stderr)
        if run.points_to_a_version:
            print(HALF_WAY, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
