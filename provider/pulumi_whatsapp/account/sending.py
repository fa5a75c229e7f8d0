"""One change of many contacts: batches, a time budget, and what to do when an answer is lost."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final, Literal

from ..errors import About, AnswerLost, GatewayError, NotReached, ProtocolError
from ..names import NOBODY, Contact, Names, People, key_of, kinds
from ..outcome import Outcome, State
from .account import Account
from .gathering import Gathering
from .listing import Listing, Rows, may_be_among

Action = Literal["block", "unblock"]

_SECONDS_BETWEEN_LINES: Final = 0.5
"""Between two lines of progress: each is a call to the engine, and nobody reads faster."""
_UNCLEAR: Final = 10
"""So many requests in a row may fail, with no word about whom, before nobody else is tried: what fails for one contact
may work for the next, and what fails for ten is no longer about them. More resources than that are each tried once,
because what is wrong in some must not keep another from ever being tried."""
_SMALLER: Final = 10
"""How much smaller each further try of lost answers makes its batches. After three, a batch of a thousand is one
contact: one whose request always fails then keeps none of the others."""


async def block(
    account: Account, contacts: Mapping[Contact, Names], *, believe_record: bool = True
) -> dict[Contact, Outcome]:
    """Block contacts; returns what became of each. Raises nothing that a gateway does.

    Who is held already costs no request: a repeated block may be refused (131047).

    Args:
        account: whose block list.
        contacts: contact -> the keys of all that it is known by.
        believe_record: whether a contact that a compared resource has on record counts as blocked. For an exclusive
            list, which makes the live list equal to the declared one, it does only where the list cannot tell: where an
            entry by an id alone may be that contact.
    """
    outcomes: dict[Contact, Outcome] = {}
    contacts = {contact: account.claims.names(*names) for contact, names in contacts.items()}
    recorded = {
        contact: person for contact, names in contacts.items() if (person := account.claims.recorded(names)) is not None
    }
    if believe_record:
        outcomes = {contact: Outcome(contact, person) for contact, person in recorded.items()}
    todo = {contact: names for contact, names in contacts.items() if contact not in outcomes}
    if todo and account.capabilities.lists_blocked:
        try:
            live = await account.blocked()
        except GatewayError as error:
            return outcomes | {contact: Outcome(contact, error=error, state=State.PENDING) for contact in todo}
        found = {contact: row for contact, names in todo.items() if (row := live.find(*names)) is not None}
        hidden = [contact for contact in todo.keys() & recorded.keys() if contact not in found]
        rows = known_rows(account, live) if hidden else Rows()
        found |= {contact: recorded[contact] for contact in hidden if may_be_among(kinds(todo[contact]), rows)}
        outcomes |= {contact: Outcome(contact, person) for contact, person in found.items()}
        todo = {contact: names for contact, names in todo.items() if contact not in found}
    if todo:
        outcomes |= await _send(account, "block", todo, {})
    account.claims.learn(
        People(
            [
                (key_of(contact), name)
                for contact, outcome in outcomes.items()
                for name in outcome.person.names
                if name != key_of(contact)
            ]
        )
    )
    return outcomes


def known_rows(account: Account, live: Listing, *others: Iterable[Names]) -> Rows:
    """Return the rows of a listing by what is known of each: of whom this run declares, and of others."""
    claims = account.claims
    declared = (claims.names(key) for key in claims.declared_contacts())
    return live.rows(chain(declared, *others))


async def unblock(
    account: Account, contacts: Mapping[Contact, Names], spelt: Mapping[Contact, Contact]
) -> dict[Contact, Outcome]:
    """Unblock contacts; returns what became of each. Only `pulumi_whatsapp.account.unblocking` calls it.

    It is sent whatever the list says: a listing that is short must leave nobody blocked.

    Args:
        account: whose block list.
        contacts: contact -> the keys of all that it is known by.
        spelt: contact -> the name to send, where it is another one.
    """
    return await _send(account, "unblock", contacts, spelt) if contacts else {}


async def _send(
    account: Account, action: Action, contacts: Mapping[Contact, Names], spelt: Mapping[Contact, Contact]
) -> dict[Contact, Outcome]:
    async def send(
        people: Mapping[Contact, Names], names: Mapping[Contact, Contact], callers: int = 1
    ) -> dict[Contact, Outcome]:
        return await _Sending(account, action, people, names, callers).run()

    # Who fills requests alone waits for nobody, and nobody waits for a long list. One contact a request is that, too.
    if len(contacts) >= account.capabilities.batch_size:
        return await send(contacts, spelt)
    return await account.gathered.setdefault(action, Gathering(send)).outcomes(contacts, spelt)


class _Sending:
    """Blocks or unblocks contacts, so that it is known of each what became of it.

    A block stops after ``timeBudget``; an unblock runs to its end, because a delete is tried again as a whole.

    Args:
        account: whose block list.
        action: what to do.
        contacts: contact -> the keys of all that it is known by.
        spelt: contact -> the name to send, where it is another one.
        callers: how many resources they belong to.
    """

    def __init__(
        self,
        account: Account,
        action: Action,
        contacts: Mapping[Contact, Names],
        spelt: Mapping[Contact, Contact],
        callers: int,
    ) -> None:
        self._account = account
        self._action = action
        self._people = contacts
        self._spelt = spelt
        self._most_unclear = max(_UNCLEAR, callers)
        self._told = 0.0
        self._outcomes: dict[Contact, Outcome] = {}
        self._deadline = math.inf
        self._unclear = 0
        self._losses: Counter[Contact] = Counter()
        self._stopped: GatewayError | None = None  # no further request has a chance
        self._lost: GatewayError | None = None  # an answer was lost: look before anything else is sent

    async def run(self) -> dict[Contact, Outcome]:
        """Return what became of each contact."""
        todo = list(self._people)
        loop = asyncio.get_running_loop()
        if self._action == "block":
            self._deadline = loop.time() + self._account.config.time_budget
        # Retries know when, and not what became of a lost answer. What took effect must not be sent again: a repeated
        # block of somebody who has not written in the last 24 hours may be refused (131047). So the list is asked.
        with suppress(GatewayError):  # after the last try it is told as `_lost`
            async for attempt in self._account.gateway.http.retries.after_waits(lambda _: True):
                with attempt:
                    smaller = _SMALLER ** (attempt.retry_state.attempt_number - 1)
                    await self._send(todo, max(1, self._account.capabilities.batch_size // smaller))
                    todo = await self._unsettled()
                    if todo and self._lost is not None:
                        raise self._lost
        await self._verify_failures()
        why = self._stopped or self._lost
        if why is None:
            why = NotReached("the time budget was used up before its turn")
        elif not why.stops:
            why = NotReached(f"other contacts failed before its turn: {why}")
        for contact in self._people:
            self._outcomes.setdefault(contact, Outcome(contact, error=why, state=State.PENDING))
        return self._outcomes

    async def _send(self, contacts: Sequence[Contact], size: int) -> None:
        self._lost = None
        batches = [contacts[start : start + size] for start in range(0, len(contacts), size)]
        one_a_call = self._account.capabilities.batch_size == 1
        # Batches go one after the other: where an answer is lost, a listing tells what became of it first.
        workers = min(self._account.config.max_concurrency, len(batches)) if one_a_call else 1
        queue = iter(batches)
        await asyncio.gather(*(self._worker(queue) for _ in range(workers)))

    async def _worker(self, batches: Iterable[Sequence[Contact]]) -> None:
        loop = asyncio.get_running_loop()
        for batch in batches:
            if self._stopped or self._lost or loop.time() >= self._deadline:
                return
            await self._batch(batch)
            if len(self._people) > 1 and loop.time() - self._told >= _SECONDS_BETWEEN_LINES:
                self._told = loop.time()
                self._account.report.status(f"{self._action}ing contacts of {self._account.id}: {self._progress()}")

    def _progress(self) -> str:
        done, everybody = len(self._outcomes), len(self._people)
        gateway = self._account.gateway
        seconds = gateway.http.seconds_for(-(-(everybody - done) // gateway.capabilities.batch_size))
        left = f", about {seconds:,.0f} s left at the rate that {gateway.title} allows" if seconds >= 1 else ""
        return f"{done:,}/{everybody:,}{left}"

    async def _batch(self, batch: Sequence[Contact]) -> None:
        account = self._account
        send = account.gateway.block if self._action == "block" else account.gateway.unblock
        meant: dict[Contact, list[Contact]] = {}  # the same person may be two contacts, by number and by id
        for contact in batch:
            meant.setdefault(self._spelt.get(contact, contact), []).append(contact)
        async with account.changing():
            try:
                outcomes = await send(list(meant))
            except GatewayError as error:
                if len(batch) > 1 and error.settled and not error.stops:
                    outcomes = []  # one of many is at fault, and the answer does not say which
                else:
                    outcomes = [Outcome(name, error=error) for name in meant]
            except Exception as error:  # what others confirm meanwhile is recorded all the same
                outcomes = [Outcome(name, error=self._fault(error)) for name in meant]
            for outcome in outcomes:
                for contact in meant.get(outcome.contact, [outcome.contact]):
                    self._record(outcome if contact == outcome.contact else replace(outcome, contact=contact))
            self._count(outcomes)
        if not outcomes:
            middle = len(batch) // 2
            await self._worker(iter((batch[:middle], batch[middle:])))

    def _fault(self, error: Exception) -> AnswerLost:
        text = " ".join(f"{type(error).__name__}: {error}".split())
        return AnswerLost(
            f"the request may have taken effect ({self._account.gateway.http.redact(text)}); this is a fault of "
            "pulumi-whatsapp, please report it"
        )

    def _record(self, outcome: Outcome) -> None:
        error, contact = outcome.error, outcome.contact
        if outcome.person == (contact, None, None):  # nothing new, and there may be 64,000 of them
            outcome = replace(outcome, person=NOBODY)
        if error is None:
            self._account.note(self._action, contact, self._people[contact], outcome.person)
        elif error.stops:
            self._stopped = error
        elif self._is_lost(error):
            self._lost = error
            self._losses[contact] += 1
            self._account.forget_list()
        self._outcomes[contact] = outcome

    def _count(self, outcomes: Sequence[Outcome]) -> None:
        """Stop when one request after the other fails, and none says whom that is about."""
        errors = [outcome.error for outcome in outcomes]
        if errors and all(error is not None and error.about is About.UNKNOWN for error in errors):
            self._unclear += 1
            if self._unclear >= self._most_unclear:
                self._stopped = errors[0]
        elif errors:
            self._unclear = 0

    def _is_lost(self, error: GatewayError) -> bool:
        """Return whether the list is to tell what became of a request, so that it can be sent again."""
        return self._account.capabilities.lists_blocked and isinstance(error, AnswerLost | ProtocolError)

    async def _unsettled(self) -> list[Contact]:
        """Ask the list what became of lost answers; returns what is still to be sent, if a further try can help."""
        if self._lost is None or self._stopped:
            return []
        look = await self._look()
        if look is None:
            return []
        todo = []
        for contact in self._people:
            outcome = self._outcomes.get(contact)
            if outcome is None or (outcome.state is State.UNKNOWN and not self._settle(contact, look)):
                todo.append(contact)
        return sorted(todo, key=self._losses.__getitem__)

    async def _verify_failures(self) -> None:
        """Ask the list before somebody is called failed: a change that is in force already may be refused.

        Whoever may be blocked under an id alone is not sent again, and not given up either.
        """
        failed = [name for name, outcome in self._outcomes.items() if outcome.error and not outcome.error.stops]
        look = await self._look() if failed else None
        for contact in failed:
            outcome = self._outcomes[contact]
            if look is None:
                # Who is refused may be blocked already, and nobody can say so while the list is not to be had.
                if outcome.state is State.REFUSED and self._account.capabilities.lists_blocked:
                    self._outcomes[contact] = replace(outcome, state=State.UNKNOWN)
            elif not self._settle(contact, look) and outcome.state is State.REFUSED and self._action == "block":
                count = may_be_among(kinds(self._people[contact]), look.rows)
                if count:
                    why = f"{outcome.why}; it may be blocked all the same, as {_one_of(count)}"
                    self._outcomes[contact] = replace(outcome, state=State.UNSURE, why=why)

    async def _look(self) -> _Look | None:
        """Return who is blocked. Before anybody counts as unblocked, two listings agree: one may be short."""
        if not self._account.capabilities.lists_blocked:
            return None
        try:
            live = await self._account.blocked(fresh=True)
            if self._action == "unblock":
                live = live.with_those_of(await self._account.blocked(fresh=True))
        except Exception:  # what was confirmed before is recorded all the same
            return None
        return _Look(live, known_rows(self._account, live, self._people.values()))

    def _settle(self, contact: Contact, look: _Look) -> bool:
        """Note that a contact is as it should be, if the list says so."""
        names = self._people[contact]
        known = self._outcomes.get(contact)
        row = look.live.find(*names, *(known.person.names if known else ()))
        if (row is not None) != (self._action == "block"):
            return False
        if row is None and may_be_among(kinds(names), look.rows):
            return False
        self._outcomes[contact] = Outcome(contact, row or NOBODY)
        return True


@dataclass(frozen=True)
class _Look:
    """A look at the list: who is on it, and what is known of each row."""

    live: Listing
    rows: Rows


def _one_of(count: int) -> str:
    entries = "the one entry" if count == 1 else f"one of {count:,} entries"
    return f"{entries} of the list that show an id alone; declare the id instead of the number, and it is known"
