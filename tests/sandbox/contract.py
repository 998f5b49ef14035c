"""GitHub's own description as the judge of exchanges with the API and of webhook payloads.

The description lies beside the checkout and is not part of it; `data()` is `None` where it is absent.
"""

import copy
import functools
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
from referencing import Registry
from referencing.jsonschema import DRAFT7

Json = dict[str, Any]
CHECKOUT = Path(__file__).resolve().parents[2]
#: Events of GitHub's that the published schema (7.6.1) does not know yet, and a described one of the same shape.
NEWER_ACTIONS = {"issues$typed": "issues$labeled", "issues$untyped": "issues$labeled"}
#: Fields that GitHub sends and the published schema, which allows no others, does not know yet.
NEWER_FIELDS = {"type"}
#: Events that an App can subscribe to and the published schema, which lists them, does not know yet.
NEWER_EVENTS = {"deployment_protection_rule", "merge_group"}
#: Errors that any operation may answer, whether its description lists them or not.
ERRORS = {400, 401, 403, 404, 409, 410, 422, 429}


class BrokenError(AssertionError):
    """Something is not as GitHub's description says; the text names the place."""


class UndescribedError(LookupError):
    """The trimmed description holds no such operation, event or status."""


def data() -> Path | None:
    """Return the folder with GitHub's description, if it is here: `REEVE_SHARED_DATA`, or beside the checkout."""
    root = os.environ.get("REEVE_SHARED_DATA")
    folder = (Path(root) if root else CHECKOUT.parent / "shared" / "data") / "github"
    return folder if (folder / "github-rest.openapi.json").is_file() else None


def check_payload(event: str, payload: Json) -> None:
    """Raise `BrokenError` if a webhook payload is not as GitHub's schema says."""
    key = f"{event}${payload.get('action', 'event')}"
    name = NEWER_ACTIONS.get(key, key)
    if name not in _definitions():
        raise UndescribedError(f"the schema describes no payload {key}")
    known = {field: value for field, value in copy.deepcopy(payload).items() if field not in NEWER_FIELDS}
    if name != key:
        known["action"] = name.partition("$")[2]
    for place in (known.get("hook", {}), known.get("installation", {})):
        if "events" in place:
            place["events"] = [each for each in place["events"] if each not in NEWER_EVENTS]
    _check(_validator("payloads", f"#/definitions/{name}"), _without_newer_fields(known), at=key)


def check_exchange(
    method: str,
    path: str,
    query: Mapping[str, str],
    request_body: object,
    status: int,
    response_body: object,
) -> None:
    """Raise if a request or its answer is not as GitHub's API description says.

    Raises `UndescribedError` for operations and statuses that the description does not hold, and
    `BrokenError` for what does not match it. A request that was refused (4xx) is not judged,
    only the error is.
    """
    template, operation = find_operation(method, path)
    answer = _answer_schema(operation, status, at=f"{method} {template}")
    if template.endswith("/labels") and isinstance(request_body, list):
        # "You can also pass an array of labels directly", says the text; the schema forgets it. PyGithub does it.
        request_body = {"labels": request_body}
    if status < 400:
        _check_query(template, operation, query)
        _check_body(operation, request_body, at=f"{method} {template}")
    if answer is not None:
        _check(_validator("api", None, json.dumps(answer)), response_body, at=f"{method} {template} -> {status}")


def find_operation(method: str, path: str) -> tuple[str, Json]:
    """Return the path template and the description of an operation."""
    for pattern, template in _patterns():
        if pattern.fullmatch(path) and method.lower() in _api()["paths"][template]:
            operation: Json = _api()["paths"][template][method.lower()]
            return template, operation
    raise UndescribedError(f"the description holds no {method} {path}")


def _answer_schema(operation: Json, status: int, *, at: str) -> Json | None:
    if status >= 500 or status in {301, 304}:
        return None
    answer = operation["responses"].get(str(status))
    if answer is None and status in ERRORS:
        return {"$ref": "#/components/schemas/basic-error"}
    if answer is None:
        raise UndescribedError(f"{at} is not described to answer {status}")
    schema: Json | None = _resolved(answer).get("content", {}).get("application/json", {}).get("schema")
    return schema


