"""Changes that are under way together are sent together, and each caller gets what became of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextvars import ContextVar
from itertools import accumulate, cycle

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pulumi_whatsapp.account.gathering import Gathering
from pulumi_whatsapp.names import Contact, Names
from pulumi_whatsapp.outcome import Outcome

from .clock import now, run
from .fake import named, number, numbers

SPEAKER: ContextVar[str] = ContextVar("SPEAKER", default="nobody")


class Sender:
    """Sends for some seconds, and remembers what and when; the contacts in `fails` fail it."""

    def __init__(self, *fails: Contact, seconds: float = 1) -> None:
        self.sent: list[list[Contact]] = []
        self.began: list[float] = []
        self.spoken: list[str] = []
        self.seconds = seconds
        self.fails = fails
        self.under_way = 0

    async def __call__(
        self, contacts: Mapping[Contact, Names], spelt: Mapping[Contact, Contact], callers: int
    ) -> Mapping[Contact, Outcome]:
        """Send."""
        assert spelt.keys() == contacts.keys()
        assert 1 <= callers <= len(contacts)
        assert self.under_way == 0, "one request at a time"
        self.under_way += 1
        self.sent.append(list(contacts))
        self.began.append(now())
        self.spoken.append(SPEAKER.get())
        await asyncio.sleep(self.seconds)
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
    assert now() == 1


async def test_who_comes_while_something_is_sent_goes_with_all_others_who_wait() -> None:
    sender = Sender()
    gathering = Gathering(sender)
    await asyncio.gather(*(_ask(gathering, number(index), after=index / 10) for index in range(5)))
    assert sender.sent == [[number(0)], numbers(5)[1:]]


async def test_who_comes_at_the_same_moment_is_one_request() -> None:
    sender = Sender()
    gathering = Gathering(sender)
    await asyncio.gather(*(_ask(gathering, number(index)) for index in range(5)))
    assert sender.sent == [numbers(5)]


async def _single_contacts(gathering: Gathering, count: int, *, at_once: int, saving: float) -> None:
    """Send contacts as Pulumi does: some at once, and the state is written before and after each, one at a time."""
    state, todo, slower = asyncio.Lock(), iter(range(count)), cycle((1, 1, 1, 1, 4))

    async def save() -> None:
        async with state:
            await asyncio.sleep(saving * next(slower))

    async def steps() -> None:
        for index in todo:
            await save()
            await _ask(gathering, number(index))
            await save()

    await asyncio.gather(*(steps() for _ in range(at_once)))


@pytest.mark.parametrize("saving", [0.001, 0.01, 0.02])
@pytest.mark.parametrize("at_once", [4, 8, 32])
async def test_single_contacts_are_as_few_requests_as_pulumi_has_steps_under_way(at_once: int, saving: float) -> None:
    sender = Sender()
    await _single_contacts(Gathering(sender), 10 * at_once, at_once=at_once, saving=saving)
    assert len(sender.sent) <= 12


async def test_after_many_who_came_together_one_alone_waits_for_nobody() -> None:
    gathering = Gathering(Sender())
    await _single_contacts(gathering, 40, at_once=8, saving=0.01)
    seconds = []
    for index in range(4):
        began = now()
        await _ask(gathering, number(index))
        seconds.append(now() - began)
    assert 1 < seconds[0] < 3, "it may be the first of many"
    assert seconds[1:] == pytest.approx([1, 1, 1])


async def test_who_comes_after_a_break_is_alone() -> None:
    gathering = Gathering(Sender())
    await _single_contacts(gathering, 40, at_once=8, saving=0.01)
    await asyncio.sleep(2)
    began = now()
    await _ask(gathering, number(1))
    assert now() - began == pytest.approx(1)


async def test_a_gap_of_long_ago_holds_nobody_back() -> None:
    gathering = Gathering(Sender())
    await asyncio.gather(_ask(gathering, number(0)), _ask(gathering, number(1), after=0.9))
    for _ in range(3):
        began = now()
        await asyncio.gather(_ask(gathering, number(0)), _ask(gathering, number(1), after=0.1))
    assert now() - began == pytest.approx(2.2)


@given(st.lists(st.sampled_from((0, 0.1, 0.9, 1.9, 2.1)), min_size=1, max_size=60), st.sampled_from((0.1, 1, 10)))
@example([0.9] * 60, 10)
def test_no_request_is_held_back_for_more_than_two_seconds(gaps: list[float], seconds: float) -> None:
    sender = Sender(seconds=seconds)
    gathering = Gathering(sender)
    came = list(accumulate(gaps))

    async def ask_all() -> None:
        await asyncio.gather(*(_ask(gathering, number(index), after=each) for index, each in enumerate(came)))

    run(ask_all())
    firsts = (came[numbers(len(came)).index(request[0])] for request in sender.sent)
    idle_since = [0, *(began + seconds for began in sender.began)]
    for began, first, idle in zip(sender.began, firsts, idle_since, strict=False):
        assert began - max(first, idle) <= 2 + 1e-6


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


async def test_who_is_cancelled_before_its_turn_is_not_sent() -> None:
    """Nobody would record it."""
    sender = Sender()
    gathering = Gathering(sender)
    callers = [asyncio.create_task(_ask(gathering, number(index), after=index / 10)) for index in range(4)]
    await asyncio.sleep(0.9)
    for gone in callers[1:3]:
        gone.cancel()
    await asyncio.wait(callers)
    assert sender.sent == [[number(0)], [number(3)]]


async def test_at_the_end_of_the_process_nothing_more_is_sent() -> None:
    sender = Sender()
    gathering = Gathering(sender)
    others = asyncio.all_tasks()
    callers = [asyncio.create_task(_ask(gathering, number(index), after=index / 10)) for index in range(4)]
    await asyncio.sleep(0.9)
    for task in asyncio.all_tasks() - others:
        task.cancel()
    await asyncio.wait(callers)
    await asyncio.sleep(60)
    assert sender.sent == [[number(0)]]


async def test_whatever_ends_the_work_nobody_waits_for_ever() -> None:
    gathering = Gathering(Sender())
    others = asyncio.all_tasks()
    first, second = (asyncio.create_task(_ask(gathering, number(index), after=index * 0.9)) for index in range(2))
    await first
    await asyncio.sleep(0.5)  # the second is held back
    for task in asyncio.all_tasks() - others - {second}:
        task.cancel()
    (found,) = await asyncio.wait_for(asyncio.gather(second, return_exceptions=True), 60)
    assert isinstance(found, asyncio.CancelledError)
    assert (await asyncio.wait_for(_ask(gathering, number(2)), 60)).keys() == {number(2)}


async def test_what_is_said_of_a_request_is_said_by_one_whose_request_it_is() -> None:
    sender = Sender()
    gathering = Gathering(sender)

    async def ask(index: int) -> None:
        SPEAKER.set(f"urn {index}")
        await _ask(gathering, number(index), after=index / 10)

    await asyncio.gather(*(ask(index) for index in range(3)))
    assert sender.spoken == ["urn 0", "urn 1"]
