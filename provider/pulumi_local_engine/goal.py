"""What a program asks for with one registration, and what of it is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .model import Resource, Unsupported, urn_of
from .values import ARCHIVE, ASSET, contains, from_struct

_REFUSED = {
    "remote": "remote components",
    "provider": "explicit providers",
    "providers": "explicit providers",
    "packageRef": "packages",
    "pluginDownloadURL": "packages",
    "importId": "`import_`",
    "transforms": "transforms",
    "hooks": "resource hooks",
    "state_migrations": "state migrations",
    "replace_with": "replacement triggers",
    "replacement_trigger": "replacement triggers",
    "deleteBeforeReplace": "`delete_before_replace`",
    "replaceOnChanges": "`replace_on_changes`",
    "customTimeouts": "`custom_timeouts`",
    "hideDiffs": "`hide_diffs`",
}
_UNDERSTOOD = {
    *("type", "name", "parent", "custom", "object", "dependencies", "propertyDependencies", "protect"),
    *("retainOnDelete", "deletedWith", "ignoreChanges", "additionalSecretOutputs", "aliases", "snippetId"),
    *("acceptSecrets", "acceptResources", "supportsPartialValues", "supportsResultReporting", "aliasSpecs"),
    *("accepts_byte_string", "deleteBeforeReplaceDefined", "sourcePosition", "stackTrace", "parentStackTraceHandle"),
}
"""What a request may hold; whatever else the SDK sends, now or in a later version, is refused."""
_INHERITED = {"protect": "protect", "retain_on_delete": "retainOnDelete", "deleted_with": "deletedWith"}
_WHOLE = re.compile(r'\*|([^.\[\]"]+)|\["([^"]+)"\]')


@dataclass
class Goal:
    """One registration.

    Args:
        new: the resource as the program declares it.
        inherited: the options that the program leaves to the parent.
        aliases: who it may have been, as ``Alias`` messages.
    """

    new: Resource
    inherited: list[str]
    aliases: list[Any]


def read(request: Any, prefix: str) -> Goal:
    """Read a request of the program.

    Args:
        request: a ``RegisterResourceRequest``.
        prefix: ``urn:pulumi:<stack>::<project>``.

    Raises:
        Unsupported: it asks for something that this engine does not do.
    """
    of = f"({request.type} {request.name!r})"
    if request.custom and not request.type.startswith("pulumi-python:"):
        raise Unsupported(f"resources other than Python's dynamic ones {of}")
    for field, value in request.ListFields():
        empty = field.name == "hooks" and not value.ByteSize()
        if field.name not in _UNDERSTOOD and not empty:
            raise Unsupported(f"{_REFUSED.get(field.name, f'`{field.name}`')} {of}")
    inputs = from_struct(request.object)
    if contains(inputs, ASSET) or contains(inputs, ARCHIVE):
        raise Unsupported(f"assets and archives {of}")
    every, given = sorted(request.dependencies), request.propertyDependencies
    new = Resource(
        urn_of(prefix, request.parent, request.type, request.name),
        request.type,
        request.custom,
        inputs=inputs,
        parent=request.parent,
        protect=request.protect,
        dependencies=every,
        property_dependencies={key: sorted(given[key].urns) if given else every for key in sorted(given or inputs)},
        additional_secret_outputs=list(request.additionalSecretOutputs),
        retain_on_delete=request.retainOnDelete,
        deleted_with=request.deletedWith,
        ignore_changes=[_ignored(path, of) for path in request.ignoreChanges],
    )
    set_here = {field.name for field, _ in request.ListFields()}
    inherited = [option for option, field in _INHERITED.items() if field not in set_here]
    for alias in request.aliases:
        _require_here(alias, prefix, of)
    return Goal(new, inherited, list(request.aliases))


def _ignored(path: str, of: str) -> str:
    """The property that a path of ``ignore_changes`` names as a whole."""
    if not (found := _WHOLE.fullmatch(path)):
        raise Unsupported(f"`ignore_changes` of parts of a property, {path} {of}", "ignore the property as a whole")
    return found[1] or found[2] or path


def _require_here(alias: Any, prefix: str, of: str) -> None:
    """Refuse an alias in another project or stack."""
    stack, project = prefix.removeprefix("urn:pulumi:").split("::")
    own = alias.spec.stack in ("", stack) and alias.spec.project in ("", project)
    if not own or (alias.urn and not alias.urn.startswith(f"{prefix}::")):
        raise Unsupported(f"aliases in other projects or stacks {of}")
