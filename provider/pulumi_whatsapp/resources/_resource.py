"""What the three resource classes share: names on the wire, and failing after the state is safe."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4
from weakref import WeakKeyDictionary

import pulumi
from pulumi.dynamic import Resource as DynamicResource
from pulumi.dynamic import ResourceProvider

from ._provider import RUN

_NAMED = 10

_runs: WeakKeyDictionary[pulumi.Resource, str] = WeakKeyDictionary()


class Resource(DynamicResource):
    """A dynamic resource whose properties are camel case on the wire and snake case in Python."""

    failed: pulumi.Output[Mapping[str, Any] | None]
    """What is not as declared: contact -> ``{"state": …, "why": …}``."""

    def __init__(
        self,
        provider: ResourceProvider,
        resource_name: str,
        props: dict[str, Any],
        opts: pulumi.ResourceOptions | None,
    ) -> None:
        super().__init__(provider, resource_name, {**props, "failed": None, "failed_run": None, RUN: _run_id()}, opts)
        described = f"{type(self).__name__} {resource_name!r}"
        allowed = props.get("allow_failures")
        pulumi.Output.all(self.failed, self.__dict__["failed_run"], allowed).apply(
            lambda values: _fail(described, *values)
        )

    def translate_output_property(self, prop: str) -> str:
        """Return the Python name of a property: ``waId`` is ``wa_id``."""
        return re.sub(r"(?<=[a-z])([A-Z])", lambda match: f"_{match[1].lower()}", prop)

    def translate_input_property(self, prop: str) -> str:
        """Return the wire name of a property: ``wa_id`` is ``waId``."""
        return re.sub(r"(?<=[a-z])_([a-z])", lambda match: match[1].upper(), prop)


def whole(values: Any) -> Any:
    """Return contacts as one value: unknown or secret as a whole where any part of them is.

    `check` gives the contacts new keys, and a mark on a single value would not survive that.
    """
    parts = values.values() if isinstance(values, Mapping) else values
    if isinstance(parts, str) or parts is None or isinstance(values, pulumi.Output):
        return values
    if all(isinstance(part, str) for part in parts):
        return dict(values) if isinstance(values, Mapping) else list(values)
    return pulumi.Output.from_input(values)


def _run_id() -> str:
    """Return the id of this run of the program."""
    stack = pulumi.runtime.get_root_resource()
    if stack is None:
        return uuid4().hex
    return _runs.setdefault(stack, uuid4().hex)


def _fail(described: str, failed: Mapping[str, Any] | None, run_id: str | None, allowed: bool | None) -> None:
    """Fail the program for what failed in this very run; the state already holds it."""
    if not failed or run_id != _run_id():
        return
    tolerated = {name for name, failure in failed.items() if allowed and failure["state"] == "refused"}
    if tolerated:
        pulumi.log.warn(f"{described}: {_sentence({name: failed[name] for name in tolerated})}")
    serious = {name: failure for name, failure in failed.items() if name not in tolerated}
    if serious:
        raise pulumi.RunError(f"{described}: {_sentence(serious)}; the next pulumi up tries again")


def _sentence(failed: Mapping[str, Any]) -> str:
    named = [f"{name} {failure['state']} ({failure['why']})" for name, failure in sorted(failed.items())[:_NAMED]]
    rest = len(failed) - len(named)
    more = f"; and {rest:,} more" if rest else ""
    return f"{len(failed):,} not as declared: {'; '.join(named)}{more}"
