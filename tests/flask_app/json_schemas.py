"""Whether a value is what a JSON schema says, as far as our document uses schemas; any other word is a fault."""

from typing import Any

KNOWN = {
    "$ref", "type", "anyOf", "enum", "const", "properties", "required", "additionalProperties", "items", "title",
    "description", "default", "minimum", "maximum", "minItems", "maxItems", "maxLength", "minLength",
}  # fmt: skip
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "integer": (int,), "number": (int, float),
    "boolean": (bool,), "null": (type(None),),
}  # fmt: skip


def faults(value: Any, schema: dict[str, Any], document: dict[str, Any], place: str = "$") -> list[str]:
    """What does not fit and where. A field of which the schema says nothing is a fault, too."""
    if "$ref" in schema:
        return faults(value, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document, place)
    found = [f"{place}: unknown word {word}" for word in schema.keys() - KNOWN]
    if "anyOf" in schema:
        tries = [faults(value, choice, document, place) for choice in schema["anyOf"]]
        return found + (min(tries, key=len) if all(tries) else [])
    if "const" in schema and value != schema["const"]:
        found.append(f"{place}: {value!r} is not {schema['const']!r}")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{place}: {value!r} is not one of {schema['enum']}")
    if "type" in schema and not _is(value, schema["type"]):
        return [*found, f"{place}: {value!r} is no {schema['type']}"]
    if isinstance(value, dict):
        found += _of_map(value, schema, document, place)
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            found += faults(item, schema["items"], document, f"{place}[{number}]")
    return found


def _is(value: Any, kinds: str | list[str]) -> bool:
    names = [kinds] if isinstance(kinds, str) else kinds
    if isinstance(value, bool):
        return "boolean" in names
    return any(isinstance(value, TYPES[name]) for name in names)


def _of_map(value: dict[str, Any], schema: dict[str, Any], document: dict[str, Any], place: str) -> list[str]:
    properties, more = schema.get("properties", {}), schema.get("additionalProperties")
    found = [f"{place}: {name} is missing" for name in schema.get("required", ()) if name not in value]
    for name, item in value.items():
        if name in properties:
            found += faults(item, properties[name], document, f"{place}.{name}")
        elif isinstance(more, dict):
            found += faults(item, more, document, f"{place}.{name}")
        elif more is not True:
            found.append(f"{place}: {name} is not in the schema")
    return found
