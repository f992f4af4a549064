"""moto without work that no test needs.

Each function takes one such piece of work away, once and for the whole process. What moto stores,
checks and answers stays the same: only the ways there are shorter.
"""

import base64
import contextlib
import copy
import functools
import json
import re
from typing import Any

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from botocore.signers import RequestSigner
from moto.core import DEFAULT_ACCOUNT_ID, responses
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.models import botocore_stubber
from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.exceptions import ItemSizeTooLarge, TooManyClauses
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.utilities import dynamo_to_dict
from moto.dynamodb.parsing import ast_nodes
from moto.dynamodb.parsing.executors import UpdateExpressionExecutor
from moto.dynamodb.parsing.expressions import UpdateExpressionParser
from moto.dynamodb.parsing.validators import ActionCountValidator
from moto.dynamodb.responses import DynamoHandler, DynamoResult

from chalicelib.shared.aws import sending, signing

ON_ITEMS = {"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"}
ON_ITEMS |= {"BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems"}
TARGET = "DynamoDB_20120810."
_REGION = re.compile(r"https://dynamodb\.([a-z0-9-]+)\.amazonaws\.com")


def install() -> None:
    """Take all of it away."""
    answer_the_product()
    sign_nothing_for_tables()
    list_methods_once()
    answer_about_items_directly()
    measure_items_once()
    parse_updates_once()
    parse_conditions_once()
    recognise_nodes_by_type()


def answer_the_product() -> None:
    """moto knows boto3 and `requests`; the product sends its calls about items and secrets itself."""
    send_out = sending.send

    def send(request: sending.Request) -> sending.Answer:
        if not (_is_moto_on() and ".amazonaws.com" in request.url):
            return send_out(request)
        headers = HTTPHeaders.from_dict(request.headers)
        asked = AWSPreparedRequest("POST", request.url, headers, request.body, False)
        status, told, body = botocore_stubber.process_request(asked)
        data = body.encode() if isinstance(body, str) else body
        return sending.Answer(int(status), HTTPHeaders.from_dict(told), data)

    sending.send = send


def sign_nothing_for_tables() -> None:
    """moto's DynamoDB never looks at the signature of a request. Whoever is not moto gets it still."""
    sign, sign_headers = RequestSigner.handler, signing.signed_headers

    def sign_for_others(
        self: Any, operation_name: Any = None, request: Any = None, **rest: Any
    ) -> Any:
        if self.signing_name == "dynamodb" and _is_moto_on():
            return None
        return sign(self, operation_name=operation_name, request=request, **rest)

    def sign_headers_for_others(
        service: str, url: str, headers: dict[str, str], *rest: Any
    ) -> dict[str, str]:
        return headers if _is_moto_on() else sign_headers(service, url, headers, *rest)

    RequestSigner.handler = sign_for_others
    signing.signed_headers = sign_headers_for_others


def _is_moto_on() -> bool:
    return bool(botocore_stubber.enabled)


def list_methods_once() -> None:
    """moto lists the methods of a service anew for each request, and draws 52 letters as its id."""
    responses.method_names_from_class = functools.cache(responses.method_names_from_class)
    responses.gen_amzn_requestid_long = _name_request


def _name_request(headers: dict[str, Any]) -> str:
    headers["x-amzn-requestid"] = "request"
    return "request"


def answer_about_items_directly() -> None:
    """A request about items goes to DynamoDB's handler without a web server's request in between.

    Its answer is written as JSON in one go: moto keeps items as DynamoDB writes them.
    """
    process, serialize = BotocoreStubber.process_request, DynamoHandler.serialized

    def process_directly(self: Any, request: Any) -> Any:
        operation = _operation(request)
        region = _REGION.match(request.url) if operation else None
        if region is None:
            return process(self, request)
        handler = _handler(operation, region[1])
        handler.params = json.loads(request.body, object_hook=_with_bytes)
        return handler.call_action()

    def keep(self: Any, result: object) -> None:
        self._result = result

    def serialize_directly(self: Any, answer: Any) -> Any:
        if not isinstance(answer, DynamoResult):
            return serialize(self, answer)
        if not getattr(self, "about_items", False):
            return serialize(self, responses.ActionResult(dynamo_to_dict(answer.result)))
        headers = {"Content-Type": "application/x-amz-json-1.0", **self.response_headers}
        return 200, headers, json.dumps(answer.result, default=_as_json)

    BotocoreStubber.process_request = process_directly
    DynamoResult.__init__, DynamoHandler.serialized = keep, serialize_directly


def _operation(request: Any) -> str:
    """The operation of a request about items; empty for all others."""
    target = request.headers.get("X-Amz-Target") or ""
    target = target.decode() if isinstance(target, bytes) else target
    operation = target.removeprefix(TARGET)
    return operation if target.startswith(TARGET) and operation in ON_ITEMS else ""


