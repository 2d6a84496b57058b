"""The OpenAPI document of the JSON API, from the routes that exist and the models they use; it describes, no more."""

import re
from http import HTTPStatus
from typing import Any

from flask import Flask
from pydantic import BaseModel, TypeAdapter
from werkzeug.routing import Rule

from flask_app import answer_shapes as shapes
from flask_app.api_operations import ALWAYS, JSON, OPERATIONS, Operation, Schema
from flask_app.roles import declared_by

PREFIX = "/api/v1/"
_NOT_METHODS = frozenset({"HEAD", "OPTIONS"})
_REFS = "#/components/schemas/{model}"
_ABOUT = (
    "Every JSON answer is `{status: ok, data}` or `{status: error, error: {code, message, fields?}}`; "
    "codes are stable words."
)


def document(app: Flask) -> Schema:
    """OpenAPI 3.1 for every rule below /api/v1. A rule without an `Operation` is a KeyError: a defect of ours."""
    schemas, definitions = _schemas()
    paths: dict[str, Schema] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.rule.startswith(PREFIX):
            path = re.sub(r"<(?:[^:>]*:)?([^>]*)>", r"{\1}", rule.rule)
            for method in sorted((rule.methods or set()) - _NOT_METHODS):
                role = declared_by(app.view_functions[rule.endpoint])
                paths.setdefault(path, {})[method.lower()] = _operation(rule, role, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Backup Manager", "version": "1", "description": _ABOUT},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": definitions, "responses": _always(schemas)},
    }


def _schemas() -> tuple[dict[str, Schema], dict[str, Schema]]:
    """The schema of each type by its name, and what they refer to."""
    types = {_name(one): one for operation in OPERATIONS.values() for one in (operation.answer, operation.body)}
    types |= {_name(shapes.Refusal): shapes.Refusal}
    adapters = [
        (name, "validation" if _is_body(one) else "serialization", TypeAdapter(one))
        for name, one in types.items()
        if one is not None and not isinstance(one, str)
    ]
    found, whole = TypeAdapter.json_schemas(adapters, ref_template=_REFS)  # type: ignore[arg-type]
    return {key[0]: schema for key, schema in found.items()}, whole.get("$defs", {})


def _is_body(one: Any) -> bool:
    return isinstance(one, type) and issubclass(one, BaseModel)


def _name(one: Any) -> str:
    return str(one)


def _operation(rule: Rule, role: str, schemas: dict[str, Schema]) -> Schema:
    wanted = OPERATIONS[rule.endpoint]
    parameters = [_parameter(name, "path", {"type": "string"}) for name in sorted(rule.arguments)]
    parameters += [_parameter(name, "query", schema) for name, schema in wanted.query.items()]
    parameters += [_parameter(name, "header", {"type": "string"}, about) for name, about in wanted.headers]
    described: Schema = {
        "operationId": rule.endpoint.replace(".", "_"),
        "tags": [wanted.group],
        "summary": wanted.summary,
        "description": f"Takes the role of {role}.",
        "parameters": parameters,
        "responses": _answers(wanted, schemas),
    }
    if wanted.body is not None:
        described["requestBody"] = _body(wanted, schemas)
    return described


def _parameter(name: str, place: str, schema: Schema, about: str = "") -> Schema:
    described: Schema = {"name": name, "in": place, "required": place == "path", "schema": schema}
    return described | ({"description": about} if about else {})


def _body(wanted: Operation, schemas: dict[str, Schema]) -> Schema:
    if isinstance(wanted.body, str):
        return {"required": True, "content": {wanted.body: {"schema": wanted.text}}}
    return {"required": False, "content": {JSON: {"schema": schemas[_name(wanted.body)]}}}


def _answers(wanted: Operation, schemas: dict[str, Schema]) -> Schema:
    good: Schema = {"description": HTTPStatus(wanted.status).phrase}
    if wanted.answered:
        good["headers"] = {
            name: {"description": about, "schema": {"type": "string"}} for name, about in wanted.answered.items()
        }
    if wanted.answer is not None:
        good["content"] = {JSON: {"schema": _envelope(schemas[_name(wanted.answer)], wanted.more)}}
    elif wanted.media != JSON:
        good["content"] = {wanted.media: {"schema": wanted.text}}
    answers = {str(wanted.status): good}
    if "dry_run" in wanted.query:
        answers = {"200": {**good, "description": "What would come of it"}} | answers
    answers |= {str(status): _refusal(HTTPStatus(status).phrase, schemas) for status in wanted.refusals}
    return answers | {str(status): {"$ref": f"#/components/responses/{status}"} for status in ALWAYS}


def _always(schemas: dict[str, Schema]) -> dict[str, Schema]:
    return {str(status): _refusal(about, schemas) for status, about in ALWAYS.items()}


def _refusal(about: str, schemas: dict[str, Schema]) -> Schema:
    return {"description": about, "content": {JSON: {"schema": schemas[_name(shapes.Refusal)]}}}


def _envelope(data: Schema, more: dict[str, Schema]) -> Schema:
    properties = {"status": {"const": "ok"}, "data": data, **more}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
