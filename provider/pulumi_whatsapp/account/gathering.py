"""Changes of several resources that are under way together are sent together, where the gateway takes batches."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Final

from ..names import Contact, Names
from ..outcome import Outcome

_PATIENCE: Final = 2
"""How many times the longest gap is waited for the next caller. Pulumi writes the state before and after each step, one
step at a time, so those of many steps that end together come back one by one. Not every write takes as long as the last
one, so one gap is too short a wait."""
_LONGEST: Final = 2.0
"""Seconds that a request is held back at most. After a gap of this length nobody else is expected."""

Send = Callable[[Mapping[Contact, Names], Mapping[Contact, Contact], int], Awaitable[Mapping[Contact, Outcome]]]


@dataclass
class _Share:
    """What one resource has to send, and what became of it."""

    contacts: Mapping[Contact, Names]
    spelt: Mapping[Contact, Contact]
    outcomes: asyncio.Future[dict[Contact, Outcome]] = field(default_factory=asyncio.Future)
    context: Context = field(default_factory=copy_context)


class Gathering:
    """Sends for several callers as for one; each gets what became of its own contacts.

    Whoever comes while something is being sent waits for it, and then goes with all others who wait, and with whoever
    comes back of those who were under way together. So a thousand single contacts are not a thousand requests. Callers
    who come one after the other do not wait, but for the first after a group. Pulumi has as many steps under way as
    ``--parallel`` says, four for each core by default.

    Args:
        send: given contact -> names, contact -> the name to send, and the number of callers, returns what became of
            each contact.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._waiting: list[_Share] = []
        self._working: asyncio.Task[None] | None = None
        self._came = asyncio.Event()
        self._under_way = 0
        """Callers who wait for an answer, or whose request is being sent."""
        self._together = 0
        """The most of these since the last time that a request was sent with fewer."""
        self._last = 0.0
        """When somebody came or was answered last."""
        self._gaps = 0.0, 0.0
        """The longest time in which nobody came, in seconds: between the last two answers, and since."""

    async def outcomes(
        self, contacts: Mapping[Contact, Names], spelt: Mapping[Contact, Contact]
    ) -> dict[Contact, Outcome]:
        """Return what became of each contact."""
        share = _Share(contacts, spelt)
        self._waiting.append(share)
        self._under_way += 1
        self._observe()
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        try:
            return await share.outcomes
        finally:
            self._under_way -= 1

    def _observe(self) -> None:
        now = asyncio.get_running_loop().time()
        gap = now - self._last
        before, since = self._gaps
        self._gaps = (before, max(gap, since)) if gap < _LONGEST else (0, 0)
        self._together = max(self._together, self._under_way)
        self._last = now
        self._came.set()

    async def _work(self) -> None:
        while self._waiting:
            shares = self._waiting
            try:
                await self._until_together()
                shares = self._take()
                if shares:
                    # The lines of a request stand on the row of a resource whose request it is.
                    self._answer(shares, await shares[0].context.run(asyncio.create_task, self._sent(shares)))
            except BaseException as error:  # whatever it is, nobody waits for ever
                self._answer(shares, error)
        self._working = None

    async def _until_together(self) -> None:
        """Return when as many wait as were under way together, or nobody has come for twice the longest gap."""
        loop = asyncio.get_running_loop()
        latest = loop.time() + _LONGEST
        while len(self._waiting) < self._together:
            self._came.clear()
            patience = min(max(self._gaps) * _PATIENCE, latest - loop.time())
            try:
                await asyncio.wait_for(self._came.wait(), patience)
            except asyncio.TimeoutError:
                self._together = len(self._waiting)

    def _take(self) -> list[_Share]:
        """Take those who wait. Of two who have the same contact the second waits on: each gets an answer of its own.

        Who was cancelled is not sent any more: nobody would record it.
        """
        taken: list[_Share] = []
        later: list[_Share] = []
        contacts: set[Contact] = set()
        for share in self._waiting:
            if share.outcomes.done():
                continue
            (taken if contacts.isdisjoint(share.contacts) else later).append(share)
            contacts |= share.contacts.keys()
        self._waiting = later
        return taken

    async def _sent(self, shares: Sequence[_Share]) -> Mapping[Contact, Outcome]:
        contacts = {contact: names for share in shares for contact, names in share.contacts.items()}
        spelt = {contact: name for share in shares for contact, name in share.spelt.items()}
        return await self._send(contacts, spelt, len(shares))

    def _answer(self, shares: Iterable[_Share], found: Mapping[Contact, Outcome] | BaseException) -> None:
        self._last = asyncio.get_running_loop().time()
        self._gaps = self._gaps[1], 0
        for share in shares:
            if share.outcomes.done():
                continue  # it was cancelled
            if isinstance(found, BaseException):
                share.outcomes.set_exception(found)
            else:
                share.outcomes.set_result({contact: found[contact] for contact in share.contacts})
