"""The reference of the API, laid out from its OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from drf_spectacular.generators import SchemaGenerator

from api.schema import Schema

TYPES: Final = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "object",
}
FORMATS: Final = {
    "date": "date",
    "date-time": "date and time",
    "email": "email address",
    "uri": "URL",
}


class Entry(NamedTuple):
    """A parameter or a field; one inside another has a name such as `results[].lead`."""

    name: str
    type: str
    text: SafeString


class Answer(NamedTuple):
    status: str
    text: SafeString
    fields: Sequence[Entry]


class Operation(NamedTuple):
    code: str
    title: str
    method: str
    path: str
    text: SafeString
    parameters: Sequence[Entry]
    body: Sequence[Entry]
    body_text: SafeString
    example: str
    answers: Sequence[Answer]

    @property
    def errors(self) -> Sequence[Answer]:
        return [answer for answer in self.answers if not answer.status.startswith("2")]

    @property
    def results(self) -> Sequence[Answer]:
        return [answer for answer in self.answers if answer.status.startswith("2")]


@cache
def operations() -> Sequence[Operation]:
    document = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    return [
        operation_of(method, path, described)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    ]


def operation_of(method: str, path: str, described: Schema) -> Operation:
    body = content_of(described.get("requestBody", {}))
    examples = body.get("examples", [])
    return Operation(
        code=described["operationId"],
        title=described["summary"],
        method=method.upper(),
        path=path,
        text=with_code(described["description"]),
        parameters=[parameter_of(parameter) for parameter in described.get("parameters", [])],
        body=list(fields_of(body)),
        body_text=with_code(" ".join(body_sentences(body))),
        example=json.dumps(examples[0], indent=2, ensure_ascii=False) if examples else "",
        answers=[
            Answer(status, with_code(answer["description"]), list(fields_of(content_of(answer))))
            for status, answer in sorted(described["responses"].items())
        ],
    )


def content_of(part: Schema) -> Schema:
    """Return the schema of a request or an answer, which have one content type each."""
    schemas = [content["schema"] for content in part.get("content", {}).values()]
    return schemas[0] if schemas else {}


def parameter_of(parameter: Schema) -> Entry:
    place = {"path": "In the path. ", "header": "Header. "}.get(parameter["in"], "")
    deprecated = "Deprecated. " if parameter.get("deprecated") else ""
    text = f"{place}{deprecated}{parameter.get('description', '')}"
    return Entry(parameter["name"], type_text(parameter["schema"]), with_code(text))


def fields_of(schema: Schema, prefix: str = "") -> Iterator[Entry]:
    for name, field in schema.get("properties", {}).items():
        yield Entry(f"{prefix}{name}", type_text(field), with_code(field.get("description", "")))
        yield from fields_of(field, f"{prefix}{name}.")
        yield from fields_of(field.get("items", {}), f"{prefix}{name}[].")


def body_sentences(body: Schema) -> Iterator[str]:
    if "description" in body:
        yield body["description"]
    names = [f"`{name}`" for choice in body.get("anyOf", []) for name in choice["required"]]
    if names:
        yield f"At least one of {', '.join(names[:-1])} and {names[-1]} is required."


def type_text(schema: Schema) -> str:
    """Return words such as “text, at most 200 characters” or “whole number or null”."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    words = {
        FORMATS.get(schema.get("format", ""), TYPES[kind]): None for kind in kinds if kind != "null"
    }
    if "enum" in schema:
        words = {f"one of {', '.join(schema['enum'])}": None}
    if "null" in kinds:
        words["null"] = None
    return ", ".join([" or ".join(words), *limits(schema)])


def limits(schema: Schema) -> Iterator[str]:
    if "maxLength" in schema:
        yield f"at most {schema['maxLength']} characters"
    if "maxProperties" in schema:
        yield f"at most {schema['maxProperties']} entries"
    if "minimum" in schema:
        yield f"from {schema['minimum']} to {schema['maximum']}"
    if "default" in schema:
        yield f"{schema['default']} unless given"


def with_code(text: str) -> SafeString:
    """Escape a text, and mark up what is between backticks as code."""
    parts: list[Any] = [
        format_html("<code>{}</code>", part) if place % 2 else escape(part)
        for place, part in enumerate(text.split("`"))
    ]
    return SafeString("".join(parts))
