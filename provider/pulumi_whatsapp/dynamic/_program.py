"""What the running program declares, as far as the program's own process knows it.

One registry a run: a preview, an update and each test with mocks have their own. It refuses what is declared twice, and
tells the provider what the other resources declare before their turn comes.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NoReturn
from uuid import uuid4
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor

from ..account.accounts import account_id
from ..config import DEFAULT, NAMESPACE, Configuration
from ..connect import configuration
from ..errors import ConfigurationError, InvalidInput
from ..phone import ImpossiblePhone, canonical, identity, last_digits
from ..settings import canonical_setting
from ._keys import KEYS, own_keys

_TURNS: Final = 50
"""How often the event loop goes round before an Output counts as one that waits for a resource."""


@dataclass(eq=False)
class Declaration:
    """One resource, with the contacts that it declares.

    Args:
        resource: what messages call it.
        hidden: whether the contacts may be a secret.
        frozen: whether the engine keeps the state's contacts, whatever the program says (``ignore_changes``).
        place: how many others were declared before it.
        account: the account's id, once it is known.
        region: the country of national numbers.
        texts: the contacts as the program spells them, once they are known.
        known: is known when the contacts are, where they are an Output.
    """

    resource: str
    hidden: bool = False
    frozen: bool = False
    place: int = 0
    account: str | None = None
    region: str | None = None
    texts: Sequence[Any] = ()
    known: pulumi.Output[Any] | None = None

    @cached_property
    def people(self) -> dict[str, str]:
        """Identity -> contact in canonical form; made only where something is to be compared with."""
        people = {}
        for text in self.texts:
            try:
                contact = canonical(text, self.region)
            except (ImpossiblePhone, AttributeError, TypeError):
                continue  # `check` says what is wrong with it
            people[identity(contact)] = contact
        return people


@dataclass
class _Declared:
    """What the resources of one account declare."""

    first: Declaration | None = None
    exclusive: Declaration | None = None
    lists: list[Declaration] = field(default_factory=list)
    people: dict[str, Declaration] = field(default_factory=dict)
    compared: int = 0
    """How many of ``lists`` are in ``people``."""
    settings: dict[str, Declaration] = field(default_factory=dict)


class Run:
    """One run of a program."""

    def __init__(self, *, guarded: bool) -> None:
        self.id = uuid4().hex
        self.guarded = guarded
        """Whether an engine runs the program, and not mocks."""
        self._accounts: dict[str, _Declared] = {}
        self._count = 0
        self._unknown: list[Declaration] = []
        self._configuration: Configuration | None = None
        self._known_as: dict[str, tuple[str, str | None]] = {}
        """Account -> its id and the country of its national numbers."""
        self._refused: str | None = None
        self._told_of_targets = False

    def declare_contacts(
        self,
        resource: str,
        account: Any,
        contacts: Any,
        *,
        exclusive: Any = False,
        hidden: bool = False,
        frozen: bool = False,
    ) -> Declaration:
        """Note what a resource blocks, now or as soon as its values are known.

        Args:
            resource: what messages call it.
            account: the name of its account.
            contacts: a contact, a list of them or a map from them.
            exclusive: whether it is an exclusive list.
            hidden: whether the contacts may be a secret.
            frozen: whether ``ignore_changes`` keeps the contacts of the state.

        Raises:
            pulumi.RunError: when another resource of the program declares one of the contacts for the same account,
                when either is an exclusive list of that account, or when an exclusive list is frozen.
        """
        own = Declaration(resource, hidden, frozen, self._count)
        if self.guarded:
            self._count += 1
            self._unknown.append(own)
            _when_known(lambda *values: self._mode(own, *values), account, exclusive)
            own.known = _when_known(lambda *values: self._contacts(own, *values), account, contacts)
        return own

    def declare_setting(self, resource: str, account: Any, setting: Any) -> None:
        """Note which privacy setting a resource sets, now or as soon as its values are known.

        Raises:
            pulumi.RunError: when another resource of the program sets it for the same account.
        """
        if self.guarded:
            own = Declaration(resource)
            _when_known(lambda *values: self._setting(own, *values), account, setting)

    def others(self, own: Declaration) -> pulumi.Output[dict[str, Any]]:
        """Return what the program's other resources declare, for the provider.

        ``contacts`` are those by account id. ``unknown`` are the resources whose contacts are not known in time: they
        are declared after this one, and their numbers are Outputs of resources that are not there yet. Waiting for them
        could be waiting for this one; those that are declared before it are waited for. ``own`` is this resource, by
        the same key.

        As a resource's input this resolves late: when everything that the program constructs at once exists. It is a
        secret because some of the contacts may be. Where the program was refused by then it fails, so that the resource
        is not created.
        """
        found: Any = self._others(own)
        return pulumi.Output.secret(found)

    async def _others(self, own: Declaration) -> dict[str, Any]:
        unknown = await self._not_in_time(own)
        if self._refused:
            raise pulumi.RunError(self._refused)
        found = {
            name: [contact for other in declared.lists if other is not own for contact in other.people.values()]
            for name, declared in self._accounts.items()
        }
        return {
            "own": self._key(own),
            "contacts": {name: contacts for name, contacts in found.items() if contacts},
            "unknown": {self._key(other): other.resource for other in unknown},
        }

    async def _not_in_time(self, own: Declaration) -> list[Declaration]:
        for other in list(self._unknown):
            if other.place < own.place and other.known is not None:
                with suppress(Exception):  # of whatever it waits for; the program fails with it
                    await other.known.is_known()
        for _ in range(_TURNS):
            if not self._unknown:
                break
            await asyncio.sleep(0)
        return [
            other
            for other in self._unknown
            if other is not own
            and (own.account == other.account or None in (own.account, other.account))
            and (other.place > own.place or not pulumi.runtime.is_dry_run())
        ]

    def _key(self, own: Declaration) -> str:
        return f"{self.id}/{own.place}"

    def tell_of_targets(self, resource: str) -> None:
        """Warn once a run that it leaves out a resource: what that one declares is not seen by the provider then."""
        if not self._told_of_targets:
            self._told_of_targets = True
            pulumi.log.warn(
                f"this run leaves out {resource} (--target, an earlier error, or a refresh that found it gone). With "
                "--target it cannot see what that declares: if something moved to it from a target, that is unblocked "
                "or given back. Without --target it stays"
            )

    def _mode(self, own: Declaration, account: str | None, exclusive: bool) -> None:
        own.account, own.region = self._account(account)
        name, declared = own.account, self._accounts.setdefault(own.account, _Declared())
        if exclusive and own.frozen:
            self._refuse(
                f"{own.resource} is an exclusive list with its contacts in ignore_changes: whoever a refresh finds "
                "blocked would become its own, and be unblocked with it. Make it additive, or remove ignore_changes"
            )
        other = declared.exclusive or (declared.first if exclusive else None)
        if other is not None:
            one, two = (own, other) if exclusive else (other, own)
            self._refuse(
                f"{one.resource} is an exclusive list of {name}, and {two.resource} is a block resource of the same "
                "account: an exclusive list must be the only one. Move the contacts into it, or make it additive"
            )
        declared.first = declared.first or own
        if exclusive:
            declared.exclusive = own

    def _contacts(self, own: Declaration, account: str | None, contacts: Any) -> None:
        own.account, own.region = self._account(account)
        own.texts = list(contacts) if isinstance(contacts, list | tuple | Mapping) else [contacts]
        declared = self._accounts.setdefault(own.account, _Declared())
        declared.lists.append(own)
        self._unknown.remove(own)
        if len(declared.lists) > 1:
            _compare(own.account, declared)

    def _refuse(self, reason: str) -> NoReturn:
        self._refused = reason
        raise pulumi.RunError(reason)

    def _setting(self, own: Declaration, account: str | None, setting: str) -> None:
        name, _ = self._account(account)
        try:
            setting = canonical_setting(setting)
        except (InvalidInput, AttributeError, TypeError):
            return  # `check` says what is wrong with it
        other = self._accounts.setdefault(name, _Declared()).settings.setdefault(setting, own)
        if other is not own:
            raise pulumi.RunError(
                f"{setting} is declared twice for {name}: by {other.resource} and by {own.resource}; remove one of them"
            )

    def _account(self, name: str | None) -> tuple[str, str | None]:
        name = name or DEFAULT
        if name not in self._known_as:
            self._known_as[name] = self._identity(name)
        return self._known_as[name]

    def _identity(self, name: str) -> tuple[str, str | None]:
        if self._configuration is None:
            self._configuration = configuration(stack_configuration(), os.environ, pulumi.get_project())
        try:
            config = self._configuration[name]
        except ConfigurationError:
            return name, None
        return account_id(config), config.default_region


def _compare(name: str, declared: _Declared) -> None:
    for own in declared.lists[declared.compared :]:
        for person, contact in own.people.items():
            other = declared.people.setdefault(person, own)
            if other is not own:
                hidden = own.hidden or other.hidden
                shown = last_digits(contact) if hidden else contact
                spelt = other.people[person]
                also = f", as {spelt}," if spelt != contact and not hidden else ""
                raise pulumi.RunError(
                    f"{shown} is declared twice for {name}: by {other.resource}{also} and by {own.resource}; "
                    "remove it from one of them"
                )
    declared.compared = len(declared.lists)


_runs: WeakKeyDictionary[Any, Run] = WeakKeyDictionary()


def current_run() -> Run:
    """Return the registry of the run under way. Under mocks each call has its own, and nothing is refused."""
    monitor = get_monitor()
    if monitor is None or isinstance(monitor, MockMonitor):
        return Run(guarded=False)
    run = _runs.get(monitor)
    if run is None:
        run = _runs[monitor] = Run(guarded=True)
    return run


def stack_configuration() -> dict[str, str]:
    """Return the program's own view of the stack configuration in the namespace ``whatsapp``."""
    stack = pulumi.Config(NAMESPACE)
    known = {f"{NAMESPACE}:{key}": stack.get(key) for key in KEYS}
    return own_keys({**pulumi.runtime.get_config_env(), **known})


def _when_known(use: Any, *values: Any) -> pulumi.Output[Any] | None:
    if any(isinstance(part, pulumi.Output) for value in values for part in _parts(value)):
        return pulumi.Output.all(*values).apply(lambda known: use(*known))
    use(*values)
    return None


def _parts(value: Any) -> Iterable[Any]:
    yield value
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list | tuple):
        yield from value
