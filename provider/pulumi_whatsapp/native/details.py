"""What changes, property by property, as the engine's preview shows it: one line a contact."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final

from pulumi.runtime.proto import provider_pb2

from ..lifecycle.diff import Diff
from ..lifecycle.inputs import Props
from ..lifecycle.members import from_outputs
from ..names import Key
from .resource_kinds import Kind

_Kind = provider_pb2.PropertyDiff
_REPLACING: Final = {
    _Kind.ADD: _Kind.ADD_REPLACE,
    _Kind.DELETE: _Kind.DELETE_REPLACE,
    _Kind.UPDATE: _Kind.UPDATE_REPLACE,
}

Details = dict[str, provider_pb2.PropertyDiff]


def details(kind: Kind, found: Diff, outputs: Props, news: Props, *, secret: bool) -> Details:
    """Return path -> how it changes; empty where nothing does.

    Args:
        kind: the resource's kind.
        found: what an update would do.
        outputs: what the state holds.
        news: the checked inputs.
        secret: whether the contacts are a secret: a path is never one, so it names none of them.
    """
    if not found.changes:
        return {}
    changed = {path: how for name in kind.inputs for path, how in _changes(name, outputs, news, found)}
    tried = outputs.get("failed") or {}
    if not changed and isinstance(tried, dict):
        # of a privacy setting the value itself may be what failed, or the list as a whole
        changed = {name if name in kind.inputs else _path(kind.contacts, name): _Kind.UPDATE for name in tried}
    if secret:
        changed = {kind.contacts if _within(path, kind.contacts) else path: how for path, how in changed.items()}
        changed |= {kind.contacts: _Kind.UPDATE} if kind.contacts in changed else {}
    missing = [name for name in found.replaces if not any(_within(path, name) for path in changed)]
    changed |= dict.fromkeys(missing or ([] if changed else kind.inputs[:1]), _Kind.UPDATE)
    return {
        path: _Kind(
            kind=_REPLACING[how] if any(_within(path, name) for name in found.replaces) else how, inputDiff=True
        )
        for path, how in changed.items()
    }


def _changes(name: str, outputs: Props, news: Props, found: Diff) -> Iterator[tuple[str, Any]]:
    old, new = outputs.get(name), news.get(name)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        key = from_outputs(old, outputs).key
        yield from _entries(name, old, new, {key(contact) for contact in new} if name in found.replaces else None, key)
    elif old != new:
        yield name, _Kind.ADD if old is None else _Kind.DELETE if new is None else _Kind.UPDATE


def _entries(
    name: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    people: Collection[Key] | None,
    key: Callable[[str], Key],
) -> Iterator[tuple[str, Any]]:
    """Yield the contacts that come, that go, and whose reason changes.

    Args:
        name: the input.
        old: contact -> reason, as the state has it.
        new: the same as declared.
        people: who is declared, where somebody goes. Nobody does in an update: a contact that it does not have any more
            is there under another name.
        key: gives the one key that stands for a contact, by whichever of its names.
    """
    for contact in old.keys() - new.keys():
        if name != "contacts" or (people is not None and key(contact) not in people):
            yield _path(name, contact), _Kind.DELETE
    for contact, reason in new.items():
        if contact not in old:
            yield _path(name, contact), _Kind.ADD
        elif old[contact] != reason:
            yield _path(name, contact), _Kind.UPDATE


def _path(name: str, contact: str) -> str:
    return name if name == "phone" else f'{name}["{contact}"]'


def _within(path: str, name: str) -> bool:
    return path == name or path.startswith(f"{name}[")
