"""A world whose process can be killed at a request, before or after the request takes effect."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx

from pulumi_whatsapp.account.accounts import Accounts
from pulumi_whatsapp.gateways.base import Gateway

from ..contract.world import World
from .people import PEOPLE, who

Value = TypeVar("Value")

_SECONDS = (0.1, 0.4, 0.2, 0.3)
"""How long requests take, in turn, so that those under way at once overtake each other."""


class Killed(BaseException):
    """The process is no more."""


@dataclass(frozen=True)
class Kill:
    """When the process dies.

    Attributes:
        at: at which of its requests, from 0.
        done: whether that request still takes effect.
    """

    at: int
    done: bool


class Mortal(httpx.AsyncBaseTransport):
    """Carries requests until the process is killed."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self._sent = 0
        self._kill: Kill | None = None
        self.dead = False

    def begin(self, kill: Kill | None) -> None:
        """Start a process, which dies as asked."""
        self._sent = 0
        self._kill = kill
        self.dead = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request. Raises Killed."""
        number = self._sent
        self._sent += 1
        await asyncio.sleep(_SECONDS[number % len(_SECONDS)])
        dies = self._kill is not None and number >= self._kill.at
        if self.dead or (dies and not (self._kill and self._kill.done)):
            self.dead = True
            raise Killed
        response = await self._inner.handle_async_request(request)
        if dies:
            self.dead = True
            raise Killed
        return response


class Forgetful(httpx.AsyncBaseTransport):
    """Carries requests; whoever is unblocked has not written in the last 24 hours, so may not be blocked again."""

    def __init__(self, inner: httpx.AsyncBaseTransport, world: MortalWorld) -> None:
        self._inner = inner
        self._world = world

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request."""
        if request.method != "DELETE":  # only the gateways that unblock by it know the rule
            return await self._inner.handle_async_request(request)
        before = self._world.phone.blocked()
        try:
            return await self._inner.handle_async_request(request)
        finally:
            self._world.forget(who(before - self._world.phone.blocked()))


class MortalWorld(World):
    """A `World` whose runs can be killed, and where nobody is blocked again who was unblocked."""

    def __init__(self, gateway: type[Gateway], folder: Path) -> None:
        super().__init__(gateway, folder)
        self.wire = Mortal(Forgetful(self.network, self))
        self.network = self.wire  # type: ignore[assignment]

    def forget(self, people: Iterable[int]) -> None:
        """Let people not have written in the last 24 hours."""
        for person in people:
            self.phone.contact(PEOPLE[person][0], messaged_recently=False)

    def process(self, work: Callable[[Accounts], Awaitable[Value]], kill: Kill | None) -> Value | None:
        """Do something in a new process; None when it was killed."""
        self.wire.begin(kill)

        async def live(accounts: Accounts) -> Value | None:
            try:
                return await work(accounts)
            except Killed:
                return None
            finally:
                others = asyncio.all_tasks() - {asyncio.current_task()}
                for task in others:
                    task.cancel()
                await asyncio.gather(*others, return_exceptions=True)

        return self.run(live)
