"""What the three resource classes share: names on the wire, and what becomes of them by the end of the run."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from inspect import Parameter, isawaitable, signature
from typing import Any, ClassVar

import pulumi
from pulumi.dynamic import Resource as DynamicResource
from pulumi.dynamic import ResourceProvider

from ..engine.failing import failures
from ..engine.marks import INSTANCE
from ..names import Key, is_user_id, key_of
from ..phone import ImpossiblePhone, canonical
from ..sdk import take_output
from ..spelling import closest, to_camel
from ._message import MESSAGE
from ._program import Declaration, Run, current_run

_ABOUT_CONTACTS = ("wa_id", "user_id", "lid", "wa_ids", "user_ids", "lids", "failed", "foreign")
"""Outputs that name contacts, and so are a secret where those are."""


class Resource(DynamicResource):
    """A dynamic resource whose properties are camel case on the wire and snake case in Python.

    The modules of its subclasses postpone no annotations: the SDK evaluates a class's own ones for each resource.
    """

    _native: ClassVar[pulumi.Alias]
    """The native resource that it may have been: see `pulumi_whatsapp.native`."""
    _declares: ClassVar[str]
    """The name of the property that says whom or what the resource is about."""
    failed: pulumi.Output[Mapping[str, Any] | None]
    """What is not as declared: contact -> ``{"state": …, "why": …}``."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Resource:
        """Refuse arguments that the class does not take, with the one that was probably meant.

        Raises:
            pulumi.RunError: says which.
        """
        mistake = _misused(cls, args, kwargs)
        if mistake:
            raise pulumi.RunError(mistake)
        return super().__new__(cls)

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
        label = describe(type(self), resource_name)
        if opts is not None and opts.delete_before_replace:
            raise pulumi.RunError(
                f"{label}: delete_before_replace is not possible: whoever is deleted first would be unblocked, and may "
                "not be blockable again; remove it"
            )
        if opts is not None and opts.import_ is not None:
            raise pulumi.RunError(
                f"{label}: import_ is not possible, because Pulumi imports no dynamic resource; remove it: what is "
                "blocked or set already is taken over"
            )
        if opts is not None and "*" in (opts.ignore_changes or ()):
            # The engine would keep the state's inputs whole, without the message that says which resource it is.
            opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions())
            opts.ignore_changes = [*(name for name in opts.ignore_changes or () if name != "*"), *props]
        opts = pulumi.ResourceOptions.merge(pulumi.ResourceOptions(aliases=[self._native]), opts)
        own = run.declare(label)
        props = {**props, "failed": None, "failed_run": None, INSTANCE: None, MESSAGE: dict(own.message)}
        if may_be_secret(contacts):
            named: list[str] = [name for name in _ABOUT_CONTACTS if name in props]
            opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(additional_secret_outputs=named))
            props[MESSAGE]["secret"] = pulumi.Output.is_secret(pulumi.Output.from_input(contacts))
        secrets = {
            to_camel(name): pulumi.Output.is_secret(value)
            for name, value in props.items()
            if isinstance(value, pulumi.Output) and value is not contacts
        }
        if secrets:
            props[MESSAGE]["hidden"] = pulumi.Output.all(**secrets).apply(
                lambda known: sorted(name for name, is_secret in known.items() if is_secret)
            )
        # The SDK asks for the keys of every map as well, and contacts stay as they are.
        self._wire_names = {name: to_camel(name) for name in props}
        self._python_names = {wire: name for name, wire in self._wire_names.items()}
        super().__init__(provider, resource_name, props, opts)
        failed_run = take_output(self, "failed_run")
        instance = take_output(self, INSTANCE)
        take_output(self, MESSAGE)
        known: asyncio.Future[bool] = asyncio.Future()
        known.set_result(True)
        # The program does not end before an Output does.
        pulumi.Output(set(), self._when_dealt_with(run, own, props, failed_run, instance), known)

    async def _when_dealt_with(
        self,
        run: Run,
        own: Declaration,
        props: Mapping[str, Any],
        failed_run: pulumi.Output[str | None],
        instance: pulumi.Output[str | None],
    ) -> None:
        """Note what became of the resource: whether the engine left it out, and what failed in this very run.

        One coroutine, and no chain of Outputs: each of those is a task or two, for every resource of a program.
        """
        try:
            own.instance = await instance.future()
            left_out = run.guarded and await self._is_left_out(own)
            failed = await self.failed.future()
            here = await failed_run.future() == run.id
            # The contacts of an earlier program may have been a secret; then its failures are one too.
            hidden = await self.failed.is_secret()
        except Exception:
            return  # whatever it was, the engine tells it of the resource itself
        label = own.message["label"]
        if left_out:
            run.tell_of_targets(label)
        if failed and here:
            allowed = await pulumi.Output.from_input(props.get("allow_failures")).future()
            run.failures += failures(label, failed, hidden=hidden, allowed=bool(allowed), warn=pulumi.log.warn)

    async def _is_left_out(self, own: Declaration) -> bool:
        """Return whether the engine skips this resource: what should be known by now is not, or is not as declared."""
        if not pulumi.runtime.is_dry_run():
            return not await self.id.is_known()
        if own.contacts is None and own.setting is None:
            return False
        planned: pulumi.Output[Any] = getattr(self, self._declares)
        if not await planned.is_known():
            return True
        return bool(own.contacts) and _gains(own.contacts or (), await planned.future())

    def translate_output_property(self, prop: str) -> str:
        """Return the Python name of a property: ``waId`` is ``wa_id``."""
        return self._python_names.get(prop, prop)

    def translate_input_property(self, prop: str) -> str:
        """Return the wire name of a property, or of the one that a path begins with: ``wa_id`` is ``waId``."""
        return re.sub(r"[a-z_]+", lambda match: self._wire_names.get(match[0], match[0]), prop, count=1)


