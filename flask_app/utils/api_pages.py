"""The OpenAPI document as a page shows it: calls by group, their fields as rows; it describes nothing of its own."""

from collections.abc import Iterator
from typing import Any, NamedTuple

Schema = dict[str, Any]
_DEEP = 3  # maps within maps that are written out; what lies deeper is named only


class Row(NamedTuple):
    """One parameter or field. `name` is its path (`settings.ssh.port`), `kind` what it may be."""

    name: str
    kind: str
    about: str = ""


class Answer(NamedTuple):
    status: str
    about: str
    rows: tuple[Row, ...] = ()


class Call(NamedTuple):
    """One method of one address."""

    anchor: str
    method: str
    path: str
    summary: str
    role: str
    parameters: tuple[Row, ...]
    body: tuple[Row, ...]
    media: str
    answers: tuple[Answer, ...]


def groups(document: Schema) -> dict[str, list[Call]]:
    """The calls by their group, in the order of their addresses."""
    found: dict[str, list[Call]] = {}
    known = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            found.setdefault(operation["tags"][0], []).append(_call(path, method, operation, known))
    return found


def _call(path: str, method: str, operation: Schema, known: Schema) -> Call:
    content = operation.get("requestBody", {}).get("content", {})
    media = next(iter(content), "")
    return Call(
        operation["operationId"],
        method.upper(),
        path,
        operation["summary"],
        operation["description"],
        tuple(_parameter(one, known) for one in operation["parameters"]),
        tuple(_rows(content[media]["schema"], known)) if media else (),
        media,
        tuple(_answer(status, one, known) for status, one in operation["responses"].items() if "$ref" not in one),
    )


def _parameter(parameter: Schema, known: Schema) -> Row:
    place = {"path": "in the address", "query": "in the query", "header": "a header"}[parameter["in"]]
    return Row(parameter["name"], f"{_kind(parameter['schema'], known)}, {place}", parameter.get("description", ""))


def _answer(status: str, answer: Schema, known: Schema) -> Answer:
    rows = [Row(name, "a header", header["description"]) for name, header in answer.get("headers", {}).items()]
    for media, content in answer.get("content", {}).items():
        if status.startswith("2"):
            rows += _rows(content["schema"], known) if media.endswith("json") else [Row("", media)]
    return Answer(status, answer["description"], tuple(rows))


def always(document: Schema) -> list[Answer]:
    """What any call may be answered."""
    return [Answer(status, one["description"]) for status, one in document["components"]["responses"].items()]


def _rows(schema: Schema, known: Schema, before: str = "", depth: int = 0) -> Iterator[Row]:
    """A row for each field, those of maps and lists of maps below theirs."""
    for name, field in _found(schema, known).get("properties", {}).items():
        path = f"{before}{name}"
        yield Row(path, _kind(field, known), field.get("description", ""))
        inner = _inner(field, known)
        if inner and depth < _DEEP:
            yield from _rows(inner, known, f"{path}{'[]' if _is_list(field, known) else ''}.", depth + 1)


def _found(schema: Schema, known: Schema) -> Schema:
    """The schema itself, where it only refers to one."""
    return known[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _is_list(schema: Schema, known: Schema) -> bool:
    return _found(schema, known).get("type") == "array"


def _inner(schema: Schema, known: Schema) -> Schema | None:
    """The map in a field: it itself, what a list holds, or the one that it is where it is not null."""
    whole = _found(schema, known)
    if "items" in whole:
        return _inner(whole["items"], known)
    for choice in whole.get("anyOf", ()):
        if inner := _inner(choice, known):
            return inner
    return whole if "properties" in whole else None


def _kind(schema: Schema, known: Schema) -> str:
    whole = _found(schema, known)
    if "anyOf" in whole:
        return " or ".join(dict.fromkeys(_kind(choice, known) for choice in whole["anyOf"]))
    if "const" in whole:
        return str(whole["const"])
    if "enum" in whole:
        return ", ".join(str(word) for word in whole["enum"] if word != "")
    if "items" in whole:
        return f"list of {_kind(whole['items'], known)}"
    kinds = whole.get("type", "any value")
    return _bounded(" or ".join(kinds) if isinstance(kinds, list) else str(kinds), whole)


def _bounded(kind: str, schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"{kind}, {low:,} to {high:,}"
    return kind if low is None else f"{kind}, from {low:,}"
