"""A small engine: it runs a program of resources against a `World` and keeps the state as Pulumi would."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from pulumi_whatsapp.account.accounts import Accounts
from pulumi_whatsapp.errors import InvalidInput, WhatsAppError
from pulumi_whatsapp.lifecycle import blocklist, contact, privacy
from pulumi_whatsapp.lifecycle.diff import Diff
from pulumi_whatsapp.lifecycle.inputs import Inputs, Props

from .world import World

_MODULES = {"BlockedContact": contact, "Blocklist": blocklist, "PrivacySetting": privacy}


@dataclass(frozen=True)
class Resource:
    """A resource as a program declares it."""

    kind: str
    inputs: Mapping[str, Any]


def blocked_contact(phone: str, **inputs: Any) -> Resource:
    """Declare a `BlockedContact`."""
    return Resource("BlockedContact", {"phone": phone, **inputs})


def block_list(*contacts: str, **inputs: Any) -> Resource:
    """Declare a `Blocklist`."""
    return Resource("Blocklist", {"contacts": list(contacts), **inputs})


def privacy_setting(setting: str, value: str, **inputs: Any) -> Resource:
    """Declare a `PrivacySetting`."""
    return Resource("PrivacySetting", {"setting": setting, "value": value, **inputs})


@dataclass
class Recorded:
    """A resource as the state holds it."""

    kind: str
    inputs: Props
    outputs: Props


@dataclass
class Ran:
    """What came of a run.

    Attributes:
        errors: what an operation raised, by the resource's name.
        steps: what was done: ``create``, ``update``, ``delete``, ``replace``, ``same``, ``read``, by name.
    """

    errors: dict[str, WhatsAppError] = field(default_factory=dict)
    steps: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether nothing failed."""
        return not self.errors


class CheckFailed(Exception):
    """The inputs are not possible; nothing was done."""

    def __init__(self, failures: list[InvalidInput]) -> None:
        super().__init__("; ".join(map(str, failures)))
        self.failures = failures


class Stack:
    """The state of one stack, and the runs that change it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.state: dict[str, Recorded] = {}

    def up(self, **program: Resource) -> Ran:
        """Make it so. Raises CheckFailed."""
        return self.world.run(lambda accounts: self._up(accounts, program))

    def preview(self, **program: Resource) -> dict[str, str]:
        """Return the step that each resource would get. Raises CheckFailed."""

        async def previewed(accounts: Accounts) -> dict[str, str]:
            checked = await self._check(accounts, program)
            steps = {name: await self._step(accounts, name, news) for name, news in checked.items()}
            return {**steps, **dict.fromkeys(self.state.keys() - program.keys(), "delete")}

        return self.world.run(previewed)

    def refresh(self) -> Ran:
        """Read every resource."""
        return self.world.run(self._refresh)

    def destroy(self) -> Ran:
        """Delete every resource."""

        async def destroyed(accounts: Accounts) -> Ran:
            ran = Ran()
            for name in list(self.state):
                await self._delete(accounts, name, ran)
            return ran

        return self.world.run(destroyed)

    def failed(self, name: str) -> dict[str, Any]:
        """Return the recorded failures of a resource: name -> state and reason."""
        return dict(self.state[name].outputs.get("failed") or {})

    async def _up(self, accounts: Accounts, program: Mapping[str, Resource]) -> Ran:
        checked = await self._check(accounts, program)
        ran = Ran()
        replaced: dict[str, Recorded] = {}
        for name, news in checked.items():
            old = self.state.get(name)
            try:
                step = ran.steps[name] = await self._step(accounts, name, news)
                if step == "same":
                    continue
                if step == "update":
                    assert old is not None
                    outputs = await self._update(accounts, old, news)
                else:
                    outputs = await self._create(accounts, program[name].kind, news)
            except WhatsAppError as error:
                ran.errors[name] = error
                continue
            if step == "replace":
                assert old is not None
                replaced[name] = old
            self.state[name] = Recorded(program[name].kind, news, outputs)
        for name, old in replaced.items():
            await self._delete_recorded(accounts, f"{name} (replaced)", old, ran)
        for name in self.state.keys() - program.keys():
            await self._delete(accounts, name, ran)
        return ran

    async def _check(self, accounts: Accounts, program: Mapping[str, Resource]) -> dict[str, Props]:
        checked: dict[str, Props] = {}
        for name, resource in program.items():
            old = self.state.get(name)
            module: Any = _MODULES[resource.kind]
            inputs: Inputs = module.check(dict(resource.inputs), old.inputs if old else {}, accounts)
            if inputs.failures:
                raise CheckFailed(inputs.failures)
            if resource.kind == "Blocklist" and old is None:
                await blocklist.announce(inputs, self.world.report)
            checked[name] = inputs.checked
        return checked

    async def _step(self, accounts: Accounts, name: str, news: Props) -> str:
        old = self.state.get(name)
        if old is None:
            return "create"
        found: Diff
        if old.kind == "BlockedContact":
            found = contact.diff(old.outputs, news, accounts)
        elif old.kind == "Blocklist":
            found = await blocklist.diff(old.outputs, news, accounts, self.world.report)
        else:
            found = await privacy.diff(old.outputs, news, accounts, self.world.report)
        return "replace" if found.replaces else "update" if found.changes else "same"

    async def _create(self, accounts: Accounts, kind: str, news: Props) -> Props:
        if kind == "BlockedContact":
            return (await contact.create(news, accounts, self.world.report))[1]
        if kind == "Blocklist":
            return await blocklist.create(news, accounts, self.world.report)
        return (await privacy.create(news, accounts))[1]

    async def _update(self, accounts: Accounts, old: Recorded, news: Props) -> Props:
        held = deepcopy(old.outputs)
        if old.kind == "BlockedContact":
            return await contact.update(held, news, accounts, self.world.report)
        if old.kind == "Blocklist":
            return await blocklist.update(held, news, accounts, self.world.report)
        return await privacy.update(held, news, accounts)

    async def _refresh(self, accounts: Accounts) -> Ran:
        ran = Ran()
        for name, recorded in list(self.state.items()):
            held = deepcopy(recorded.outputs)
            ran.steps[name] = "read"
            try:
                outputs: Props | None
                if recorded.kind == "BlockedContact":
                    outputs = contact.read_seen(held, accounts) or await contact.read(held, accounts)
                elif recorded.kind == "Blocklist":
                    outputs = await blocklist.read(held, accounts)
                else:
                    outputs = await privacy.read(held, accounts, self.world.report)
            except WhatsAppError as error:
                ran.errors[name] = error
                continue
            if outputs is None:
                del self.state[name]
            else:
                recorded.outputs = outputs
        return ran

    async def _delete(self, accounts: Accounts, name: str, ran: Ran) -> None:
        if await self._delete_recorded(accounts, name, self.state[name], ran):
            del self.state[name]

    async def _delete_recorded(self, accounts: Accounts, name: str, recorded: Recorded, ran: Ran) -> bool:
        ran.steps[name] = "delete"
        module: Any = _MODULES[recorded.kind]
        try:
            await module.delete(deepcopy(recorded.outputs), accounts, self.world.report)
        except WhatsAppError as error:
            ran.errors[name] = error
            return False
        return True