@cache
def _arguments(constructor: Callable[..., None]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the arguments of a constructor beside the name, and those of them that it cannot do without."""
    parameters = [*signature(constructor).parameters.values()][2:]
    return tuple(each.name for each in parameters), frozenset(
        each.name for each in parameters if each.default is Parameter.empty
    )


def _misused(resource: type[Resource], args: Sequence[Any], kwargs: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the arguments of a constructor, or None. Their values may be secrets: none is shown."""
    if resource.__init__.__module__.rpartition(".")[0] != __package__:
        return None  # a class of the program's own, which takes what it likes
    known, needed = _arguments(resource.__init__)
    name = args[0] if args else kwargs.get("resource_name")
    called = resource.__name__
    if not isinstance(name, str):
        return f"{called}: its first argument is its name in the program; write {called}('a-name', {known[0]}=…)"
    label = describe(resource, name)
    if len(args) > 1:
        return f"{label}: only the name goes without a keyword; write {called}({name!r}, {known[0]}=…)"
    missing = sorted(needed - kwargs.keys())
    for given in kwargs:
        if given not in known and given != "resource_name":
            meant = closest(given, known) or (missing[0] if missing else None)
            instead = f"did you mean {meant}? " if meant else ""
            return f"{label}: it has no argument {given}; {instead}it takes {', '.join(known)}"
    return f"{label}: {missing[0]} is missing" if missing else None


def _gains(declared: Iterable[str], planned: Any) -> bool:
    """Return whether somebody is declared whom the engine's plan for the resource does not have.

    The plan of a resource that the run leaves out is what the state has. Only a BSUID and what is spelt with a ``+``
    are compared: the program does not know the country of other numbers.
    """
    people = {planned} if isinstance(planned, str) else set(planned or ())
    missing = [text for text in declared if (text[:1] == "+" or is_user_id(text)) and text not in people]
    return bool(missing) and not _keys_of(missing) <= _keys_of(people)


def _keys_of(texts: Iterable[str]) -> set[Key]:
    found = set()
    for text in texts:
        with suppress(ImpossiblePhone):  # `check` says what is wrong with it
            found.add(key_of(canonical(text)))
    return found


def shared(value: Any, where: str) -> Any:
    """Return an input that more than one can read and the SDK can send: what is iterated is a list.

    Args:
        value: what the program gives.
        where: what messages call it: ``BlockedContact 'spammer': reason``.

    Raises:
        pulumi.RunError: when it is nothing that can be sent.
    """
    if isawaitable(value):
        value = pulumi.Output.from_input(value)
    if isinstance(value, pulumi.Output):
        return value.apply(lambda known: shared(known, where))
    if isinstance(value, str):
        return _text(value, where)
    if isinstance(value, bytes | bytearray | memoryview):
        raise pulumi.RunError(f"{where}: bytes are no text; decode them first, e.g. .decode()")
    if isinstance(value, Mapping):
        return {shared(key, where): shared(part, where) for key, part in value.items()}
    return [shared(part, where) for part in value] if isinstance(value, Iterable) else value


def _text(value: str, where: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise pulumi.RunError(
            f"{where}: it has half a character at position {error.start + 1:,} (a lone surrogate), which no text in "
            "UTF-8 can have; read it in the encoding that it was written in"
        ) from None
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


def describe(resource: type[Resource], resource_name: str) -> str:
    """Return what messages call a resource: ``BlockedContact 'spammer'``."""
    return f"{resource.__name__} {resource_name!r}"
