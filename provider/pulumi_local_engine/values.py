"""Property values: protobuf structs and plain Python values, secrets, and how they are shown.

In memory a property bag is a plain ``dict`` of JSON values. A secret is ``{SIGNATURE: SECRET, "value": …}``, a resource
reference ``{SIGNATURE: RESOURCE, "urn": …, "id": …}``, and a value that a preview cannot know is the string `UNKNOWN`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from google.protobuf import struct_pb2

Properties: TypeAlias = dict[str, Any]

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
PROVIDER_KEY = "__provider"


def _signature(value: Any) -> str | None:
    return value.get(SIGNATURE) if isinstance(value, dict) else None


def is_secret(value: Any) -> bool:
    """Whether the value itself is a secret."""
    return _signature(value) == SECRET


def secret(value: Any) -> Any:
    """Mark a value as secret."""
    return value if is_secret(value) else {SIGNATURE: SECRET, "value": value}


def contains(value: Any, signature: str) -> bool:
    """Whether a value with this signature stands anywhere in the value."""
    if isinstance(value, dict):
        return value.get(SIGNATURE) == signature or any(contains(item, signature) for item in value.values())
    return isinstance(value, list) and any(contains(item, signature) for item in value)


def exchanged(value: Any, marked: Mapping[str, Callable[[Any], Any]]) -> Any:
    """The value with something else for every part that has a signature.

    Args:
        value: the value.
        marked: signature -> what makes the other thing of such a part.
    """
    if exchange := marked.get(_signature(value) or ""):
        return exchange(value)
    if isinstance(value, dict):
        return {key: exchanged(item, marked) for key, item in value.items()}
    return [exchanged(item, marked) for item in value] if isinstance(value, list) else value


def reveal(value: Any) -> Any:
    """The value without secret marks and with ids in place of references, as the SDK's host takes it."""
    return exchanged(
        value, {SECRET: lambda part: reveal(part["value"]), RESOURCE: lambda part: part.get("id", part["urn"])}
    )


def annotate(outs: Properties, ins: Properties) -> Properties:
    """Mark in ``outs`` what is secret in ``ins`` (for a provider that knows no secrets)."""
    for key, given in ins.items():
        if key not in outs:
            continue
        if _is_map(outs[key]) and _is_map(given):
            annotate(outs[key], given)
        elif contains(given, SECRET):
            outs[key] = secret(outs[key])
    return outs


def from_struct(struct: struct_pb2.Struct) -> Properties:
    """Read a protobuf struct; whole numbers become ``int``."""
    return {key: _from_value(value) for key, value in struct.fields.items()}


def _from_value(value: struct_pb2.Value) -> Any:
    match value.WhichOneof("kind"):
        case "string_value":
            return value.string_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() and abs(number) < 2**53 else number
        case "bool_value":
            return value.bool_value
        case "struct_value":
            return from_struct(value.struct_value)
        case "list_value":
            return [_from_value(item) for item in value.list_value.values]
    return None


def to_struct(properties: Properties) -> struct_pb2.Struct:
    """Write a protobuf struct."""
    struct = struct_pb2.Struct()
    struct.update(properties)
    return struct


def ignored(news: Properties, olds: Properties, names: list[str]) -> Properties:
    """The new inputs with those of ``ignore_changes`` as they were; ``*`` is all."""
    if "*" in names:
        return olds
    kept = {key: olds[key] for key in names if key in olds}
    return {key: value for key, value in news.items() if key not in names} | kept


def show(value: Any) -> str:
    """One value as previews print it, whatever is secret in it hidden."""
    if value is None:
        return "<null>"
    if is_secret(value):
        return "[secret]"
    if value == UNKNOWN:
        return "[unknown]"
    if _signature(value) == RESOURCE:
        return show(value["urn"])
    if isinstance(value, dict):
        return f"{{{', '.join(f'{show(key)}: {show(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(show, value))}]"
    return json.dumps(value, ensure_ascii=False)


def property_lines(old: Properties | None, new: Properties | None) -> list[str]:
    """What an operation does to the properties: lines that begin with ``+``, ``-``, ``~`` or a blank."""
    lines: list[str] = []
    before, after = old or {}, new or {}
    for key in sorted({*before, *after} - {PROVIDER_KEY}):
        sign = " " if old is None or new is None else "+" if key not in before else "-" if key not in after else "~"
        was, now = before.get(key), after.get(key)
        value = now if key in after else was
        if sign == "~" and was == now:
            continue
        if sign == "~" and _is_map(was) and _is_map(now):
            inner = property_lines(was, now)
        elif sign != "~" and value and _is_map(value):
            inner = [sign + line[1:] for line in property_lines(None, value)]
        else:
            lines.append(f"{sign} {key}: {show(value) if sign != '~' else f'{show(was)} => {show(now)}'}")
            continue
        lines += [f"{sign} {key}:", *(f"{line[0]}     {line[2:]}" for line in inner)]
    return lines


def _is_map(value: Any) -> bool:
    return isinstance(value, dict) and SIGNATURE not in value
