"""One account at work: the live block list, and changes to it that end in a known state."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final, Literal

from aiorwlock import RWLock

from ..config import AccountConfig
from ..errors import GatewayError, ListChanged, ProtocolError, TooManyUnblocks
from ..gateways.base import Capabilities, Gateway
from ..names import Contact, Key, Names, Person, key_of, person_called
from ..report import Report, count_contacts
from .claims import Claims
from .gathering import Gathering
from .listing import Listing

_LISTINGS: Final = 5
"""How often a listing begins anew because the list changed meanwhile (139102) before that is an error. A list that
changes during five listings has another writer, and somebody should know."""
_IDLE_PAGES: Final = 20
"""Pages in a row that list nobody new, each with a new cursor, before a listing is given up. Pages that are empty
because their contacts are filtered out are documented (https://developers.facebook.com/docs/graph-api/results/), and
so one or a few are normal; that twenty are not is our guess."""
_SMALL_PAGE: Final = 25
"""Contacts on a page of a gateway that takes no notice of the size asked for: the smallest that is documented (Kaleyra,
page "Get List of Blocked WhatsApp User Numbers")."""
_HOLDS: Final = 100_000
"""Contacts on a list whose limit is not documented: WhatsApp's business accounts hold 64,000."""


class Account:
    """A WhatsApp account through its gateway, shared by every resource of the process.

    Args:
        account_id: its public identity, e.g. ``zapi/3A5B``.
        config: how it is configured.
        gateway: its gateway.
        report: told of progress.
        claims: what the run declares of it.
    """

    def __init__(
        self, account_id: str, config: AccountConfig, gateway: Gateway, report: Report, claims: Claims | None = None
    ) -> None:
        self.id = account_id
        self.claims = Claims(account_id) if claims is None else claims
        self.config = config
        self.gateway = gateway
        self.report = report
        self.gathered: dict[str, Gathering] = {}
        """What several resources send together, by what they do; see `pulumi_whatsapp.account.sending`."""
        self.given_up = frozenset(map(key_of, config.give_up))
        self._missing = 0
        self._looked_for = 0
        self._counting = threading.Lock()
        self._live: Listing | None = None
        self._twice: tuple[Listing, Listing] | None = None
        self.has_blocked = False
        """Whether the list was changed here, by a block, after it was read: it may show somebody by another name."""
        self._privacy: dict[str, str] | None = None
        self._told: set[str] = set()
        self._reading = asyncio.Lock()
        # Changes exclude listings, because a change spoils the cursors of a listing under way (139102); they do not
        # exclude each other. The lock's "reader" is a change, its "writer" a listing.
        self._list_lock = RWLock()
        self._slots = asyncio.Semaphore(config.max_concurrency)

    @property
    def capabilities(self) -> Capabilities:
        """What the gateway can do."""
        return self.gateway.capabilities

    @property
    def title(self) -> str:
        """The gateway's name in messages."""
        return self.gateway.title

    # -- the live list

    async def blocked(self, *, fresh: bool = False) -> Listing:
        """Return who is blocked now, as the gateway tells of them.

        It is read once for all, and kept up to date with this process's own changes.

        Args:
            fresh: read it again.

        Raises:
            GatewayError: when it cannot be read whole.
        """
        seen = self._live
        async with self._reading:
            if self._live is None or (fresh and self._live is seen):
                async with self._list_lock.writer_lock:
                    self._live = await self._list()
            return self._live

    async def read_twice(self) -> tuple[Listing, Listing]:
        """Return two listings, one made after the other; read once for all who ask before the list is read again.

        Raises:
            GatewayError: when it cannot be read whole.
        """
        twice = self._twice
        if twice is None or twice[1] is not self._live:
            twice = self._twice = (await self.blocked(), await self.blocked(fresh=True))
        return twice

    async def listed_twice(self) -> Listing | None:
        """Return who is on either of two listings; None where that cannot be read.

        One listing may be short: a read that timed out was seen to come back empty
        (https://github.com/rmyndharis/OpenWA/pull/1176). Nobody is to be forgotten for it: who was taken for unblocked
        by mistake may not be blockable again.
        """
        if not self.capabilities.lists_blocked:
            return None
        try:
            return (await self.blocked()).with_those_of(await self.blocked(fresh=True))
        except GatewayError:
            return None

    def seen(self, names: Names) -> Person | None:
        """Return the row of a contact in the list as this process has read and changed it, if it is there.

        On any thread: what was read is replaced and changed on the event loop alone.
        """
        live = self._live
        return live.find(*names) if live is not None else None

    async def _list(self) -> Listing:
        anew = self.gateway.http.retries.at_once(_LISTINGS, lambda error: isinstance(error, ListChanged))
        live: Listing = await anew(self._pages)
        self.has_blocked = False
        return live

    async def _pages(self) -> Listing:
        """Return every listed person. A list ends where there is no further cursor, not at an empty page.

        It also ends: pages are counted against what the account can hold.
        """
        holds = self.capabilities.max_blocked or _HOLDS
        most = holds // min(self.capabilities.page_size, _SMALL_PAGE) + _IDLE_PAGES
        cursor: str | None = None
        seen: set[str] = set()
        rows: list[Person] = []
        found: set[Person] = set()
        idle = 0
        for _ in range(most):
            page = await self.gateway.blocked_page(cursor)
            before = len(found)
            rows += page.people
            found.update(page.people)
            idle = 0 if len(found) > before else idle + 1
            if page.cursor is None or page.cursor in seen:
                return Listing(rows)
            if idle >= _IDLE_PAGES or len(found) > 2 * holds:  # a limit may have been raised
                break
            cursor = page.cursor
            seen.add(cursor)
            self.report.status(f"reading the block list of {self.id}: {len(found):,} so far")
        raise ProtocolError(
            f"{self.title} goes on listing after {len(found):,} contacts of {self.id}, with a new cursor each time "
            f"(the last {idle:,} pages had nobody new), so the list was not read to its end; try again later"
        )

    # -- changes

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[None]:
        """Hold a place among the requests under way, while no listing runs."""
        async with self._slots, self._list_lock.reader_lock:
            yield

    def note(self, action: Literal["block", "unblock"], contact: Contact, names: Names, person: Person) -> None:
        """Apply a confirmed change to what was read of the list.

        Args:
            action: what was done.
            contact: who it was done to.
            names: by what they are known.
            person: what the answer said of them.
        """
        if self._live is None:
            return
        if action == "block":
            self.has_blocked = True
            self._live.add(person.beside(person_called(contact)), key_of(contact))
        else:
            self._live.remove(*person.names, *names, key_of(contact))

    def forget_list(self) -> None:
        """Have the list read again when it is needed next: a change may have taken effect or not."""
        self._live = None

    # -- seat belts

    def foresee_unblocks(self, people: Iterable[Key]) -> None:
        """Note whom the deletes of this run will unblock.

        Raises:
            TooManyUnblocks: when they exceed ``maxUnblocks``.
        """
        with self._counting:
            self._require_allowed(self.claims.foresee_unblocks(people))

    def take_unblocks(self, count: int) -> None:
        """Take what is about to be unblocked from the run's budget.

        Raises:
            TooManyUnblocks: when it exceeds ``maxUnblocks``; nothing was sent then.
        """
        with self._counting:
            if count:
                self._require_allowed(count, before=self.claims.unblocks)
                self.claims.take_unblocks(count)

    def _require_allowed(self, count: int, before: int = 0) -> None:
        most = self.config.max_unblocks
        if most is None or before + count <= most:
            return
        after = f", after {before:,} in this run," if before else ""
        raise TooManyUnblocks(
            f"this would unblock {count_contacts(count)} of {self.id}{after} and maxUnblocks is {most:,}; "
            "none of them was unblocked. If it is right, run it again with a higher WHATSAPP_MAX_UNBLOCKS in the "
            "environment; if another resource takes the contacts over, declare that resource before this one"
        )

    def missing(self, count: int, own: int) -> tuple[int, int]:
        """Add how many of its own contacts a resource does not find; returns both counts over all resources of the run.

        On any thread.
        """
        with self._counting:
            self._missing += count
            self._looked_for += own
            return self._missing, self._looked_for

    def tell_hidden(self, contacts: int, rows: int) -> None:
        """Say once a run how many contacts cannot be told apart from entries of the list that lack their name."""
        if "hidden" not in self._told:
            self._told.add("hidden")
            self.report.info(
                f"{count_contacts(contacts)} of {self.id} cannot be found on its block list, which has {rows:,} "
                f"{'entry' if rows == 1 else 'entries'} without the number or id that would tell who it is; each of "
                "the contacts may be such an entry, so the state of them is left as it was"
            )

    def tell_unread(self, what: str) -> None:
        """Say once a run what a refresh could not check."""
        if what not in self._told:
            self._told.add(what)
            self.report.info(f"{self.title} cannot show {what}, so the state of {self.id} was not compared with it")

    # -- privacy settings

    async def privacy(self, *, fresh: bool = False) -> Mapping[str, str]:
        """Return the value of each privacy setting; read once for all.

        Raises:
            GatewayError: when it cannot be read.
        """
        async with self._reading:
            if self._privacy is None or fresh:
                self._privacy = await self.gateway.get_privacy()
            return self._privacy

    async def set_privacy(
        self, setting: str, value: str, add: Sequence[Contact] = (), remove: Sequence[Contact] = ()
    ) -> None:
        """Set a privacy setting and change its exceptions in one request.

        Raises:
            GatewayError: when the gateway did not confirm it.
        """
        async with self._slots:
            try:
                await self.gateway.set_privacy(setting, value, add, remove)
            except GatewayError as error:
                # Where it can be read, a lost answer is settled by reading.
                if error.settled or not self.capabilities.reads_privacy or add or remove:
                    raise
                self._privacy = None
                try:
                    live = await self.gateway.get_privacy()
                except GatewayError:
                    raise error from None
                if live.get(setting) != value:
                    raise
        if self._privacy is not None:
            self._privacy[setting] = value
