"""A small engine: it runs a program of resources against a `World` and keeps the state as Pulumi would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi_whatsapp.account.accounts import Accounts
from pulumi_whatsapp.account.claims import Declarer
from pulumi_whatsapp.errors import InvalidInput, WhatsAppError
from pulumi_whatsapp.lifecycle import blocklist, contact, privacy
from pulumi_whatsapp.lifecycle.inputs import Props
from pulumi_whatsapp.lifecycle.protocol import Lifecycle

from .world import World

_MODULES: Final[Mapping[str, Lifecycle]] = {
    "BlockedContact": contact,
    "Blocklist": blocklist,
    "PrivacySetting": privacy,
}


@dataclass(frozen=True)
class DeclaredResource:
    """A resource as a program declares it."""

    kind: str
    inputs: Mapping[str, Any]


Declarations = Mapping[str, DeclaredResource]
"""What a program declares, by the names of its resources."""


def blocked_contact(phone: str, **inputs: Any) -> DeclaredResource:
    """Declare a `BlockedContact`."""
    return DeclaredResource("BlockedContact", {"phone": phone, **inputs})


def block_list(*contacts: str, **inputs: Any) -> DeclaredResource:
    """Declare a `Blocklist`."""
    return DeclaredResource("Blocklist", {"contacts": list(contacts), **inputs})


def privacy_setting(setting: str, value: str, **inputs: Any) -> DeclaredResource:
    """Declare a `PrivacySetting`."""
    return DeclaredResource("PrivacySetting", {"setting": setting, "value": value, **inputs})


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


class SimulatedStack:
    """The state of one stack, and the runs that change it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.state: dict[str, Recorded] = {}
        self.replaced: list[tuple[str, Recorded]] = []
        """What is replaced and not deleted yet (``delete: true``), by name."""

    def up(self, **program: DeclaredResource) -> Ran:
        """Make it so. Raises CheckFailed."""
        return self.world.run(lambda accounts: self._up(accounts, program))

    def preview(self, **program: DeclaredResource) -> dict[str, str]:
        """Return the step that each resource would get. Raises CheckFailed."""

        async def previewed(accounts: Accounts) -> dict[str, str]:
            steps = {}
            for name, resource in program.items():
                news = await self._check(accounts, name, resource, preview=True)
                steps[name] = await self._step(accounts, name, news)
            return {**steps, **dict.fromkeys(self.state.keys() - program.keys(), "delete")}

        return self.world.run(previewed)

    def refresh(self) -> Ran:
        """Read every resource."""
        return self.world.run(self._refresh)

    def destroy(self) -> Ran:
        """Delete every resource."""

        async def destroyed(accounts: Accounts) -> Ran:
            ran = Ran()
            await self._delete(accounts, list(self.state), ran)
            return ran

        return self.world.run(destroyed)

    def failed(self, name: str) -> dict[str, Any]:
        """Return the recorded failures of a resource: name -> state and reason."""
        return dict(self.state[name].outputs.get("failed") or {})

    async def _up(self, accounts: Accounts, program: Declarations) -> Ran:
        """Check and do one resource after the other; delete at the end, if nothing failed before."""
        ran = Ran()
        for name, resource in program.items():
            news = await self._check(accounts, name, resource)
            try:
                await self._bring(accounts, name, resource, news, ran)
            except WhatsAppError as error:
                ran.errors[name] = error
        if not ran.errors:
            await self._delete(accounts, self.state.keys() - program.keys(), ran)
        return ran

    async def _bring(self, accounts: Accounts, name: str, resource: DeclaredResource, news: Props, ran: Ran) -> None:
        old, module = self.state.get(name), _MODULES[resource.kind]
        step = ran.steps[name] = await self._step(accounts, name, news)
        if step == "same":
            return
        if step == "update":
            assert old is not None
            outputs = await module.update(deepcopy(old.outputs), news, accounts)
        else:
            if step == "replace":
                news = await self._check(accounts, name, resource, new=True)
            outputs = (await module.create(news, accounts))[1]
        if step == "replace":
            assert old is not None
            self.replaced.append((name, old))
        self.state[name] = Recorded(resource.kind, news, outputs)

    async def _check(
        self, accounts: Accounts, name: str, resource: DeclaredResource, *, preview: bool = False, new: bool = False
    ) -> Props:
        accounts.preview = preview
        old, module = self.state.get(name), _MODULES[resource.kind]
        by = Declarer(name, f"{resource.kind} {name!r}", preview=preview)
        inputs = module.check(dict(resource.inputs), old.inputs if old and not new else {}, accounts, by)
        if inputs.failures:
            raise CheckFailed(inputs.failures)
        if preview and old is None:
            await module.announce(inputs)
        return inputs.checked

    async def _step(self, accounts: Accounts, name: str, news: Props) -> str:
        old = self.state.get(name)
        if old is None:
            return "create"
        found = await _MODULES[old.kind].diff(old.outputs, news, accounts)
        return "replace" if found.replaces else "update" if found.changes else "same"

    async def _refresh(self, accounts: Accounts) -> Ran:
        ran = Ran()
        for name, recorded in [*self.state.items(), *self.replaced]:
            held = deepcopy(recorded.outputs)
            ran.steps[name] = "read"
            try:
                seen = contact.read_seen(held, accounts) if recorded.kind == "BlockedContact" else None
                outputs = seen or await _MODULES[recorded.kind].read(held, accounts)
            except WhatsAppError as error:
                ran.errors[name] = error
                continue
            if outputs is None:
                self._forget(recorded)
            else:
                recorded.outputs = outputs
        return ran

    async def _delete(self, accounts: Accounts, names: Iterable[str], ran: Ran) -> None:
        """Delete what was replaced, in this run or an earlier one, and these resources."""
        for name, recorded in [*self.replaced, *((name, self.state[name]) for name in names)]:
            step = name if self.state.get(name) is recorded else f"{name} (replaced)"
            ran.steps[step] = "delete"
            try:
                await _MODULES[recorded.kind].delete(name, deepcopy(recorded.outputs), accounts)
            except WhatsAppError as error:
                ran.errors[step] = error
            else:
                self._forget(recorded)

    def _forget(self, gone: Recorded) -> None:
        self.state = {name: recorded for name, recorded in self.state.items() if recorded is not gone}
        self.replaced = [(name, recorded) for name, recorded in self.replaced if recorded is not gone]
