"""One change of many contacts: batches, a time budget, and what to do when an answer is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from ..errors import AnswerLost, GatewayError, Refused
from ..gateways.base import Outcome
from ..phone import identity
from ..report import Report

if TYPE_CHECKING:
    from .account import Account

Action = Literal["block", "unblock"]

_SECONDS_BETWEEN_LINES: Final = 0.5
_UNCLEAR: Final = 10
"""Contacts in a row whose request is refused, without a word whether it is about them, before no other is tried."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one contact.

    Attributes:
        state: ``done``; ``refused``, the gateway said no for good; ``unknown``, the answer was lost; ``pending``, not
            reached; ``claimed``, not unblocked because this run declares the contact elsewhere.
        error: why it is not done.
        wa_id: WhatsApp's own id in canonical form, where the gateway gave it; not of who is unblocked.
    """

    state: Literal["done", "refused", "unknown", "pending", "claimed"]
    error: GatewayError | None = None
    wa_id: str | None = None


_UNBLOCKED: Final = Result("done")


class Change:
    """Blocks or unblocks contacts, so that it is known of each what became of it.

    Args:
        account: whose block list.
        action: what to do.
        contacts: canonical form -> the identity under which a listing has it.
        report: told of progress.
    """

    def __init__(self, account: Account, action: Action, contacts: Mapping[str, str], report: Report) -> None:
        self._account = account
        self._action = action
        self._people = contacts
        self._report = report
        self._told = 0.0
        self._results: dict[str, Result] = {}
        self._deadline = 0.0
        self._unclear = 0
        self._stopped: GatewayError | None = None  # no further request has a chance
        self._lost: GatewayError | None = None  # an answer was lost: look before anything else is sent

    async def run(self) -> dict[str, Result]:
        """Return what became of each contact."""
        todo = list(self._people)
        loop = asyncio.get_running_loop()
        self._deadline = loop.time() + self._account.config.time_budget
        retries = self._account.config.max_retries
        for attempt in range(1, retries + 2):
            self._lost = None
            await self._send(todo)
            if self._lost is None or self._stopped:
                break
            todo = await self._unsettled()
            if not todo or attempt > retries:
                break
            await self._account.gateway.http.back_off(attempt, self._lost)
        await self._verify_refusals()
        why = self._stopped or self._lost
        for contact in self._people:
            self._results.setdefault(contact, Result("pending", why))
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
            if len(self._people) > 1 and loop.time() - self._told >= _SECONDS_BETWEEN_LINES:
                self._told = loop.time()
                self._report.status(f"{self._action}ing contacts of {self._account.id}: {self._progress()}")

    def _progress(self) -> str:
        done, everybody = len(self._results), len(self._people)
        gateway = self._account.gateway
        seconds = gateway.http.seconds_for(-(-(everybody - done) // gateway.capabilities.batch_size))
        left = f", about {seconds:,.0f} s left at the rate that {gateway.title} allows" if seconds >= 1 else ""
        return f"{done:,}/{everybody:,}{left}"

    async def _batch(self, batch: Sequence[str]) -> None:
        account = self._account
        async with account.changing():
            unblocked: dict[str, str] = {}
            if self._action == "unblock":
                batch = self._without_claimed(batch)
                unblocked = {contact: self._people[contact] for contact in batch}
            async with account.unblocking(unblocked):
                try:
                    send = account.gateway.block if self._action == "block" else account.gateway.unblock
                    outcomes = await send(batch) if batch else []
                except GatewayError as error:
                    outcomes = [Outcome(contact, error=error) for contact in batch]
                except Exception as error:  # what others confirm meanwhile is recorded all the same
                    outcomes = [Outcome(contact, error=self._fault(error)) for contact in batch]
                for outcome in outcomes:
                    self._record(outcome)

    def _fault(self, error: Exception) -> AnswerLost:
        text = " ".join(f"{type(error).__name__}: {error}".split())
        return AnswerLost(
            f"the request may have taken effect ({self._account.gateway.http.redact(text)}); this is a fault of "
            "pulumi-whatsapp, please report it"
        )

    def _without_claimed(self, batch: Sequence[str]) -> list[str]:
        """Leave out whom another resource has declared since this change began."""
        left = []
        for contact in batch:
            claimed = self._account.claims.claimed(contact, self._people[contact])
            if claimed is None:
                left.append(contact)
            else:
                self._results[contact] = claimed
        return left

    def _record(self, outcome: Outcome) -> None:
        error = outcome.error
        # the same text is kept once: there may be 64,000 of them
        wa_id = outcome.contact if outcome.wa_id == outcome.contact else outcome.wa_id
        state: Literal["done", "refused", "unknown", "pending"]
        unclear = type(error) is GatewayError
        self._unclear = self._unclear + 1 if unclear else 0
        if error is None:
            state = "done"
            self._account.note(self._action, outcome.contact, wa_id)
        elif isinstance(error, Refused):
            state = "refused"
        elif error.settled:
            state = "pending"
            if not unclear or self._unclear >= _UNCLEAR:
                self._stopped = error
        else:
            state = "unknown"
            self._lost = error
            self._account.forget_list()
        unblocked = state == "done" and self._action == "unblock"
        self._results[outcome.contact] = _UNBLOCKED if unblocked else Result(state, error, wa_id)

    async def _unsettled(self) -> list[str]:
        """Ask the list what became of lost answers; returns what is still to be sent."""
        live = await self._look()
        if live is None:
            return []
        todo = []
        for contact in self._people:
            result = self._results.get(contact)
            if result is None or (result.state == "unknown" and not self._settle(contact, live)):
                todo.append(contact)
        return todo

    async def _verify_refusals(self) -> None:
        """Ask the list before somebody is called refused: a change that is in force already may be refused."""
        refused = [contact for contact, result in self._results.items() if result.state == "refused"]
        live = await self._look() if refused else None
        if live is not None:
            for contact in refused:
                self._settle(contact, live)

    async def _look(self) -> Mapping[str, str] | None:
        """Return who is blocked. Before anybody counts as unblocked, two listings agree: one may be short."""
        if not self._account.capabilities.lists_blocked:
            return None
        try:
            live = await self._account.blocked(fresh=True)
            if self._action == "unblock":
                live = {**live, **await self._account.blocked(fresh=True)}
        except Exception:  # what was confirmed before is recorded all the same
            return None
        return live

    def _settle(self, contact: str, live: Mapping[str, str]) -> bool:
        """Note that a contact is as it should be, if the list says so."""
        listed = live.get(self._people[contact])
        known = self._results.get(contact)
        if listed is None and known is not None and known.wa_id:
            listed = live.get(identity(known.wa_id))
        if (listed is not None) != (self._action == "block"):
            return False
        self._results[contact] = Result("done", wa_id=listed)
        return True
