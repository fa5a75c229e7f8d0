"""Changes that are under way together are sent together, and each caller gets what became of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_whatsapp.account.gathering import Gathering
from pulumi_whatsapp.names import Contact, Names
from pulumi_whatsapp.outcome import Outcome

from .clock import run
from .fake import named, number, numbers


class Sender:
    """Sends for a second, and remembers what; the contacts in `fails` fail it."""

    def __init__(self, *fails: Contact) -> None:
        self.sent: list[list[Contact]] = []
        self.fails = fails
        self.under_way = 0

    async def __call__(
        self, contacts: Mapping[Contact, Names], spelt: Mapping[Contact, Contact]
    ) -> Mapping[Contact, Outcome]:
        """Send."""
        assert spelt.keys() == contacts.keys()
        assert self.under_way == 0, "one request at a time"
        self.under_way += 1
        self.sent.append(list(contacts))
        await asyncio.sleep(1)
        self.under_way -= 1
        if not contacts.keys().isdisjoint(self.fails):
            raise KeyError("broken")
        return {contact: Outcome(contact, why=f"request {len(self.sent)}") for contact in contacts}


async def _ask(gathering: Gathering, *contacts: Contact, after: float = 0) -> dict[Contact, Outcome]:
    await asyncio.sleep(after)
    return await gathering.outcomes(named(contacts), {contact: contact for contact in contacts})


async def test_who_comes_alone_waits_for_nobody() -> None:
    sender = Sender()
    await _ask(Gathering(sender), number(1))
    assert sender.sent == [[number(1)]]
    assert asyncio.get_running_loop().time() == 1


async def test_who_comes_while_something_is_sent_goes_with_all_others_who_wait() -> None:
    sender = Sender()
    gathering = Gathering(sender)
    await asyncio.gather(*(_ask(gathering, number(index), after=index / 10) for index in range(5)))
    assert sender.sent == [[number(0)], numbers(5)[1:]]


_CALLERS = st.lists(st.tuples(st.sets(st.integers(0, 4), min_size=1), st.integers(0, 5)), min_size=1, max_size=8)


@given(_CALLERS)
def test_each_caller_gets_an_answer_of_its_own_to_exactly_its_contacts(callers: list[tuple[set[int], int]]) -> None:
    sender = Sender()
    gathering = Gathering(sender)

    async def ask_all() -> list[dict[Contact, Outcome]]:
        return await asyncio.gather(
            *(_ask(gathering, *map(number, sorted(who)), after=start / 2) for who, start in callers)
        )

    answers = run(ask_all())
    for (who, _), answer in zip(callers, answers, strict=True):
        assert answer.keys() == set(map(number, who))
        assert len({outcome.why for outcome in answer.values()}) == 1, "one resource is one request"
    for person in range(5):  # of two who have the same contact, each has it sent
        asked = sum(person in who for who, _ in callers)
        assert sum(number(person) in request for request in sender.sent) == asked
    assert all(len(request) == len(set(request)) for request in sender.sent)


async def test_a_fault_reaches_everybody_who_waits_for_it_and_nobody_after_them() -> None:
    gathering = Gathering(Sender(number(1)))
    found = await asyncio.gather(*(_ask(gathering, number(index)) for index in range(3)), return_exceptions=True)
    assert [type(each) for each in found] == [KeyError] * 3
    assert (await _ask(gathering, number(2))).keys() == {number(2)}


@pytest.mark.parametrize("fails", [(), (number(2),)])
async def test_who_is_cancelled_takes_nothing_from_the_others(fails: tuple[Contact, ...]) -> None:
    gathering = Gathering(Sender(*fails))
    gone = asyncio.create_task(_ask(gathering, number(1)))
    stays = asyncio.create_task(_ask(gathering, number(2)))
    await asyncio.sleep(0.5)
    gone.cancel()
    (found,) = await asyncio.gather(stays, return_exceptions=True)
    assert isinstance(found, KeyError) if fails else found == {number(2): Outcome(number(2), why="request 1")}
    assert gone.cancelled()
    assert (await _ask(gathering, number(1))).keys() == {number(1)}
