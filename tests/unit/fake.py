"""A WhatsApp account in memory behind the gateway interface, with faults on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from pulumi_whatsapp.account.account import Account
from pulumi_whatsapp.account.accounts import Accounts, Program, ProgramResource
from pulumi_whatsapp.account.claims import Declarer
from pulumi_whatsapp.config import AccountConfig, Configuration, Requirements
from pulumi_whatsapp.errors import AnswerLost, ConfigurationError, GatewayError, ListChanged, Refused
from pulumi_whatsapp.gateways.base import Capabilities, Gateway, Page, Status
from pulumi_whatsapp.names import (
    LID,
    NOBODY,
    NUMBER,
    USER_ID,
    Contact,
    Key,
    Names,
    Person,
    is_user_id,
    key_of,
    person_called,
)
from pulumi_whatsapp.outcome import Outcome
from pulumi_whatsapp.privacy_settings import CONTACT_BLACKLIST, VALUES
from pulumi_whatsapp.redact import Redactor
from pulumi_whatsapp.retries import Retries
from pulumi_whatsapp.transport import Transport

LISTING = Capabilities(batch_size=3, lists_blocked=True, page_size=2, max_blocked=50, takes_bsuid=True)
"""As the Graph family: batches, a list, no privacy."""


LINKED = Capabilities(
    privacy=dict(VALUES),
    exceptions=frozenset({"last_seen", "profile_photo", "about", "group_add"}),
    reads_exceptions=True,
    takes_lid=True,
)
"""As Z-API: one contact a call, no list, values only written."""


READING = replace(LINKED, reads_privacy=True)
"""As `LINKED`, and the values can be read."""


@dataclass
class Phone:
    """What WhatsApp itself knows of the account, and how it misbehaves.

    Attributes:
        blocked: key -> the spelling that a listing shows.
        calls: what the gateway was asked, in order.
        faults: taken one for each write before it is done; None is no fault.
        lost: taken one for each write after it is done; None is no fault.
        refused: contacts that are never blocked or unblocked, with the error.
        wa_ids: contact -> WhatsApp's own id in canonical form, where it is another one.
        user_ids: who has a BSUID: key of WhatsApp's own id -> BSUID.
        shown: key -> the kinds of names that a listing shows of somebody; all when absent.
        listing_faults: taken one for each page.
        hidden: keys that listings leave out.
        short: how many listings leave them out; all when None.
        delay: seconds that a request takes.
        page_size: contacts a page; the capability's when None.
    """

    blocked: dict[Key, Contact] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=lambda: {name: known[0] for name, known in VALUES.items()})
    exceptions: dict[str, dict[Key, Contact]] = field(default_factory=dict)
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    faults: list[GatewayError | None] = field(default_factory=list)
    lost: list[GatewayError | None] = field(default_factory=list)
    refused: dict[Contact, GatewayError] = field(default_factory=dict)
    wa_ids: dict[Contact, Contact] = field(default_factory=dict)
    user_ids: dict[Key, Contact] = field(default_factory=dict)
    shown: dict[Key, int] = field(default_factory=dict)
    listing_faults: list[GatewayError | None] = field(default_factory=list)
    hidden: set[Key] = field(default_factory=set)
    short: int | None = None
    delay: float = 0.0
    page_size: int | None = None
    writing: int = 0
    most_writing: int = 0
    listing: bool = False

    def block(self, *contacts: Contact) -> None:
        """Block contacts by hand."""
        for contact in contacts:
            spelt = self.who(contact)
            self.blocked[key_of(spelt)] = spelt

    def unblock(self, *contacts: Contact) -> None:
        """Unblock contacts by hand."""
        for contact in contacts:
            self.blocked.pop(key_of(self.who(contact)), None)

    def who(self, contact: Contact) -> Contact:
        """Return what WhatsApp calls the person who has this name."""
        found = (key for key, user_id in self.user_ids.items() if user_id == contact)
        number = next(found, None) if is_user_id(contact) else None
        return self.wa_ids.get(contact, contact) if number is None else Contact(f"+{number}")

    def row(self, key: Key) -> Person:
        """Return what a listing shows of somebody who is blocked."""
        person = person_called(self.blocked[key], self.user_ids.get(key))
        shown = self.shown.get(key, NUMBER | USER_ID | LID)
        return Person(
            *(name if shown & kind else None for name, kind in zip(person, (NUMBER, USER_ID, LID), strict=True))
        )

    def on_list(self) -> set[Contact]:
        """Return who is blocked, as a listing spells them."""
        return set(self.blocked.values())

    def sent(self, action: str) -> list[Contact]:
        """Return every contact that was sent with ``block`` or ``unblock``."""
        return [contact for call in self.calls if call[0] == action for contact in call[1]]

    def asked(self, what: str) -> int:
        """Return how many requests of a kind were made."""
        return sum(call[0] == what for call in self.calls)


class Fake(Gateway):
    """The gateway to a `Phone`."""

    name = "zapi"
    title = "Fake"
    docs = ""
    capabilities = LISTING
    requirements = Requirements(identity=("instance",), credentials=())
    phone: Phone

    @staticmethod
    def identity(account: AccountConfig) -> str:
        return account.instance or ""

    @staticmethod
    def base_url(account: AccountConfig) -> str:  # noqa: ARG004
        return "https://fake.test"

    @staticmethod
    def headers(account: AccountConfig) -> dict[str, str]:  # noqa: ARG004
        return {}

    async def status(self) -> Status:
        return Status(True, "")

    async def block(self, contacts: Sequence[Contact]) -> list[Outcome]:
        return await self._write("block", contacts)

    async def unblock(self, contacts: Sequence[Contact]) -> list[Outcome]:
        return await self._write("unblock", contacts)

    async def _write(self, action: str, contacts: Sequence[Contact]) -> list[Outcome]:
        phone = self.phone
        assert 0 < len(contacts) <= self.capabilities.batch_size
        assert not phone.listing, "a change during a listing spoils its cursors"
        phone.calls.append((action, list(contacts)))
        phone.writing += 1
        phone.most_writing = max(phone.most_writing, phone.writing)
        try:
            await asyncio.sleep(phone.delay)
            _raise_next(phone.faults)
            outcomes = []
            for contact in contacts:
                error = phone.refused.get(contact)
                if error is None:
                    (phone.block if action == "block" else phone.unblock)(contact)
                outcomes.append(Outcome(contact, NOBODY if error else self._told(contact), error))
            _raise_next(phone.lost)
        finally:
            phone.writing -= 1
        return outcomes

    def _told(self, contact: Contact) -> Person:
        """Return what an answer says: who was asked for by one kind of name is told by no other."""
        if not self.capabilities.lists_blocked:
            return NOBODY
        return person_called(self.phone.wa_ids.get(contact, contact))

    async def blocked_page(self, cursor: str | None) -> Page:
        phone = self.phone
        assert not phone.writing, "a listing during a change gets a cursor that it spoils"
        phone.calls.append(("list", cursor))
        phone.listing = True
        await asyncio.sleep(phone.delay)
        phone.listing = False
        _raise_next(phone.listing_faults)
        if cursor is None and phone.short is not None:
            phone.hidden = phone.hidden if phone.short else set()
            phone.short -= 1
        start = int(cursor or 0)
        end = start + (phone.page_size or self.capabilities.page_size)
        shown = [key for key in sorted(phone.blocked) if key not in phone.hidden]
        return Page([phone.row(key) for key in shown[start:end]], str(end) if end < len(shown) else None)

    async def get_privacy(self) -> dict[str, str]:
        self.phone.calls.append(("get_privacy",))
        return dict(self.phone.values)

    async def set_privacy(
        self, setting: str, value: str, add: Sequence[Contact] = (), remove: Sequence[Contact] = ()
    ) -> None:
        phone = self.phone
        phone.calls.append(("set_privacy", setting, value, list(add), list(remove)))
        _raise_next(phone.faults)
        phone.values[setting] = value
        listed = phone.exceptions.setdefault(setting, {})
        for contact in add:
            listed[key_of(contact)] = contact
        for contact in remove:
            listed.pop(key_of(contact), None)
        _raise_next(phone.lost)

    async def get_exceptions(self, setting: str) -> list[Contact]:
        self.phone.calls.append(("get_exceptions", setting))
        if self.phone.values[setting] != CONTACT_BLACKLIST:
            return []
        return list(self.phone.exceptions.get(setting, {}).values())


def _raise_next(faults: list[GatewayError | None]) -> None:
    fault = faults.pop(0) if faults else None
    if fault is not None:
        raise fault


class Heard:
    """A report that remembers."""

    def __init__(self) -> None:
        self.statuses: list[str] = []
        self.infos: list[str] = []
        self.warnings: list[str] = []

    def status(self, text: str) -> None:
        self.statuses.append(text)

    def info(self, text: str) -> None:
        self.infos.append(text)

    def warning(self, text: str) -> None:
        self.warnings.append(text)


class EndedProgram:
    """A program that has ended; see `pulumi_whatsapp.account.accounts.Program`.

    Args:
        resources: what it declares beside what is checked.
    """

    def __init__(self, *resources: ProgramResource) -> None:
        self.resources = resources
        self.checked: set[str] = set()

    async def left_out(self, checked: Set[str]) -> Sequence[ProgramResource]:
        """Return the resources."""
        self.checked |= checked
        return self.resources


class FakeWorld:
    """The default account, ``zapi/I1``, and ``other``, ``zapi/I2``, each on a phone of its own."""

    def __init__(self) -> None:
        self.phone = Phone()
        self.other = Phone()
        self.report = Heard()
        self.can = LISTING
        self.tuning: dict[str, Any] = {}
        self.formerly: tuple[str, ...] = ()
        self.broken: dict[str, AccountConfig | ConfigurationError] = {}
        self.program: Program | None = None

    def config(self, instance: str = "I1", **keys: Any) -> AccountConfig:
        """Return an account's configuration."""
        return AccountConfig(gateway="zapi", instance=instance, **{"time_budget": 900, **self.tuning, **keys})

    def accounts(self, *, preview: bool = False) -> Accounts:
        """Return the accounts as a new process sees them: nothing read yet."""
        configured: dict[str, AccountConfig | ConfigurationError] = {
            "default": self.config(formerly=self.formerly),
            "other": self.config("I2"),
            **self.broken,
        }
        accounts = Accounts(
            Configuration(configured), lambda id_, config, _: self.open(config, id_), self.report, self.program
        )
        accounts.preview = preview
        return accounts

    def open(self, config: AccountConfig | None = None, account_id: str = "zapi/I1") -> Account:
        """Return an account as a new process opens it."""
        config = config or self.config()
        gateway = type("Gateway", (Fake,), {"capabilities": self.can})
        opened: Fake = gateway(config, lambda: _unused_transport(config))
        opened.phone = self.other if config.instance == "I2" else self.phone
        return Account(account_id, config, opened, self.report)


