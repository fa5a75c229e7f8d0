"""Changes of several resources that are under way together are sent together, where the gateway takes batches."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from ..names import Contact, Names
from ..outcome import Outcome

Send = Callable[[Mapping[Contact, Names], Mapping[Contact, Contact]], Awaitable[Mapping[Contact, Outcome]]]


@dataclass
class _Share:
    """What one resource has to send, and what became of it."""

    contacts: Mapping[Contact, Names]
    spelt: Mapping[Contact, Contact]
    outcomes: asyncio.Future[dict[Contact, Outcome]] = field(default_factory=asyncio.Future)


class Gathering:
    """Sends for several callers as for one; each gets what became of its own contacts.

    Whoever comes while something is being sent waits for it, and then goes with all others who wait. So a thousand
    single contacts are not a thousand requests, and one alone waits for nobody.

    Args:
        send: given contact -> names, and contact -> the name to send, returns what became of each.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._waiting: list[_Share] = []
        self._working: asyncio.Task[None] | None = None

    async def outcomes(
        self, contacts: Mapping[Contact, Names], spelt: Mapping[Contact, Contact]
    ) -> dict[Contact, Outcome]:
        """Return what became of each contact."""
        share = _Share(contacts, spelt)
        self._waiting.append(share)
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await share.outcomes

    async def _work(self) -> None:
        await asyncio.sleep(0)  # whoever is about to send anyway joins
        while self._waiting:
            shares = self._take()
            contacts = {contact: names for share in shares for contact, names in share.contacts.items()}
            spelt = {contact: name for share in shares for contact, name in share.spelt.items()}
            try:
                found = await self._send(contacts, spelt)
            except BaseException as error:  # whatever it is, nobody waits for ever
                for share in shares:
                    if not share.outcomes.done():
                        share.outcomes.set_exception(error)
                continue
            for share in shares:
                if not share.outcomes.done():  # who was cancelled hears nothing
                    share.outcomes.set_result({contact: found[contact] for contact in share.contacts})
        self._working = None

    def _take(self) -> list[_Share]:
        """Take those who wait. Of two who have the same contact the second waits on: each gets an answer of its own."""
        taken: list[_Share] = []
        later: list[_Share] = []
        contacts: set[Contact] = set()
        for share in self._waiting:
            (taken if contacts.isdisjoint(share.contacts) else later).append(share)
            contacts |= share.contacts.keys()
        self._waiting = later
        return taken
