"""One `Blocklist` and one `PrivacySetting` as the engine leads them, and their checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_whatsapp.account.accounts import Accounts
from pulumi_whatsapp.account.claims import Declared
from pulumi_whatsapp.lifecycle import blocklist, contact, privacy
from pulumi_whatsapp.lifecycle.diff import Diff
from pulumi_whatsapp.lifecycle.inputs import Inputs, Props
from pulumi_whatsapp.names import Contact, key_of

from .fake import FakeWorld, as_checked, by

Contacts = Sequence[Contact] | Mapping[Contact, str]


def list_news(contacts: Contacts, mode: str = "additive", **more: Any) -> Props:
    return {"contacts": as_checked(contacts), "mode": mode, **more}


def check_list(world: FakeWorld, olds: Props | None = None, **news: Any) -> Inputs:
    return blocklist.check(news, olds or {}, world.accounts(), by())


def why_not(inputs: Inputs) -> str:
    (failure,) = inputs.failures
    return str(failure)


def declare(accounts: Accounts, news: Props, label: str = "spam") -> None:
    """Claim what `check` would claim of checked inputs."""
    people = {key_of(each): each for each in news["contacts"]}
    exclusive = news["mode"] == "exclusive"
    why = accounts.named(news.get("account")).claims.declare(Declared(by(label), people, exclusive))
    assert why is None


class ListStack:
    """A list as the engine leads it: each run in a process of its own.

    Args:
        world: where it is.
        name: what messages call it.
    """

    def __init__(self, world: FakeWorld, name: str = "spam") -> None:
        self.world = world
        self.name = name
        self.id = ""
        self.outputs: Props = {}
        self.left: list[tuple[str, Props]] = []
        """Lists that were replaced and are still to be deleted."""

    async def up(self, contacts: Contacts, mode: str = "additive", **more: Any) -> Props:
        """Create, update or replace, then delete what was replaced."""
        news, accounts = list_news(contacts, mode, **more), self.world.accounts()
        declare(accounts, news, self.name)
        await self.deploy(news, accounts)
        await self.delete_left(accounts)
        return self.outputs

    async def deploy(self, news: Props, accounts: Accounts) -> None:
        """Do what comes before a run's deletes."""
        found = await blocklist.diff(self.outputs, news, accounts) if self.outputs else Diff(True, ("id",))
        if found.replaces:
            old = (self.id, self.outputs)
            self.id, self.outputs = await blocklist.create(news, accounts)
            self.left += [old] if old[0] else []
        elif found.changes:
            self.outputs = await blocklist.update(self.outputs, news, accounts)

    async def delete_left(self, accounts: Accounts) -> None:
        """Delete what was replaced; what fails stays."""
        for old in list(self.left):
            await blocklist.delete(*old, accounts)
            self.left.remove(old)

    async def refresh(self) -> Props:
        """Read."""
        self.outputs = await blocklist.read(self.outputs, self.world.accounts())
        return self.outputs

    async def destroy(self) -> None:
        """Delete everything, in a run that checks nothing."""
        accounts = self.world.accounts()
        await self.delete_left(accounts)
        await blocklist.delete(self.id, self.outputs, accounts)

    async def preview(self, contacts: Contacts, mode: str = "additive", **more: Any) -> Diff:
        """Return what a preview shows."""
        news, accounts = list_news(contacts, mode, **more), self.world.accounts(preview=True)
        declare(accounts, news, self.name)
        return await blocklist.diff(self.outputs, news, accounts)

    def failed(self) -> dict[str, str]:
        """Return who failed, and how."""
        return {contact: failure["state"] for contact, failure in self.outputs["failed"].items()}


class SettingStack:
    """A setting as the engine leads it: each step in a process of its own."""

    def __init__(self, world: FakeWorld, setting: str = "last_seen") -> None:
        self.world = world
        self.setting = setting
        self.outputs: Props = {}

    def news(self, value: str, *exceptions: Contact, mode: str | None = None, **more: Any) -> Props:
        """Return checked inputs."""
        news: Props = {"setting": self.setting, "value": value, "onDestroy": "restore"}
        if exceptions or mode:
            news |= {"exceptions": as_checked(exceptions), "exceptionsMode": mode or "additive"}
        return news | more

    async def up(self, value: str, *exceptions: Contact, mode: str | None = None, **more: Any) -> Props:
        """Create or update."""
        news, accounts = self.news(value, *exceptions, mode=mode, **more), self.world.accounts()
        if self.outputs:
            self.outputs = await privacy.update(self.outputs, news, accounts)
        else:
            _, self.outputs = await privacy.create(news, accounts)
        return self.outputs

    async def diff(self, value: str, *exceptions: Contact, mode: str | None = None, **more: Any) -> Diff:
        """Return what a preview shows."""
        news = self.news(value, *exceptions, mode=mode, **more)
        return await privacy.diff(self.outputs, news, self.world.accounts())

    async def refresh(self) -> Props:
        """Read."""
        self.outputs = await privacy.read(self.outputs, self.world.accounts())
        return self.outputs

    async def destroy(self) -> None:
        """Delete."""
        await self.delete(self.world.accounts())

    async def delete(self, accounts: Accounts) -> None:
        """Delete in a run that has checked other resources."""
        await privacy.delete(f"zapi/I1/privacy/{self.setting}", self.outputs, accounts)

    def sent(self) -> list[tuple[str, list[Contact], list[Contact]]]:
        """Return value, additions and removals of each request since the last call."""
        sent = [(call[2], call[3], call[4]) for call in self.world.phone.calls if call[0] == "set_privacy"]
        self.world.phone.calls.clear()
        return sent

    def excepted(self) -> set[Contact]:
        """Return who is on WhatsApp's list."""
        return set(self.world.phone.exceptions.get(self.setting, {}).values())

    def by_hand(self, *add: Contact, remove: tuple[Contact, ...] = ()) -> None:
        """Change the list on the phone."""
        listed = self.world.phone.exceptions.setdefault(self.setting, {})
        for each in add:
            listed[key_of(each)] = each
        for each in remove:
            listed.pop(key_of(each), None)


def check_contact(world: FakeWorld, olds: Props | None = None, **news: Any) -> Inputs:
    return contact.check(news, olds or {}, world.accounts(), by())
