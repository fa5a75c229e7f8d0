"""What the three resource classes share: names on the wire, and failing after the state is safe."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from inspect import isawaitable
from typing import Any, ClassVar

import pulumi
from pulumi.dynamic import Resource as DynamicResource
from pulumi.dynamic import ResourceProvider

from ..phone import last_digits
from ..spelling import to_camel
from ._program import Run, current_run
from ._provider import FROZEN, OTHERS, RUN, SECRET

_NAMED = 10


class Resource(DynamicResource):
    """A dynamic resource whose properties are camel case on the wire and snake case in Python.

    The modules of its subclasses postpone no annotations: the SDK evaluates a class's own ones for each resource.
    """

    _declares: ClassVar[str]
    """The name of the property that says whom or what the resource is about."""
    failed: pulumi.Output[Mapping[str, Any] | None]
    """What is not as declared: contact -> ``{"state": …, "why": …}``."""

    def __init__(
        self,
        provider: ResourceProvider,
        resource_name: str,
        props: dict[str, Any],
        opts: pulumi.ResourceOptions | None,
        *,
        contacts: Any,
    ) -> None:
        run = current_run()
        described = describe(type(self), resource_name)
        props = {**props, "failed": None, "failed_run": None, RUN: run.id}
        if may_be_secret(contacts):
            named: list[str] = [name for name in ("wa_id", "wa_ids", "failed", "foreign") if name in props]
            opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(additional_secret_outputs=named))
            props[SECRET] = pulumi.Output.is_secret(pulumi.Output.from_input(contacts))
        # The SDK asks for the keys of every map as well, and contacts stay as they are.
        self._wire_names = {name: to_camel(name) for name in props}
        self._python_names = {wire: name for name, wire in self._wire_names.items()}
        super().__init__(provider, resource_name, props, opts)
        failed_run = self.__dict__.pop("failed_run")
        for travelling in (RUN, OTHERS, SECRET, FROZEN):
            self.__dict__.pop(travelling, None)
        known: asyncio.Future[bool] = asyncio.Future()
        known.set_result(True)
        # The program does not end before an Output does.
        pulumi.Output(set(), self._when_dealt_with(run, described, props, failed_run), known)

    async def _when_dealt_with(
        self, run: Run, described: str, props: Mapping[str, Any], failed_run: pulumi.Output[str | None]
    ) -> None:
        """Warn when the engine has left this resource out, and fail the program for what failed in this very run.

        One coroutine, and no chain of Outputs: each of those is a task or two, for every resource of a program.
        """
        try:
            left_out = run.guarded and await self._is_left_out(props[self._declares])
            failed = await self.failed.future()
            here = await failed_run.future() == run.id
            # The contacts of an earlier program may have been a secret; then its failures are one too.
            hidden = await self.failed.is_secret()
        except Exception:
            return  # whatever it was, the engine tells it of the resource itself
        if left_out:
            run.tell_of_targets(described)
        if failed and here:
            allowed = await pulumi.Output.from_input(props.get("allow_failures")).future()
            _fail(described, failed, hidden=hidden, allowed=bool(allowed))

    async def _is_left_out(self, declared: Any) -> bool:
        """Return whether the engine skips this resource: what should be known by now is not."""
        if not pulumi.runtime.is_dry_run():
            return not await self.id.is_known()
        if not may_be_secret(declared) or await pulumi.Output.from_input(declared).is_known():
            return not await getattr(self, self._declares).is_known()
        return False

    def translate_output_property(self, prop: str) -> str:
        """Return the Python name of a property: ``waId`` is ``wa_id``."""
        return self._python_names.get(prop, prop)

    def translate_input_property(self, prop: str) -> str:
        """Return the wire name of a property, or of the one that a path begins with: ``wa_id`` is ``waId``."""
        return re.sub(r"[a-z_]+", lambda match: self._wire_names.get(match[0], match[0]), prop, count=1)


def shared(value: Any) -> Any:
    """Return an input that more than one can read: an Output of what is awaited, a list of what is iterated."""
    if isawaitable(value):
        return pulumi.Output.from_input(value)
    if isinstance(value, Mapping) and may_be_secret(value):
        return {key: shared(part) for key, part in value.items()}
    if isinstance(value, list | tuple) and may_be_secret(value):
        return [shared(part) for part in value]
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping | list | tuple | pulumi.Output):
        return shared(list(value))
    return value


def reasons(values: Any, where: str) -> Any:
    """Return contacts with no reason as ones whose reason is empty: the SDK leaves out whatever is None, keys included.

    Args:
        values: what the program gives.
        where: what messages call it: ``Blocklist 'spam': contacts``.

    Raises:
        pulumi.RunError: when a key is no text.
    """
    if not isinstance(values, Mapping):
        return values
    for contact in values:
        if not isinstance(contact, str):
            raise pulumi.RunError(
                f"{where}: a contact is {type(contact).__name__}, and must be a text; put it in quotes"
            )
    return {contact: "" if reason is None else reason for contact, reason in values.items()}


def whole(values: Any, where: str, run: Run) -> Any:
    """Return contacts as one value: unknown or secret as a whole where any part of them is.

    `check` gives the contacts new keys, and a mark on a single value would not survive that. Under mocks, where nothing
    is checked, a list becomes the map that `check` would make of it.
    """
    if values is None or isinstance(values, str):
        return values
    if not run.guarded:
        return pulumi.Output.from_input(values).apply(_as_map)
    if may_be_secret(values):
        return pulumi.Output.from_input(values).apply(lambda known: reasons(known, where))
    return dict(values) if isinstance(values, Mapping) else list(values)


def _as_map(values: Any) -> Any:
    return dict.fromkeys(values, "") if isinstance(values, list | tuple) else values


def may_be_secret(contacts: Any) -> bool:
    """Return whether contacts are anything but plain texts: an Output tells too late whether it is a secret."""
    if contacts is None or isinstance(contacts, str):
        return False
    if isinstance(contacts, Mapping):
        contacts = contacts.values()
    elif not isinstance(contacts, list | tuple):
        return True
    return not all(isinstance(part, str) for part in contacts)


def ignores(opts: pulumi.ResourceOptions | None, argument: str) -> bool:
    """Return whether ``ignore_changes`` has the engine keep what the state has of an argument, or a part of it."""
    ignored = (opts.ignore_changes if opts else None) or ()
    return any(re.match(rf"\*|{argument}\b", path) for path in ignored)


def describe(resource: type[Resource], resource_name: str) -> str:
    """Return what messages call a resource: ``BlockedContact 'spammer'``."""
    return f"{resource.__name__} {resource_name!r}"


def _fail(described: str, failed: Mapping[str, Any], *, hidden: bool, allowed: bool) -> None:
    """Fail the program for what is not as declared; the state already holds it."""
    tolerated = {name for name, failure in failed.items() if allowed and failure["state"] == "refused"}
    if tolerated:
        pulumi.log.warn(f"{described}: {_sentence({name: failed[name] for name in tolerated}, hidden)}")
    serious = {name: failure for name, failure in failed.items() if name not in tolerated}
    if serious:
        raise pulumi.RunError(f"{described}: {_sentence(serious, hidden)}; the next pulumi up tries again")


def _sentence(failed: Mapping[str, Any], hidden: bool) -> str:
    first = sorted(failed.items())[:_NAMED]
    named = [f"{last_digits(name) if hidden else name} {why['state']} ({why['why']})" for name, why in first]
    rest = len(failed) - len(named)
    more = f"; and {rest:,} more" if rest else ""
    return f"{len(failed):,} not as declared: {'; '.join(named)}{more}"
