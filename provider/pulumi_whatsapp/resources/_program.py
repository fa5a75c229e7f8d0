"""What the running program declares, as far as the program's own process knows it.

One registry a run: a preview, an update and each test with mocks have their own. It refuses what is declared twice, and
tells the provider what the other resources declare before their turn comes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor

from ..config import DEFAULT, NAMESPACE, Configuration
from ..connect import configuration
from ..errors import ConfigurationError, InvalidInput
from ..lifecycle.accounts import account_id
from ..phone import ImpossiblePhone, canonical, identity, last_digits
from ..settings import canonical_setting
from ._keys import KEYS


@dataclass
class _Declared:
    """What one account's resources declare: identity or setting -> resource."""

    contacts: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    lists: dict[str, dict[str, str]] = field(default_factory=dict)
    """Resource -> identity -> contact."""
    exclusive: str | None = None


class Run:
    """One run of a program."""

    def __init__(self, *, guarded: bool) -> None:
        self.id = uuid4().hex
        self._guarded = guarded
        self._accounts: dict[str, _Declared] = {}
        self._hidden: set[str] = set()
        self._configuration: Configuration | None = None

    def declare_contacts(
        self, resource: str, account: Any, contacts: Any, *, exclusive: Any = False, hidden: bool = False
    ) -> None:
        """Note what a resource blocks, now or as soon as its values are known; ``hidden`` contacts may be a secret.

        Raises:
            pulumi.RunError: when another resource of the program declares one of the contacts for the same account, or
                when either is an exclusive list of that account.
        """
        if self._guarded:
            _when_known(lambda *values: self._contacts(resource, hidden, *values), account, contacts, exclusive)

    def declare_setting(self, resource: str, account: Any, setting: Any) -> None:
        """Note which privacy setting a resource sets, now or as soon as its values are known.

        Raises:
            pulumi.RunError: when another resource of the program sets it for the same account.
        """
        if self._guarded:
            _when_known(lambda *values: self._setting(resource, *values), account, setting)

    def others(self, resource: str) -> pulumi.Output[dict[str, list[str]]]:
        """Return the contacts that the program's other resources declare: account id -> contacts.

        As a resource's input this resolves late: when everything that the program constructs at once exists. It is a
        secret because some of the contacts may be.
        """
        found: Any = self._others(resource)
        return pulumi.Output.secret(found)

    async def _others(self, resource: str) -> dict[str, list[str]]:
        return {
            name: contacts
            for name, declared in self._accounts.items()
            if (contacts := [c for other, held in declared.lists.items() if other != resource for c in held.values()])
        }

    def _contacts(self, resource: str, hidden: bool, account: str | None, contacts: Any, exclusive: bool) -> None:
        name, region = self._account(account)
        declared = self._accounts.setdefault(name, _Declared())
        if declared.exclusive or (exclusive and declared.lists):
            other = declared.exclusive or next(iter(declared.lists))
            one, two = (resource, other) if exclusive else (other, resource)
            raise pulumi.RunError(
                f"{one} is an exclusive list of {name}, and {two} is a block resource of the same account: an "
                "exclusive list must be the only one. Move the contacts into it, or make it additive"
            )
        if hidden:
            self._hidden.add(resource)
        held: dict[str, str] = {}
        for text in contacts if isinstance(contacts, list | tuple | Mapping) else [contacts]:
            try:
                contact = canonical(text, region)
            except (ImpossiblePhone, AttributeError, TypeError):
                continue  # `check` says what is wrong with it
            held[identity(contact)] = contact
        for person, contact in held.items():
            other = declared.contacts.setdefault(person, resource)
            if other != resource:
                shown = last_digits(contact) if hidden or other in self._hidden else contact
                raise pulumi.RunError(
                    f"{shown} is declared twice for {name}: by {other} and by {resource}; remove it from one of them"
                )
        declared.lists[resource] = held
        if exclusive:
            declared.exclusive = resource

    def _setting(self, resource: str, account: str | None, setting: str) -> None:
        name, _ = self._account(account)
        try:
            setting = canonical_setting(setting)
        except (InvalidInput, AttributeError, TypeError):
            return  # `check` says what is wrong with it
        other = self._accounts.setdefault(name, _Declared()).settings.setdefault(setting, resource)
        if other != resource:
            raise pulumi.RunError(
                f"{setting} is declared twice for {name}: by {other} and by {resource}; remove one of them"
            )

    def _account(self, name: str | None) -> tuple[str, str | None]:
        if self._configuration is None:
            self._configuration = configuration(stack_configuration(), os.environ)
        try:
            config = self._configuration[name or DEFAULT]
        except ConfigurationError:
            return name or DEFAULT, None
        return account_id(config), config.default_region


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
    values = {key: stack.get(key) for key in KEYS}
    return {key: value for key, value in values.items() if value is not None}


def _when_known(use: Any, *values: Any) -> None:
    if any(isinstance(part, pulumi.Output) for value in values for part in _parts(value)):
        pulumi.Output.all(*values).apply(lambda known: use(*known))
    else:
        use(*values)


def _parts(value: Any) -> Iterable[Any]:
    yield value
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list | tuple):
        yield from value
