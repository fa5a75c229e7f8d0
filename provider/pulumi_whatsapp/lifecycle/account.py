"""One account at work: the live block list, and changes to it that end in a known state."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Literal

from aiorwlock import RWLock

from ..config import AccountConfig
from ..errors import GatewayError, ListChanged, Refused, TooManyUnblocks
from ..gateways.base import Capabilities, Gateway, Outcome
from ..phone import digits, identity
from .claims import Claims
from .report import Report

Action = Literal["block", "unblock"]

_LISTINGS: Final = 5


@dataclass(frozen=True)
class Result:
    """What became of one contact.

    Attributes:
        state: ``done``; ``refused``, the gateway said no for good; ``unknown``, the answer was lost; ``pending``, not
            reached; ``claimed``, not unblocked because this run declares the contact elsewhere.
        error: why it is not done.
        wa_id: the digits of WhatsApp's own id, where the gateway gave it.
    """

    state: Literal["done", "refused", "unknown", "pending", "claimed"]
    error: GatewayError | None = None
    wa_id: str | None = None


class Account:
    """A WhatsApp account through its gateway, shared by every resource of the process.

    Args:
        account_id: its public identity, e.g. ``zapi/3A5B``.
        config: how it is configured.
        gateway: its gateway.
        claims: what this run declares.
        report: told of progress.
    """

    def __init__(
        self, account_id: str, config: AccountConfig, gateway: Gateway, claims: Claims, report: Report
    ) -> None:
        self.id = account_id
        self._claims = claims
        self._unblocks = 0
        self.config = config
        self.gateway = gateway
        self._report = report
        self._live: dict[str, str] | None = None
        self._privacy: dict[str, str] | None = None
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

    def declare(self, contacts: Iterable[str]) -> None:
        """Claim contacts for a resource of this run."""
        self._claims.declare(self.id, contacts)

    def declare_setting(self, setting: str) -> None:
        """Claim a privacy setting for a resource of this run."""
        self._claims.declare_setting(self.id, setting)

    def declares_setting(self, setting: str) -> bool:
        """Return whether a resource of this run declares a privacy setting."""
        return self._claims.declares_setting(self.id, setting)

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
        count = 0
        while True:
            page = await self.gateway.blocked_page(cursor)
            for contact in page.contacts:
                yield contact
            count += len(page.contacts)
            if page.cursor is None or page.cursor in seen:
                return
            cursor = page.cursor
            seen.add(cursor)
            self._report.status(f"reading the block list of {self.id}: {count:,} so far")

    async def change(self, action: Action, contacts: Sequence[str]) -> dict[str, Result]:
        """Block or unblock contacts; returns what became of each. Raises nothing that a gateway does.

        Nobody whom this run declares is unblocked.

        Args:
            contacts: canonical forms, no identity twice.
        """
        results: dict[str, Result] = {}
        if action == "block":
            self.declare(contacts)
        else:
            results = {contact: Result("claimed") for contact in contacts if self._claims.declares(self.id, contact)}
        todo = [contact for contact in contacts if contact not in results]
        spelling = {contact: contact for contact in todo}
        if todo and self.capabilities.lists_blocked:
            try:
                live = await self.blocked()
            except GatewayError as error:
                return {**results, **dict.fromkeys(todo, Result("pending", error))}
            for contact in todo:
                listed = live.get(identity(contact))
                if (listed is not None) == (action == "block"):
                    results[contact] = Result("done", wa_id=digits(listed) if listed else None)
                elif listed is not None:
                    spelling[contact] = listed
        left = {spelling[contact]: contact for contact in todo if contact not in results}
        work = _Work(self, action, left, self._report)
        results.update(await work.run())
        return results

    def allow_unblocks(self, contacts: Iterable[str]) -> None:
        """Take what is about to be unblocked from the run's budget.

        Raises:
            TooManyUnblocks: when it exceeds ``maxUnblocks``; nothing was sent then.
        """
        contacts = [contact for contact in contacts if not self._claims.declares(self.id, contact)]
        most = self.config.max_unblocks
        if most is not None and contacts and self._unblocks + len(contacts) > most:
            before = f", after {self._unblocks:,} in this run," if self._unblocks else ""
            raise TooManyUnblocks(
                f"this would unblock {len(contacts):,} contacts of {self.id}{before} and maxUnblocks is {most:,}; "
                "none of them was unblocked. If it is right, run it again with a higher WHATSAPP_MAX_UNBLOCKS in the "
                "environment"
            )
        self._unblocks += len(contacts)

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[None]:
        """Hold a place among the requests under way, while no listing runs."""
        async with self._slots, self._list_lock.reader_lock:
            yield

    def note(self, action: Action, contact: str, wa_id: str | None) -> None:
        """Apply a confirmed change to what was read of the list."""
        if self._live is None:
            return
        if action == "block":
            self._live[identity(wa_id or contact)] = f"+{wa_id}" if wa_id and wa_id.isdigit() else contact
        else:
            self._live.pop(identity(wa_id or contact), None)
            self._live.pop(identity(contact), None)

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
                if (await self.gateway.get_privacy()).get(setting) != value:
                    raise
        if self._privacy is not None:
            self._privacy[setting] = value


class _Work:
    """One change of many contacts: batches, a time budget, and what to do when an answer is lost."""

    def __init__(self, account: Account, action: Action, contacts: Mapping[str, str], report: Report) -> None:
        self._account = account
        self._action = action
        self._names = contacts  # as sent -> as asked for
        self._report = report
        self._results: dict[str, Result] = {}
        self._deadline = 0.0
        self._stopped: GatewayError | None = None  # no further request has a chance
        self._lost: GatewayError | None = None  # an answer was lost: look before anything else is sent

    async def run(self) -> dict[str, Result]:
        """Return what became of each contact."""
        todo = list(self._names)
        loop = asyncio.get_running_loop()
        self._deadline = loop.time() + self._account.config.time_budget
        for attempt in range(1, self._account.config.max_retries + 2):
            self._lost = None
            await self._send(todo)
            if self._lost is None or self._stopped:
                break
            todo = await self._unsettled()
            if not todo:
                break
            await self._account.gateway.http.back_off(attempt, self._lost)
        why = self._stopped or self._lost
        for name in self._names.values():
            self._results.setdefault(name, Result("pending", why))
        return self._results

    async def _send(self, contacts: Sequence[str]) -> None:
        size = self._account.capabilities.batch_size
        batches = [contacts[start : start + size] for start in range(0, len(contacts), size)]
        workers = min(self._account.config.max_concurrency, len(batches)) if size == 1 else 1
        queue = iter(batches)
        await asyncio.gather(*(self._worker(queue) for _ in range(workers)))

    async def _worker(self, batches: Iterable[Sequence[str]]) -> None:
        loop = asyncio.get_running_loop()
        for batch in batches:
            if self._stopped or self._lost or loop.time() >= self._deadline:
                return
            await self._batch(batch)
            if len(self._names) > 1:
                done = f"{len(self._results):,}/{len(self._names):,}"
                self._report.status(f"{self._action}ing contacts of {self._account.id}: {done}")

    async def _batch(self, batch: Sequence[str]) -> None:
        gateway = self._account.gateway
        try:
            async with self._account.changing():
                outcomes = await (gateway.block(batch) if self._action == "block" else gateway.unblock(batch))
        except GatewayError as error:
            outcomes = [Outcome(contact, error=error) for contact in batch]
            if not error.settled:
                self._lost = error
            elif not isinstance(error, Refused):
                self._stopped = error
        for outcome in outcomes:
            self._record(outcome)

    def _record(self, outcome: Outcome) -> None:
        error = outcome.error
        state: Literal["done", "refused", "unknown", "pending"]
        if error is None:
            state = "done"
            self._account.note(self._action, outcome.contact, outcome.wa_id)
        elif isinstance(error, Refused):
            state = "refused"
        else:
            state = "pending" if error.settled else "unknown"
            self._lost = self._lost or (None if error.settled else error)
        self._results[self._names[outcome.contact]] = Result(state, error, outcome.wa_id)

    async def _unsettled(self) -> list[str]:
        """Ask the list what became of lost answers; returns what is still to be sent."""
        if not self._account.capabilities.lists_blocked:
            return []
        try:
            live = await self._account.blocked(fresh=True)
        except GatewayError:
            return []
        todo = []
        for sent, name in self._names.items():
            result = self._results.get(name)
            if result is not None and result.state != "unknown":
                continue
            listed = live.get(identity(sent))
            if result is not None and (listed is not None) == (self._action == "block"):
                self._results[name] = Result("done", wa_id=digits(listed) if listed else None)
            else:
                todo.append(sent)
        return todo
