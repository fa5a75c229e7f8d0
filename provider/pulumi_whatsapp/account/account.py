"""One account at work: the live block list, and changes to it that end in a known state."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

from aiorwlock import RWLock

from ..config import AccountConfig
from ..errors import GatewayError, ListChanged, ProtocolError, TooManyUnblocks, Unavailable, WhatsAppError
from ..gateways.base import Capabilities, Gateway
from ..phone import identity, is_lid
from ..report import Report, count_contacts
from .change import Action, Change, Result
from .claims import AccountClaims, Claims, keys, not_taken_over

_LISTINGS: Final = 5
_EMPTY_PAGES: Final = 20


class Account:
    """A WhatsApp account through its gateway, shared by every resource of the process.

    Args:
        account_id: its public identity, e.g. ``zapi/3A5B``.
        config: how it is configured.
        gateway: its gateway.
        claims: what this run declares, of every account.
        report: told of progress.
    """

    def __init__(
        self, account_id: str, config: AccountConfig, gateway: Gateway, claims: Claims, report: Report
    ) -> None:
        self.id = account_id
        self.claims = AccountClaims(account_id, claims)
        self._unblocks = 0
        self._missing = 0
        self._looked_for = 0
        self._counting = threading.Lock()
        self.config = config
        self.gateway = gateway
        self._report = report
        self._live: dict[str, str] | None = None
        self._privacy: dict[str, str] | None = None
        self._unread: set[str] = set()
        self._reading = asyncio.Lock()
        # Changes exclude listings, because a change spoils the cursors of a listing under way (139102); they do not
        # exclude each other. The lock's "reader" is a change, its "writer" a listing.
        self._list_lock = RWLock()
        self._unblocking: Counter[str] = Counter()
        self._unblocked = asyncio.Condition()
        self._slots = asyncio.Semaphore(config.max_concurrency)

    @property
    def capabilities(self) -> Capabilities:
        """What the gateway can do."""
        return self.gateway.capabilities

    @property
    def title(self) -> str:
        """The gateway's name in messages."""
        return self.gateway.title

    async def blocked(self, *, fresh: bool = False) -> Mapping[str, str]:
        """Return who is blocked now: identity -> the gateway's spelling, canonical.

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

    def has_seen(self, people: Iterable[str]) -> bool:
        """Return whether these identities stand on the list as this process has read and changed it.

        On any thread: what was read is replaced and changed on the event loop alone.
        """
        live = self._live
        return live is not None and all(person in live for person in people)

    async def _list(self) -> dict[str, str]:
        for _ in range(_LISTINGS):
            try:
                return {identity(contact): contact async for contact in self._pages()}
            except ListChanged as error:
                changed = error
        raise changed

    async def _pages(self) -> AsyncIterator[str]:
        """Yield every listed contact. A list ends where there is no further cursor, not at an empty page."""
        cursor: str | None = None
        seen: set[str] = set()
        count = empty = 0
        while True:
            page = await self.gateway.blocked_page(cursor)
            for contact in page.contacts:
                yield contact
            count += len(page.contacts)
            empty = 0 if page.contacts else empty + 1
            if empty >= _EMPTY_PAGES:
                raise ProtocolError(
                    f"{self.title} lists {empty} empty pages in a row after {count:,} contacts, each with a new "
                    "cursor, so the list was not read to its end; try again later"
                )
            if page.cursor is None or page.cursor in seen:
                return
            cursor = page.cursor
            seen.add(cursor)
            self._report.status(f"reading the block list of {self.id}: {count:,} so far")

    async def change(self, action: Action, contacts: Mapping[str, str]) -> dict[str, Result]:
        """Block or unblock contacts; returns what became of each. Raises nothing that a gateway does.

        Nobody whom this run declares is unblocked, and who is being unblocked is blocked only after that is settled.

        Args:
            action: what to do.
            contacts: canonical form -> identity; no identity twice.
        """
        results: dict[str, Result] = {}
        if action == "block":
            self.claims.declare(contacts)
            await self._until_unblocked(contacts)
        else:
            results = {
                name: claimed
                for name, person in contacts.items()
                if (claimed := self.claims.claimed(name, person)) is not None
            }
        todo = {name: person for name, person in contacts.items() if name not in results}
        # Who is blocked already is not blocked again, for that may be refused. An unblock is sent whatever the list
        # says: a listing that is short must leave nobody blocked.
        if todo and action == "block" and self.capabilities.lists_blocked:
            try:
                live = await self.blocked()
            except GatewayError as error:
                self.claims.miss(contacts)
                return dict.fromkeys(todo, Result("pending", error))
            for name, person in list(todo.items()):
                listed = live.get(person)
                if listed is not None:
                    results[name] = Result("done", wa_id=listed)
                    del todo[name]
        if todo:
            results.update(await Change(self, action, todo, self._report).run())
        if action == "block":
            missed = {name: contacts[name] for name, result in results.items() if result.state != "done"}
            self.claims.miss(missed)
        return results

    async def release(self, contacts: Mapping[str, str]) -> dict[str, Result]:
        """Unblock the contacts of a resource that ends; returns what became of each.

        It ends after all others had their turn. Whom this run declares is left to a resource that has them blocked, and
        to none that has failed or was left out; who is not blocked at all is done.

        Args:
            contacts: canonical form -> identity; no identity twice.
        """
        results = await self.change("unblock", contacts)
        left = [
            name
            for name, result in results.items()
            if result.state in {"claimed", "pending"} and self.claims.awaits(name, contacts[name])
        ]
        live = await self._listed_twice() if left else None
        for name in left:
            gone = live is not None and live.isdisjoint(keys({name: contacts[name]}))
            results[name] = Result("done") if gone else not_taken_over()
        return results

    async def _listed_twice(self) -> set[str] | None:
        """Return who is on either of two listings, by identity; None where that cannot be read."""
        if not self.capabilities.lists_blocked:
            return None
        try:
            return {*await self.blocked(), *await self.blocked(fresh=True)}
        except GatewayError:
            return None

    async def _until_unblocked(self, contacts: Mapping[str, str]) -> None:
        """Wait while one of these contacts is being unblocked."""
        if not self._unblocking:
            return
        people = keys(contacts)
        async with self._unblocked:
            await self._unblocked.wait_for(lambda: self._unblocking.keys().isdisjoint(people))

    @asynccontextmanager
    async def unblocking(self, contacts: Mapping[str, str]) -> AsyncIterator[None]:
        """Keep these contacts from being blocked in the meantime.

        Args:
            contacts: canonical form -> identity.
        """
        people = keys(contacts)
        self._unblocking.update(people)
        try:
            yield
        finally:
            self._unblocking -= Counter(people)
            async with self._unblocked:
                self._unblocked.notify_all()

    def allow_unblocks(self, contacts: Mapping[str, str]) -> None:
        """Take what is about to be unblocked from the run's budget.

        Args:
            contacts: canonical form -> identity.

        Raises:
            TooManyUnblocks: when it exceeds ``maxUnblocks``; nothing was sent then.
            Unavailable: when it is not known yet whom another resource of the program declares; nothing was sent then.
        """
        error = self.refuses_unblocks(contacts)
        if error is not None:
            raise error
        self._unblocks += self.claims.undeclared(contacts)

    def refuses_unblocks(self, contacts: Mapping[str, str]) -> WhatsAppError | None:
        """Return why these contacts, canonical form -> identity, may not be unblocked now; None when they may."""
        count, most = self.claims.undeclared(contacts), self.config.max_unblocks
        late = self.claims.expected()
        if late is not None and count:
            return Unavailable(
                f"this would unblock {count_contacts(count)} of {self.id} before it is known whom {late} declares, "
                f"which may be the same; nothing was changed. In the program put {late} before this resource, without "
                "a dependency on it"
            )
        if most is None or not count or self._unblocks + count <= most:
            return None
        before = f", after {self._unblocks:,} in this run," if self._unblocks else ""
        return TooManyUnblocks(
            f"this would unblock {count_contacts(count)} of {self.id}{before} and maxUnblocks is {most:,}; "
            "none of them was unblocked. If it is right, run it again with a higher WHATSAPP_MAX_UNBLOCKS in the "
            "environment"
        )

    def missing(self, count: int, own: int) -> tuple[int, int]:
        """Add what a resource misses of its own contacts; returns both counts over all resources of this run so far.

        On any thread.
        """
        with self._counting:
            self._missing += count
            self._looked_for += own
            return self._missing, self._looked_for

    def tell_unread(self, what: str) -> None:
        """Say once a run what a refresh could not check."""
        if what not in self._unread:
            self._unread.add(what)
            self._report.info(f"{self.title} cannot show {what}, so the state of {self.id} stands unchecked")

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[None]:
        """Hold a place among the requests under way, while no listing runs."""
        async with self._slots, self._list_lock.reader_lock:
            yield

    def note(self, action: Action, contact: str, wa_id: str | None) -> None:
        """Apply a confirmed change to what was read of the list, and claim whom a block turned out to be."""
        if action == "block" and wa_id and wa_id != contact:
            self.claims.declare([wa_id])
        if self._live is None:
            return
        if action == "block":
            self._live[identity(wa_id or contact)] = contact if wa_id is None or is_lid(wa_id) else wa_id
        else:
            self._live.pop(identity(wa_id or contact), None)
            self._live.pop(identity(contact), None)

    def forget_list(self) -> None:
        """Have the list read again by whoever needs it next: a change may have taken effect or not."""
        self._live = None

    async def privacy(self, *, fresh: bool = False) -> Mapping[str, str]:
        """Return the value of each privacy setting; read once for all.

        Raises:
            GatewayError: when it cannot be read.
        """
        async with self._reading:
            if self._privacy is None or fresh:
                self._privacy = await self.gateway.get_privacy()
            return self._privacy

    async def set_privacy(self, setting: str, value: str, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
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