def _check_query(template: str, operation: Json, query: Mapping[str, str]) -> None:
    listed = [*operation.get("parameters", []), *_api()["paths"][template].get("parameters", [])]
    described = {each["name"]: each for each in map(_resolved, listed) if each["in"] == "query"}
    for name, text in query.items():
        if name not in described and name != "page":
            raise UndescribedError(f"{template} takes no parameter {name}")
        schema = described[name]["schema"] if name in described else {"type": "integer"}
        value = int(text) if text.isdigit() and schema.get("type") != "string" else text
        if name == "created" and isinstance(value, str):
            # "Returns workflow runs created within the given date-time range", says the text; the schema forgets it.
            value = value.removeprefix(">=")
        _check(_validator("api", None, json.dumps(schema)), value, at=f"{template}?{name}")


def _check_body(operation: Json, body: object, *, at: str) -> None:
    described = operation.get("requestBody")
    schema = _resolved(described)["content"].get("application/json", {}).get("schema") if described else None
    if schema is not None and body is not None:
        _check(_validator("api", None, json.dumps(schema)), body, at=f"body of {at}")


def _check(validator: jsonschema.Draft7Validator, value: object, *, at: str) -> None:
    error = jsonschema.exceptions.best_match(validator.iter_errors(value))
    if error is not None:
        raise BrokenError(f"{at}: {error.json_path}: {error.message[:500]}")


def _resolved(part: Json) -> Json:
    while "$ref" in part:
        found: Any = _api()
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def _without_newer_fields(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_newer_fields(each) for each in value]
    if not isinstance(value, dict):
        return value
    is_issue = "comments_url" in value and "number" in value
    dropped = NEWER_FIELDS if is_issue else set()
    return {name: _without_newer_fields(each) for name, each in value.items() if name not in dropped}


@functools.cache
def _read(name: str) -> Json:
    folder = data()
    if folder is None:
        raise FileNotFoundError("GitHub's description is not here: set REEVE_SHARED_DATA to the folder that holds it")
    content: Json = json.loads((folder / name).read_text(encoding="utf-8"))
    return content


@functools.cache
def _api() -> Json:
    content: Json = _with_nulls(_read("github-rest.openapi.json"))
    return content


def _definitions() -> Json:
    definitions: Json = _read("webhook-payload.schema.json")["definitions"]
    return definitions


def _with_nulls(value: Any) -> Any:
    """Return an OpenAPI 3.0 schema as JSON Schema: `nullable` becomes a choice with null."""
    if isinstance(value, list):
        return [_with_nulls(each) for each in value]
    if not isinstance(value, dict):
        return value
    plain = {name: _with_nulls(each) for name, each in value.items() if name != "nullable"}
    if {each.get("title") for each in plain.get("allOf", ())} >= {"Simple User", "Enterprise"}:
        # The description of GET /app/installations asks an account to be a user and an enterprise at once.
        plain["anyOf"] = plain.pop("allOf")
    if {"$ref": "#/components/schemas/basic-error"} in plain.get("oneOf", ()):
        # The other errors in such a list allow all that a basic one holds, so that it would always be two at once.
        plain["anyOf"] = plain.pop("oneOf")
    return {"anyOf": [plain, {"type": "null"}]} if value.get("nullable") is True else plain


@functools.cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Return the path patterns, the most literal first; a file's path may contain slashes."""
    templates = sorted(_api()["paths"], key=lambda template: (template.count("{"), -len(template)))
    return [(re.compile(_pattern(template)), template) for template in templates]


def _pattern(template: str) -> str:
    escaped = re.sub(r"\\\{(path|ref|branch)\\\}$", ".+", re.escape(template))
    return re.sub(r"\\\{\w+\\\}", "[^/]+", escaped)


@functools.cache
def _validator(book: str, ref: str | None, schema: str = "") -> jsonschema.Draft7Validator:
    document = _api() if book == "api" else _read("webhook-payload.schema.json")
    registry = Registry().with_resource(f"urn:{book}", DRAFT7.create_resource(document))
    anchored = schema.replace('"#/', f'"urn:{book}#/') if schema else json.dumps({"$ref": f"urn:{book}{ref}"})
    checker = jsonschema.Draft7Validator.FORMAT_CHECKER
    return jsonschema.Draft7Validator(json.loads(anchored), registry=registry, format_checker=checker)
