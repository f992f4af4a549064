"""Make the OpenAPI 3.1 document from the typed routes. A test compares it with docs/openapi.json.

`python -m infra.openapi` prints it.
"""

import inspect
import json
import re
from typing import Any

import msgspec

from chalicelib.handlers import (
    after,
    announcements,
    check_in,
    partner,
    person,
    public,
    sitting,
    sso,
)
from chalicelib.handlers.endpoint import ROUTES, Role, Route
from chalicelib.shared.languages import Sentence

# The files of routes, in the order of the description.
_SECTIONS = (person, check_in, sitting, announcements, after, partner, public, sso)
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "details"],
            "properties": {
                "code": {"type": "string", "description": "Stable name, see docs/errors.md"},
                "message": {
                    "type": "string",
                    "description": "For the person, in the language of `Accept-Language`",
                },
                "details": {"type": "object"},
                "our_fault": {
                    "type": "boolean",
                    "description": "True, or absent: the product failed, the same call may succeed later",
                },
            },
        }
    },
}


# Names that clients know, of classes whose names say more inside the product.
_SCHEMA_NAMES = {"FeedKind": "Kind", "ResultOutcome": "Outcome", "CheckState": "State"}


def document() -> dict[str, Any]:
    """Return the whole document. Routes are in the order of `_SECTIONS`."""
    routes = _routes()
    kinds = [kind for entry in routes for kind in (entry.body, entry.answer) if kind]
    _, components = msgspec.json.schema_components(
        kinds, schema_hook=_schema_of, ref_template="#/components/schemas/{name}"
    )
    components = _with_schema_names(components)
    for (
        component
    ) in components.values():  # from Python 3.13 on docstrings come without their indentation
        if "description" in component:
            component["description"] = inspect.cleandoc(component["description"])
    paths: dict[str, Any] = {}
    for entry in routes:
        paths.setdefault(entry.path, {})[entry.method.lower()] = _operation(entry)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kaochang 考场", "version": "1"},
        "servers": [{"url": "/api"}],
        "paths": paths,
        "components": {
            "schemas": {**components, "Error": _ERROR},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-session"},
                "partner": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Kaochang-Signature",
                    "description": "HMAC-SHA256 over the request, see docs/partners.md",
                },
            },
        },
    }


def _schema_of(kind: type) -> dict[str, Any]:
    """Return the schema of a type that msgspec does not know: a sentence is a text in the language of the request."""
    if kind is not Sentence:
        raise NotImplementedError(kind)
    return {"type": "string"}


def _with_schema_names(components: dict[str, Any]) -> dict[str, Any]:
    """Return the document with components renamed to the names that clients know, references included."""
    text = json.dumps(components)
    for name, published in _SCHEMA_NAMES.items():
        text = text.replace(f'"#/components/schemas/{name}"', f'"#/components/schemas/{published}"')
        text = text.replace(f'"title": "{name}"', f'"title": "{published}"')
    renamed: dict[str, Any] = json.loads(text)
    return {_SCHEMA_NAMES.get(name, name): component for name, component in renamed.items()}


def _routes() -> list[Route]:
    """Return all routes by section, in the order of the code."""
    sections = [module.__name__ for module in _SECTIONS]
    return sorted(ROUTES, key=lambda entry: sections.index(entry.view.__module__))


def _operation(entry: Route) -> dict[str, Any]:
    summary, _, more = inspect.cleandoc(entry.view.__doc__ or "").partition("\n")
    operation: dict[str, Any] = {
        "operationId": entry.view.__name__,
        "summary": summary.strip(),
        "parameters": _parameters(entry),
        "responses": {
            str(entry.status): {"description": "Done", "content": _json(_ref(entry.answer))},
            "default": {"description": "Refused", "content": _json(_ref_to("Error"))},
        },
    }
    if more.strip():
        operation["description"] = more.strip()
    if entry.max_age_s:
        operation["responses"]["304"] = {"description": "Just what `If-None-Match` names"}
    if entry.role is not Role.PUBLIC:
        scheme = "partner" if entry.role is Role.PARTNER else "session"
        operation["security"] = [{scheme: []}]
    if entry.body is not None:
        operation["requestBody"] = {"required": True, "content": _json(_ref(entry.body))}
    return operation


def _parameters(entry: Route) -> list[dict[str, Any]]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", entry.path)
    ]
    for name in _HEADERS.get(entry.role, ()):
        schema = {"type": "string"}
        parameters.append({"name": name, "in": "header", "required": True, "schema": schema})
    for name, schema in _query_fields(entry):
        parameters.append({"name": name, "in": "query", "required": False, "schema": schema})
    return parameters


_HEADERS = {
    Role.PAGE: ("Page-Token",),
    Role.PARTNER: ("Kaochang-Key", "Kaochang-Timestamp", "Kaochang-Nonce"),
}


def _query_fields(entry: Route) -> list[tuple[str, Any]]:
    if entry.query is None:
        return []
    kinds = msgspec.json.schema(entry.query)["$defs"]
    fields = kinds[entry.query.__name__]["properties"]
    return [(name, _with_kind(field, kinds)) for name, field in fields.items()]


def _with_kind(field: dict[str, Any], kinds: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a field with the kind that it refers to written out: parameters have no definitions."""
    if "$ref" not in field:
        return field
    kind = kinds[field["$ref"].rpartition("/")[2]]
    return {
        "type": "string",
        "enum": kind["enum"],
        **{k: v for k, v in field.items() if k != "$ref"},
    }


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _ref(kind: Any) -> dict[str, Any]:
    return _ref_to(kind.__name__)


def _ref_to(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


if __name__ == "__main__":
    print(json.dumps(document(), ensure_ascii=False, indent=2))