def _unused_transport(config: AccountConfig) -> Transport:
    """Return what a gateway backs off with; it sends nothing."""
    return Transport(
        title="Fake",
        base_url="https://fake.test",
        headers={},
        timeout=1,
        requests_per_minute=None,
        redact=Redactor(()),
        notify=lambda _: None,
        retries=Retries(max_retries=config.max_retries, notify=lambda _: None, sleep=asyncio.sleep),
        transport=httpx.MockTransport(lambda _: httpx.Response(500)),
    )


def lost(text: str = "the connection broke") -> AnswerLost:
    """Return the error of an answer that never came."""
    return AnswerLost(text)


def refused(text: str = "not engaged") -> Refused:
    """Return a permanent no."""
    return Refused(text)


def changed() -> ListChanged:
    """Return the error of a cursor that a change spoilt."""
    return ListChanged("139102")


def number(index: int) -> Contact:
    """Return one of many possible numbers, each another contact."""
    return Contact(f"+44791112{index:04d}")


def numbers(count: int) -> list[Contact]:
    """Return the first contacts."""
    return [number(index) for index in range(count)]


def named(contacts: Sequence[Contact]) -> dict[Contact, Names]:
    """Return contacts with the keys that they are known by."""
    return {contact: (key_of(contact),) for contact in contacts}


def as_checked(contacts: Sequence[Contact] | Mapping[Contact, str]) -> dict[Contact, str]:
    """Return contacts as `check` leaves them."""
    return dict(sorted(contacts.items() if isinstance(contacts, Mapping) else ((contact, "") for contact in contacts)))


def by(name: str = "it", *, preview: bool = False, secret: bool = False) -> Declarer:
    """Return a resource of the program; its label is its name."""
    return Declarer(name, name, preview, secret)


CROWD = range(5)


def user_id(person: int) -> Contact:
    """Return a person's BSUID."""
    return Contact(f"GB.10{person}77")


def lid(person: int) -> Contact:
    """Return a person's LID."""
    return Contact(f"90{person}44@lid")


def crowd_in(contacts: Iterable[str]) -> set[int]:
    """Return the people behind names of any kind."""
    names = {name: person for person in CROWD for name in (number(person), user_id(person), lid(person))}
    return {names[Contact(contact)] for contact in contacts}
