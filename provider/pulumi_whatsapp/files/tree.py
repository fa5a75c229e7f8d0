"""YAML and JSON: a list of contacts, a map from contact to reason, a list of records, or topics with those in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Final

import yaml

from .entries import Content, Entry, Names

_LOADER: Final[Any] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""To the base loader everything is text: another one takes +5511987654321 for a number. The one in C is ten times
faster, and not in every build of PyYAML."""
_NOTHING: Final = frozenset({"", "~", "null", "Null", "NULL"})
_ESCAPE: Final = re.compile(r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|.)", re.DOTALL)


def read_json(text: str, names: Names) -> Content:
    """Return the contacts of a JSON file.

    JSON is YAML, but for tabs between values and two escapes; and `json` tells no lines.
    """
    try:
        json.loads(text, parse_int=str)  # a number may be longer than Python takes
    except json.JSONDecodeError as error:
        content = Content()
        content.fail(error.lineno, f"it is no JSON: {error.msg}")
        return content
    except RecursionError:
        return _too_deep()
    return read_yaml(_ESCAPE.sub(_unescaped, text.replace("\t", " ")), names)


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1]:
        return (bytes.fromhex(escape[1]) + bytes.fromhex(escape[2])).decode("utf-16-be")
    return "/" if escape[0] == r"\/" else escape[0]


def read_yaml(text: str, names: Names) -> Content:
    """Return the contacts of a YAML file."""
    content = Content()
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        content.fail(mark.line + 1 if mark else 0, f"it is no YAML: {error.problem}")
        return content
    except yaml.YAMLError as error:  # a mark that YAML does not allow
        content.fail(0, f"it is no YAML: {' '.join(str(error).split())}")
        return content
    except RecursionError:
        return _too_deep()
    if root is None or (isinstance(root, yaml.ScalarNode) and _value(root) == ""):
        content.fail(0, "it is empty; a list of nobody is []")
    elif isinstance(root, yaml.MappingNode) and any(not isinstance(value, yaml.ScalarNode) for _, value in root.value):
        content.topics = {}
        for topic, value in _pairs(root, content):
            content.topics[topic.value] = []
            if not isinstance(value, yaml.ScalarNode):
                content.topics[topic.value] += _entries(value, names, content)
            elif _value(value):
                content.fail(_line(topic), f"{topic.value!r} stands beside topics, and has no contacts under it")
    else:
        content.entries = list(_entries(root, names, content))
    return content


def _too_deep() -> Content:
    content = Content()
    content.fail(0, "it is nested too deep; contacts stand in a list or a map, or under topics")
    return content


def _entries(node: yaml.Node, names: Names, content: Content) -> Iterable[Entry]:
    """Return the contacts of a list, or of a map from contact to reason."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            entry = _record(item, names, content) if isinstance(item, yaml.MappingNode) else _entry(item, None, content)
            if entry:
                yield entry
    elif isinstance(node, yaml.MappingNode):
        for contact, reason in _pairs(node, content):
            entry = _entry(contact, reason, content)
            if entry:
                yield entry
    else:
        content.fail(_line(node), "it must be a list of contacts, or a map from contact to reason")


def _record(node: yaml.MappingNode, names: Names, content: Content) -> Entry | None:
    fields: dict[str, yaml.Node] = {}
    for key, value in _pairs(node, content):
        name = key.value.strip().casefold()
        if name in fields and name in {names.phone.strip().casefold(), names.reason.strip().casefold()}:
            content.fail(_line(key), f"{name!r} stands twice in a record, in other capitals; keep one of them")
        fields[name] = value
    contact = fields.get(names.phone.strip().casefold())
    if contact is None:
        content.fail(_line(node), f"it has no {names.phone!r}; there is: {', '.join(fields)}")
        return None
    return _entry(contact, fields.get(names.reason.strip().casefold()), content)


def _entry(contact: yaml.Node, reason: yaml.Node | None, content: Content) -> Entry | None:
    if not isinstance(contact, yaml.ScalarNode):
        content.fail(_line(contact), "a contact must be a text")
    elif not isinstance(reason, yaml.ScalarNode | None):
        content.fail(_line(reason), "a reason must be a text")
    elif not _value(contact):
        content.fail(_line(contact), "it has no contact")
    else:
        return Entry(_line(contact), _value(contact), _value(reason) if reason else "")
    return None


def _pairs(node: yaml.MappingNode, content: Content) -> Iterable[tuple[yaml.ScalarNode, yaml.Node]]:
    """Return what a map holds; a key that stands twice is wrong, although YAML and JSON readers take the last one."""
    lines: dict[str, int] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            content.fail(_line(key), "a key must be a text")
        elif key.value in lines:
            content.fail(_line(key), f"{key.value!r} stands twice, first in line {lines[key.value]}")
        else:
            lines[key.value] = _line(key)
            yield key, value


def _value(node: yaml.ScalarNode) -> str:
    text = str(node.value).strip()
    return "" if not node.style and text in _NOTHING else text  # what has no style has no quotes


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
