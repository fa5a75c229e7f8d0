"""An account as its owner's phone shows it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from . import accounts, faults, log, settings
from .account_state import SORTS, State
from .faults import Fault
from .gateways import fault_kinds
from .identity import country, is_user_id
from .identity import shown as shown_as
from .log import Request
from .store import Store

_REQUESTS_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody as an account knows them.

    Attributes:
        contact: the canonical form, ``+`` and the digits of WhatsApp's own id; a LID stays one.
        country: the first country with the number's calling code, ``ZZ`` for none.
        user_id: the business-scoped id; None for a LID.
        blocked: whether the account blocks the contact.
        messaged_recently: whether the contact counts as having written in the last 24 hours.
        on_whatsapp: whether the number is on WhatsApp.
        username: whether a username hides the number.
        own_number: whether it is the account's own number.
    """

    contact: str
    country: str
    user_id: str | None
    blocked: bool
    messaged_recently: bool
    on_whatsapp: bool
    username: bool
    own_number: bool


class SandboxAccount:
    """One WhatsApp account behind one gateway: what the owner sees and does by hand, and what reached it.

    Phone numbers are taken in any spelling, JIDs, LIDs and BSUIDs too; they are returned as ``+`` and the digits of
    WhatsApp's own id. Methods that take a number raise ValueError for what is none.
    """

    def __init__(self, store: Store, gateway: str, name: str) -> None:
        """Use the account, which is made when it does not exist. Raises ValueError for an unknown gateway."""
        self._store = store
        self.gateway = gateway
        self.identity = accounts.canonical(gateway, name)
        with self._state():
            pass

    def __repr__(self) -> str:
        """Name the account."""
        return f"SandboxAccount({self.gateway!r}, {self.identity!r})"

    @contextmanager
    def _state(self) -> Iterator[State]:
        with self._store.transaction() as connection:
            yield State(connection, accounts.find_or_make(connection, self.gateway, self.identity))

    @property
    def name(self) -> str:
        """Gateway and identity, ``zapi/demo``."""
        return f"{self.gateway}/{self.identity}"

    @property
    def phone(self) -> str:
        """The account's own number, which cannot be blocked."""
        with self._state() as state:
            return shown_as(state.phone)

    # block list

    def blocked(self) -> set[str]:
        """Return who is blocked."""
        with self._state() as state:
            return {shown_as(wa_id) for wa_id, _ in state.blocked()}

    def block(self, *phones: str) -> None:
        """Block contacts by hand; the gateways' rules (24 hours, 64,000 contacts) do not apply."""
        with self._state() as state:
            people = state.everybody(phones)
            state.block([(one.wa_id, phone) for one, phone in zip(people, phones, strict=True)])

    def unblock(self, *phones: str) -> None:
        """Unblock contacts by hand."""
        with self._state() as state:
            state.unblock(one.wa_id for one in state.everybody(phones))

    # privacy

    def privacy(self) -> dict[str, str]:
        """Return every privacy setting's value, in WhatsApp's wire words."""
        with self._state() as state:
            return state.privacy()

    def set_privacy(self, setting: str, value: str) -> None:
        """Change a privacy setting by hand. Raises ValueError for an unknown setting or value."""
        settings.checked(setting, value)
        with self._state() as state:
            state.set_privacy(setting, value)

    def exceptions(self, setting: str) -> set[str]:
        """Return a setting's exceptions, whatever its value. Raises ValueError where there are none."""
        settings.with_exceptions(setting)
        with self._state() as state:
            return {shown_as(wa_id) for wa_id in state.exceptions(setting)}

    def add_exceptions(self, setting: str, *phones: str) -> None:
        """Add contacts to a setting's exceptions by hand."""
        settings.with_exceptions(setting)
        with self._state() as state:
            state.add_exceptions(setting, [one.wa_id for one in state.everybody(phones)])

    def remove_exceptions(self, setting: str, *phones: str) -> None:
        """Remove contacts from a setting's exceptions by hand."""
        settings.with_exceptions(setting)
        with self._state() as state:
            state.remove_exceptions(setting, [one.wa_id for one in state.everybody(phones)])

    # the world around the account

    def contact(
        self,
        phone: str,
        *,
        wa_id: str | None = None,
        messaged_recently: bool | None = None,
        on_whatsapp: bool | None = None,
        lid: str | None = None,
        username: bool | None = None,
        new_user_id: bool = False,
    ) -> None:
        """Set a contact's properties; what is not given stays.

        By default a contact is on WhatsApp, has written in the last 24 hours, and has the ``wa_id`` of its
        country's rules. ``lid``: linked-device gateways list the contact as ``<lid>@lid``. ``username``: whether the
        contact has adopted one, so that the list names it by its BSUID alone. ``new_user_id``: give it a new BSUID, as
        WhatsApp does when somebody changes the number; the one of before is nobody's then.
        """
        with self._state() as state:
            own = state.set_ids(phone, wa_id, lid)
            state.set_contact(own, messaged_recently, on_whatsapp, username, new_user_id)

    def find(self, phone: str) -> Contact:
        """Return who a number, JID, LID or BSUID is, as the account knows them."""
        with self._state() as state:
            person = state.person(phone)
            return Contact(
                contact=shown_as(person.wa_id),
                country=country(person.wa_id),
                user_id=person.user_id,
                blocked=person.blocked,
                messaged_recently=person.wrote_recently,
                on_whatsapp=person.on_whatsapp,
                username=bool(state.hiding([person.wa_id])),
                own_number=person.wa_id == state.phone,
            )

    def user_id(self, phone: str) -> str:
        """Return a contact's BSUID, as this account's portfolio knows it."""
        with self._state() as state:
            user_id = state.person(phone).user_id
        if user_id is None:
            raise ValueError(f"{phone!r} has no BSUID: its number is not known")
        return user_id

    def join_portfolio(self, name: str, *, parent_ids: bool = False) -> None:
        """Move the account to a business portfolio, within which a contact has one BSUID; by default it is alone.

        ``parent_ids``: the portfolio is enrolled for parent BSUIDs, which the list then shows as well.
        """
        with self._state() as state:
            state.connection.execute(
                "UPDATE accounts SET portfolio = ?, parent_ids = ? WHERE id = ?", (name, parent_ids, state.account)
            )

    def let_a_day_pass(self) -> None:
        """Let nobody count as having written in the last 24 hours any more."""
        with self._state() as state:
            state.connection.execute("UPDATE accounts SET day = day + 1 WHERE id = ?", (state.account,))

    def forget_credential(self) -> None:
        """Rotate: the next credential that is used becomes the account's."""
        with self._state() as state:
            state.connection.execute("DELETE FROM credentials WHERE account = ?", (state.account,))

    @property
    def takes_own_credential(self) -> bool:
        """Whether the sandbox's own credential works: the account has no other one yet."""
        with self._state() as state:
            return accounts.trusts_its_own(state.connection, state.account)

    def reset(self) -> None:
        """Make the account what it was when it was new: nobody blocked, no contacts, faults, requests, credential."""
        with self._state() as state:
            accounts.empty(state.connection, state.account)

    def delete(self) -> None:
        """Take the account out of the sandbox; its next use, from here or by a request, makes a new one."""
        with self._state() as state:
            accounts.delete(state.connection, state.account)

    # faults

    def fault(
        self,
        kind: str,
        *,
        times: int | None = 1,
        on: str | None = None,
        after: int = 0,
        status: int | None = None,
        retry_after: float | None = 1,
    ) -> None:
        """Ask for a fault on the next requests that match.

        ``kind`` is a key of :data:`FAULTS`. ``times``: how many requests, None for all until
        :meth:`clear_faults`. ``on``: ``block``, ``unblock``, ``list``, ``privacy`` (or ``privacy_read``,
        ``privacy_write``), ``status``, None for any. ``after``: how many matching requests go through first.
        ``status``: another HTTP status for ``rate_limit``, ``outage``, ``html``. ``retry_after``: the
        seconds that a rate limit tells, None for no hint. Raises ValueError for a fault that the
        gateway cannot have.
        """
        with self._state() as state:
            fault = Fault(kind, on, times, after, status, retry_after)
            faults.add(state.connection, state.account, self.gateway, fault_kinds(self.gateway), fault)

    def faults(self) -> list[Fault]:
        """Return the faults that are still waiting, oldest first."""
        with self._state() as state:
            return [fault for _, fault in faults.waiting(state.connection, state.account)]

    def clear_faults(self) -> None:
        """Take back the faults that are still waiting."""
        with self._state() as state:
            state.connection.execute("DELETE FROM faults WHERE account = ?", (state.account,))

    # requests

    def requests(self) -> list[Request]:
        """Return the latest requests (a thousand at least), oldest first, without credentials."""
        with self._state() as state:
            return log.read(state.connection, state.account)

    def request(self, number: int) -> Request | None:
        """Return the request with this id; None where the log has it no more."""
        with self._state() as state:
            return next(iter(log.read(state.connection, state.account, only=number)), None)

    def clear_requests(self) -> None:
        """Empty the request log."""
        with self._state() as state:
            state.connection.execute("DELETE FROM requests WHERE account = ?", (state.account,))

    def summary(self, *, shown: int, search: str = "", sort: str = "oldest") -> dict[str, Any]:
        """Return what the live page shows.

        Args:
            shown: how many contacts of each list; ``count`` and ``matching`` say how many there are.
            search: keeps the blocked contacts that it names by an id, else those in whose number its digits stand.
            sort: ``oldest`` or ``newest`` (blocked first or last), or ``number``.
        """
        if sort not in SORTS:
            raise ValueError(f"a list is not sorted by {sort!r}, but by one of {', '.join(SORTS)}")
        with self._state() as state:
            containing = _containing(state, search)
            blocked = state.blocked(limit=shown, containing=containing, sort=sort)
            people = state.people([shown_as(wa_id) for wa_id, _ in blocked])
            hiding = state.hiding(wa_id for wa_id, _ in blocked)
            exceptions = {setting: state.exceptions(setting) for setting in settings.WITH_EXCEPTIONS}
            requests = log.read(state.connection, state.account, latest=_REQUESTS_SHOWN)
            return {
                "name": self.name,
                "gateway": self.gateway,
                "identity": self.identity,
                "phone": shown_as(state.phone),
                "count": state.count(),
                "matching": state.matching(containing),
                "blocked": [
                    {
                        "contact": shown_as(wa_id),
                        "sent_as": text,
                        "user_id": person and person.user_id,
                        "hides_number": wa_id in hiding,
                    }
                    for (wa_id, text), person in zip(blocked, people, strict=True)
                ],
                "privacy": state.privacy(),
                "exceptions": {
                    setting: {"count": len(found), "contacts": [shown_as(one) for one in found[:shown]]}
                    for setting, found in exceptions.items()
                },
                "faults": [asdict(fault) for _, fault in faults.waiting(state.connection, state.account)],
                "requests": [log.described(request) for request in reversed(requests)],
            }


def _containing(state: State, search: str) -> str:
    """Return what must stand in a WhatsApp id that is searched for; a text without digits stands in none."""
    (person,) = state.people([search.strip()]) if is_user_id(search.strip()) else (None,)
    if person is not None:
        return person.wa_id
    return "".join(character for character in search if character.isdigit()) or search.strip()
