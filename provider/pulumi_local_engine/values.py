"""Property values: protobuf structs and plain Python values, secrets, and property paths.

In memory a property bag is a plain ``dict`` of JSON values. A secret is ``{SIGNATURE: SECRET, "value": …}``, a resource
reference ``{SIGNATURE: RESOURCE, "urn": …, "id": …}``, and a value that a preview cannot know is the string `UNKNOWN`.
"""

from __future__ import annotations

import json
import re
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


def reveal(value: Any) -> Any:
    """The value without its secret marks."""
    if is_secret(value):
        return reveal(value["value"])
    if isinstance(value, dict):
        return {key: reveal(item) for key, item in value.items()}
    return [reveal(item) for item in value] if isinstance(value, list) else value


def annotate(outs: Properties, ins: Properties) -> Properties:
    """Mark in ``outs`` what is secret in ``ins`` (for a provider that knows no secrets)."""
    for key, given in ins.items():
        if key not in outs:
            continue
        both_objects = isinstance(outs[key], dict) and isinstance(given, dict)
        if both_objects and _signature(outs[key]) is None and _signature(given) is None:
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


def to_struct(properties: Properties, plain: bool = False) -> struct_pb2.Struct:
    """Write a protobuf struct; ``plain`` drops secret marks and turns references into ids, as providers want it."""
    struct = struct_pb2.Struct()
    for key in sorted(properties):
        _to_value(properties[key], plain, struct.fields[key])
    return struct


def _to_value(value: Any, plain: bool, into: struct_pb2.Value) -> None:
    if plain and is_secret(value):
        _to_value(value["value"], plain, into)
    elif plain and _signature(value) == RESOURCE:
        into.string_value = value["id"] if "id" in value else value["urn"]
    elif value is None:
        into.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, bool):
        into.bool_value = value
    elif isinstance(value, (int, float)):
        into.number_value = value
    elif isinstance(value, str):
        into.string_value = value
    elif isinstance(value, dict):
        into.struct_value.SetInParent()
        for key in sorted(value):
            _to_value(value[key], plain, into.struct_value.fields[key])
    else:
        into.list_value.SetInParent()
        for item in value:
            _to_value(item, plain, into.list_value.values.add())


_PATH = re.compile(r'\.?([^.\[\]"]+)|\[(\d+)\]|\[\*\]|\["((?:[^"\\]|\\.)*)"\]')


def parse_path(path: str) -> list[str | int]:
    """Split a property path such as ``a.b[0]["c.d"][*]``."""
    parts: list[str | int] = []
    for match in _PATH.finditer(path):
        name, index, quoted = match.groups()
        parts.append(int(index) if index else quoted.replace('\\"', '"') if quoted is not None else name or "*")
    return parts


def covers(path: list[str | int], other: list[str | int]) -> bool:
    """Whether a path, in which ``*`` is any part, names the other one or something that it lies in."""
    return len(path) <= len(other) and all(part in ("*", there) for part, there in zip(path, other, strict=False))


def changed_paths(old: Any, new: Any) -> list[list[str | int]]:
    """The paths of the smallest values that differ, secrets taken as what they hold."""
    old, new = reveal(old), reveal(new)
    if old == new:
        return []
    if not any(isinstance(old, kind) and isinstance(new, kind) for kind in (dict, list)):
        return [[]]
    before, after = (dict(item) if isinstance(item, dict) else dict(enumerate(item)) for item in (old, new))
    return [
        [key, *rest]
        for key in {**before, **after}
        for rest in (changed_paths(before[key], after[key]) if key in before and key in after else [[]])
    ]


def keep_old(path: list[str | int], old: Any, new: Any, hide: bool = False) -> bool:
    """Set what ``path`` names in ``new`` back to its ``old`` value, still secret; false if it cannot be."""
    hide = (hide or is_secret(old)) and not is_secret(new)
    old, new = (item["value"] if is_secret(item) else item for item in (old, new))
    head, rest = path[0], path[1:]
    if head == "*":
        keys = _keys(old)
        done = [keep_old([key, *rest], old, new, hide) for key in keys]
        if not rest and isinstance(new, dict) and isinstance(old, dict):
            for key in set(new) - set(old):
                del new[key]
            return True
        return all(done) and (not isinstance(new, list) or len(keys) == len(new))
    has_old, has_new = head in _keys(old), head in _keys(new)
    if rest:
        return keep_old(rest, old[head], new[head], hide) if has_old and has_new else not has_old
    if has_old and isinstance(new, (dict, list)) and (has_new or isinstance(new, dict)):
        new[head] = secret(old[head]) if hide else old[head]  # type: ignore[index]
        return True
    if not has_old and isinstance(new, dict):
        new.pop(str(head), None)
        return True
    return not has_old and not has_new


def _keys(value: Any) -> list[Any]:
    return list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []


def changed_keys(old: Properties, new: Properties) -> list[str]:
    """The top-level keys whose values differ, the pickled provider left out."""
    keys = sorted((set(old) | set(new)) - {PROVIDER_KEY})
    return [key for key in keys if reveal(old.get(key)) != reveal(new.get(key))]


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


def property_lines(old: Properties | None, new: Properties | None, depth: int = 0) -> list[str]:
    """What an operation does to the properties: lines that begin with ``+``, ``-``, ``~`` or a blank."""
    lines: list[str] = []
    indent = "    " * depth
    before, after = old or {}, new or {}
    for key in sorted((set(before) | set(after)) - {PROVIDER_KEY}):
        was, now = before.get(key), after.get(key)
        sign = " " if old is None or new is None else "+" if key not in before else "-" if key not in after else "~"
        if is_secret(was) and is_secret(now) and reveal(was) != reveal(now):
            lines.append(f"~ {indent}{key}: [secret] => [secret]")
        elif (
            sign == "~" and isinstance(was, dict) and isinstance(now, dict) and not (_signature(was) or _signature(now))
        ):
            inner = property_lines(was, now, depth + 1)
            if inner:
                lines += [f"~ {indent}{key}:", *inner]
        elif sign == "~":
            if was != now:
                lines.append(f"~ {indent}{key}: {show(was)} => {show(now)}")
        else:
            value = now if key in after else was
            if isinstance(value, dict) and value and _signature(value) is None:
                inner = property_lines(None, value, depth + 1)
                lines += [f"{sign} {indent}{key}:", *(sign + line[1:] for line in inner)]
            else:
                lines.append(f"{sign} {indent}{key}: {show(value)}")
    return lines
