"""What a program asks for with one registration, and what of it is refused."""

from __future__ import annotations

import re
from typing import Any

from pydantic.alias_generators import to_snake

from .model import Resource, Unsupported, urn_of
from .values import ARCHIVE, ASSET, contains, from_struct

_UNDERSTOOD = {
    *("type", "name", "parent", "custom", "object", "dependencies", "propertyDependencies", "protect"),
    *("retainOnDelete", "ignoreChanges", "additionalSecretOutputs", "aliases", "snippetId"),
    *("acceptSecrets", "acceptResources", "supportsPartialValues", "supportsResultReporting", "aliasSpecs"),
    *("accepts_byte_string", "deleteBeforeReplaceDefined", "sourcePosition", "stackTrace", "parentStackTraceHandle"),
}
"""What a request may hold; whatever else the SDK sends, now or in a later version, is refused by its option's name."""
_WHOLE = re.compile(r'([^.\[\]"]+)|\["([^"]+)"\]')


def read(request: Any, prefix: str, parent: Resource | None) -> Resource:
    """Read a request of the program: the resource as it shall be.

    Args:
        request: a ``RegisterResourceRequest``.
        prefix: ``urn:pulumi:<stack>::<project>``.
        parent: the parent. What the SDK leaves to the engine is inherited from it; `protect` is not.

    Raises:
        Unsupported: it asks for something that this engine does not do.
    """
    of = f"({request.type} {request.name!r})"
    if request.custom and not request.type.startswith("pulumi-python:"):
        raise Unsupported(f"resources other than Python's dynamic ones {of}")
    for field, value in request.ListFields():
        empty = field.name == "hooks" and not value.ByteSize()
        if field.name not in _UNDERSTOOD and not empty:
            raise Unsupported(f"`{_option(field.name)}` {of}")
    inputs = from_struct(request.object)
    if contains(inputs, ASSET) or contains(inputs, ARCHIVE):
        raise Unsupported(f"assets and archives {of}")
    aliases = [_alias(alias, request, prefix) for alias in request.aliases]
    if not all(alias.startswith(f"{prefix}::") for alias in aliases):
        raise Unsupported(f"aliases in other projects or stacks {of}")
    retained = request.retainOnDelete if request.HasField("retainOnDelete") else parent and parent.retain_on_delete
    every, given = sorted(request.dependencies), request.propertyDependencies
    return Resource(
        urn_of(prefix, request.parent, request.type, request.name),
        request.type,
        request.custom,
        inputs=inputs,
        parent=request.parent,
        protect=request.protect,
        dependencies=every,
        property_dependencies={key: sorted(given[key].urns) if given else every for key in sorted(given or inputs)},
        additional_secret_outputs=list(request.additionalSecretOutputs),
        retain_on_delete=bool(retained),
        ignore_changes=[_ignored(path, of) for path in request.ignoreChanges],
        aliases=aliases,
    )


def _option(field: str) -> str:
    """What a program calls the option that a field of a request comes from."""
    return "import_" if field == "importId" else to_snake(field)


def _ignored(path: str, of: str) -> str:
    """The property that a path of ``ignore_changes`` names as a whole; ``*`` is all of them."""
    if not (found := _WHOLE.fullmatch(path)):
        raise Unsupported(f"`ignore_changes` of parts of a property, {path} {of}", "ignore the property as a whole")
    return found[1] or found[2]


def _alias(alias: Any, request: Any, prefix: str) -> str:
    """The URN that an ``Alias`` message stands for."""
    if alias.WhichOneof("alias") == "urn":
        return str(alias.urn)
    spec, (stack, project) = alias.spec, prefix.removeprefix("urn:pulumi:").split("::")
    parent = spec.parentUrn or ("" if spec.noParent else request.parent)
    own = f"urn:pulumi:{spec.stack or stack}::{spec.project or project}"
    return urn_of(own, parent, spec.type or request.type, spec.name or request.name)
