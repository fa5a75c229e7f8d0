"""How often something is tried, after which waits, and what is told of them."""

from __future__ import annotations

import pytest

from pulumi_whatsapp.errors import ConfigurationError, GatewayError, ListChanged, RateLimited
from pulumi_whatsapp.retries import Retries

from .wire import Clock


class Failing:
    """Work that fails each time."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.calls = 0

    async def __call__(self) -> None:
        self.calls += 1
        raise self.error


@pytest.mark.parametrize("further", [0, 1, 4])
async def test_the_number_is_that_of_the_tries_after_the_first(further: int) -> None:
    work, clock = Failing(RateLimited("limited")), Clock()
    with pytest.raises(RateLimited) as raised:
        await clock.retries(further).after_waits(lambda _: True)(work)
    assert raised.value is work.error
    assert work.calls == 1 + further
    assert len(clock.waits) == further


async def test_waits_double_up_to_a_cap_and_are_drawn_from_nothing_up() -> None:
    clock, ranges = Clock(), list[tuple[float, float]]()

    def half(least: float, most: float) -> float:
        ranges.append((least, most))
        return most / 2

    retries = Retries(max_retries=8, notify=clock.notes.append, sleep=clock.sleep, jitter=half)
    with pytest.raises(RateLimited):
        await retries.after_waits(lambda _: True)(Failing(RateLimited("limited")))
    assert ranges[:8] == [(0, most) for most in (1, 2, 4, 8, 16, 30, 30, 30)]
    assert clock.waits == [0.5, 1, 2, 4, 8, 15, 15, 15]


@pytest.mark.parametrize(("asked", "waited"), [(0, 0), (0.5, 0.5), (60, 60), (120, 120), (86_400, 120)])
async def test_a_gateway_that_names_its_wait_is_given_it_up_to_two_minutes(asked: float, waited: float) -> None:
    clock = Clock()
    with pytest.raises(RateLimited):
        await clock.retries(1).after_waits(lambda _: True)(Failing(RateLimited("limited", retry_after=asked)))
    assert clock.waits == [waited]


@pytest.mark.parametrize(("seconds", "notes"), [(1.9, 0), (2, 1), (60, 1)])
async def test_a_wait_that_somebody_would_notice_is_told_and_names_no_contact(seconds: float, notes: int) -> None:
    clock = Clock()
    error = RateLimited("too much for +5511987654321 (code 130429)", retry_after=seconds)
    with pytest.raises(RateLimited):
        await clock.retries(1).after_waits(lambda _: True)(Failing(error))
    told = f"waiting {seconds:.0f} s before trying again: too much for …4321 (code 130429)"
    assert clock.notes == [told] * notes


@pytest.mark.parametrize("error", [GatewayError("no"), ConfigurationError("wrong"), KeyError("a fault of ours")])
async def test_what_is_not_worth_a_try_fails_at_once(error: Exception) -> None:
    work, clock = Failing(error), Clock()
    with pytest.raises(type(error)) as raised:
        await clock.retries(4).after_waits(lambda _: not isinstance(error, GatewayError))(work)
    assert raised.value is error
    assert (work.calls, clock.waits) == (1, [])


async def test_what_needs_no_wait_gets_none_and_is_not_told() -> None:
    work, clock = Failing(ListChanged("changed", retry_after=60)), Clock()
    with pytest.raises(ListChanged):
        await clock.retries(0).at_once(5, lambda error: isinstance(error, ListChanged))(work)
    assert work.calls == 5
    assert set(clock.waits) == {0}
    assert clock.notes == []
