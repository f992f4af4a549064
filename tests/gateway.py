"""Events as API Gateway sends them to a function."""

from typing import Any


def gateway_event(method: str, resource: str, body: str | None, **more: Any) -> dict[str, Any]:
    """An event as API Gateway sends it (proxy integration, payload 1.0)."""
    headers = {"Content-Type": ["application/json"], "User-Agent": ["test"]}
    context = {"httpMethod": method, "resourcePath": resource, "requestId": "r-1", "path": resource}
    context["identity"] = {"sourceIp": "203.0.113.9"}
    return {
        "resource": resource,
        "path": resource,
        "httpMethod": method,
        "headers": {name: values[0] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": context,
        "body": body,
        "isBase64Encoded": False,
        **more,
    }