def _handler(operation: str, region: str) -> Any:
    handler = DynamoHandler()
    handler.headers = {"X-Amz-Target": TARGET + operation}
    handler.headers |= {"Content-Type": "application/x-amz-json-1.0"}
    handler.querystring, handler.response_headers = {}, {"server": "amazon.com"}
    handler.region, handler.current_account = region, DEFAULT_ACCOUNT_ID
    handler.about_items = True
    return handler


def _with_bytes(value: dict[str, Any]) -> dict[str, Any]:
    """Binary values travel as base64; moto keeps them as bytes."""
    if len(value) == 1:
        [(kind, inner)] = value.items()
        if kind == "B" and isinstance(inner, str):
            return {"B": base64.b64decode(inner)}
        if kind == "BS" and isinstance(inner, list):
            return {"BS": [base64.b64decode(entry) for entry in inner]}
    return value


def _as_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, DynamoType):
        return {value.type: value.value}
    return value.to_json()


def measure_items_once() -> None:
    """moto measures the whole item again for each attribute that is put into it: once at the end will do."""
    make, execute = Item.__init__, UpdateExpressionExecutor.execute

    def make_and_measure(self: Any, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        _measure(self)

    def execute_and_measure(self: Any, node: Any = None) -> None:
        execute(self, node)
        if node is None:  # the whole expression
            _measure(self.item)

    LimitedSizeDict.__setitem__ = dict.__setitem__
    Item.__init__, UpdateExpressionExecutor.execute = make_and_measure, execute_and_measure


def _measure(item: Any) -> None:
    if item.size() > 405_000:  # the limit of moto
        raise ItemSizeTooLarge


def parse_updates_once() -> None:
    """The tree of an update expression is the same each time: moto changes copies of it alone.

    So its clauses are counted once, too. moto counts them again below each clause, for each request.
    """
    make, count = UpdateExpressionParser.make, ActionCountValidator.traverse

    def make_and_count(expression: str) -> Any:
        tree = make(expression)
        with contextlib.suppress(TooManyClauses):  # raised again for each request
            count(ActionCountValidator(), tree)
            tree.counted = True
        return tree

    def count_others(self: Any, tree: Any) -> Any:
        return tree if getattr(tree, "counted", False) else count(self, tree)

    UpdateExpressionParser.make = functools.lru_cache(1024)(make_and_count)
    ActionCountValidator.traverse = count_others
    ast_nodes.Node.__deepcopy__ = _copy_node
    ast_nodes.Node.find_clauses = _find


def _copy_node(self: Any, memo: Any) -> Any:
    node = copy.copy(self)
    if self.children is not None:
        node.children = [copy.deepcopy(child, memo) for child in self.children]
        for child in node.children:
            if isinstance(child, ast_nodes.Node):
                child.parent = node
    return node


def _find(self: Any, kinds: list[type]) -> list[Any]:
    """The same as moto's `find_clauses`, with one list for all."""
    found: list[Any] = []
    waiting = list(self.children or ())[::-1]
    while waiting:
        child = waiting.pop()
        if type(child) in kinds:
            found.append(child)
        elif _holds_clauses(type(child)) and child.children:
            waiting += child.children[::-1]
    return found


@functools.cache
def _holds_clauses(kind: type) -> bool:
    return issubclass(kind, ast_nodes.Expression | ast_nodes.UpdateExpressionFunction)


def parse_conditions_once() -> None:
    """moto parses each condition twice: for its names, and to try it."""
    parse = ConditionExpressionParser.parse
    last: list[Any] = [(None, None)]

    def parse_again(self: Any) -> Any:
        if not self.condition_expression:
            return parse(self)
        names, values = self.expression_attribute_names, self.expression_attribute_values
        asked = (self.condition_expression, names, values)
        known, answer = last[0]
        if asked != known:
            condition = parse(self)
            found = (tuple(self.expr_attr_names_found), tuple(self.expr_attr_values_found))
            answer = (condition, *found)  # moto adds to its lists
            last[0] = (asked, answer)
        condition, found_names, found_values = answer
        self.expr_attr_names_found = list(found_names)
        self.expr_attr_values_found = list(found_values)
        return condition

    ConditionExpressionParser.parse = parse_again


def recognise_nodes_by_type() -> None:
    """Which rule is for which node depends on their types alone; abstract classes are slow to say it."""
    kinds = functools.cache(lambda rule: tuple(rule._processing_map(rule.__new__(rule))))
    ast_nodes.DepthFirstTraverser.nodes_to_be_processed = lambda self: kinds(type(self))
    is_one = functools.cache(issubclass)
    ast_nodes.isinstance = lambda thing, kinds: is_one(type(thing), kinds)
