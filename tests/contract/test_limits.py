"""Rate limits: one limiter an account, no 429 where the limit is documented, and every wait shows its seconds."""

from __future__ import annotations

import re

import pytest

from pulumi_whatsapp.account.accounts import Accounts
from pulumi_whatsapp.gateways.registry import GATEWAYS

from .conftest import MakeWorld
from .stack import SimulatedStack, block_list, blocked_contact
from .world import World

CROWD = [f"+44791113{index:04d}" for index in range(250)]
LIMITED = [name for name, gateway in GATEWAYS.items() if gateway.capabilities.requests_per_minute]


def _seconds(world: World) -> list[int]:
    """Return the seconds that the waits of the last run told."""
    told = (re.search(r"(\d+) s (?:before|for|left)", text) for text in world.report.statuses)
    return [int(found[1]) for found in told if found]


def _spent(world: World) -> float:
    times = [request.at.timestamp() for request in world.requests()]
    return max(times) - min(times)


@pytest.mark.parametrize("name", LIMITED)
def test_a_long_list_takes_its_minutes_and_never_meets_the_limit(make_world: MakeWorld, name: str) -> None:
    stack = SimulatedStack(make_world(name))
    world = stack.world
    limit = world.gateway.capabilities.requests_per_minute
    assert limit is not None
    assert stack.up(spam=block_list(*CROWD))
    assert world.phone.blocked() == set(CROWD)
    assert {request.status for request in world.requests()} == {200}
    assert len(world.requests()) == len(CROWD)
    assert world.waits == []
    assert _spent(world) > (len(CROWD) - limit) / limit * 60
    left = [int(text[1]) for line in world.report.statuses if (text := re.search(r"about (\d+) s left", line))]
    assert left[0] > 100
    assert left == sorted(left, reverse=True)
    assert stack.destroy()
    assert {request.status for request in world.requests()} == {200}


@pytest.mark.parametrize("name", LIMITED)
def test_single_resources_share_the_limit_of_their_account(make_world: MakeWorld, name: str) -> None:
    stack = SimulatedStack(make_world(name))
    program = {f"c{index}": blocked_contact(contact) for index, contact in enumerate(CROWD[:150])}
    assert stack.up(**program)
    assert {request.status for request in stack.world.requests()} == {200}


def test_one_account_has_one_limiter_whatever_its_names(make_world: MakeWorld) -> None:
    world = make_world("zapi", requestsPerMinute=10)

    async def opened(accounts: Accounts) -> bool:
        account = accounts.named(None)
        return account is accounts.by_id(account.id) and account.gateway.http is accounts.named(None).gateway.http

    assert world.run(opened)


def test_a_limit_may_be_set_where_none_is_documented(world: World) -> None:
    world.tuning["requestsPerMinute"] = 10
    stack = SimulatedStack(world)
    contacts = CROWD[:25]
    assert stack.up(**{f"c{index}": blocked_contact(contact) for index, contact in enumerate(contacts)})
    times = [request.at.timestamp() for request in world.requests()]
    assert all(sum(start <= at < start + 60 for at in times) <= 10 for start in times)
    assert world.phone.blocked() == set(contacts)
    assert max(_seconds(world)) >= 5


def test_a_limit_that_the_gateway_tells_is_waited_for_with_its_seconds(world: World) -> None:
    world.phone.fault("rate_limit", on="block", retry_after=42)
    assert SimulatedStack(world).up(one=blocked_contact(CROWD[0]))
    (waited,) = world.waits
    told = "42" if world.gateway.name != "360dialog" else None
    if told:
        assert 41 <= waited <= 42
        assert 42 - _seconds(world)[0] in {0, 1}
    else:
        assert 0 <= waited <= 1


@pytest.mark.parametrize("name", LIMITED)
def test_a_limit_that_somebody_else_used_up_is_waited_for(make_world: MakeWorld, name: str) -> None:
    world = make_world(name)
    world.with_gateway(lambda gateway: gateway.status())  # opens the window
    world.elapsed -= 120
    limit = world.gateway.capabilities.requests_per_minute or 0

    async def use_up(accounts: Accounts) -> None:
        gateway = accounts.named(None).gateway
        for _ in range(limit - 1):
            await gateway.status()

    world.tuning["requestsPerMinute"] = 100_000
    world.run(use_up)
    world.elapsed -= 120
    del world.tuning["requestsPerMinute"]
    stack = SimulatedStack(world)
    assert stack.up(spam=block_list(*CROWD[:5]))
    assert world.phone.blocked() == set(CROWD[:5])
    assert 429 in {request.status for request in world.requests("block")}
    assert all(50 <= seconds <= 61 for seconds in world.waits)
    assert max(_seconds(world)) >= 50
