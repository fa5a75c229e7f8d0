"""Whom a listing may take for somebody else: nobody declared goes for it, and nobody else does."""

from __future__ import annotations

import pytest

from pulumi_whatsapp.account.accounts import ProgramResource
from pulumi_whatsapp.gateways.registry import GATEWAYS

from ..unit.fake import EndedProgram
from .conftest import MakeWorld
from .stack import SimulatedStack, block_list, blocked_contact

TAKING = [name for name, gateway in GATEWAYS.items() if gateway.capabilities.takes_bsuid]
LISTING = [name for name, gateway in GATEWAYS.items() if gateway.capabilities.lists_blocked]
ONE, TWO = "+16505551001", "+16505551002"


@pytest.mark.parametrize("name", LISTING)
def test_who_was_refused_once_may_be_a_stranger_without_a_number(make_world: MakeWorld, name: str) -> None:
    stack = SimulatedStack(make_world(name))
    phone, program = stack.world.phone, {"spam": block_list(ONE, TWO, mode="exclusive")}
    phone.contact(TWO, messaged_recently=False)
    stack.up(**program)
    phone.contact(TWO, username=True, messaged_recently=True)
    phone.block(TWO)  # by hand

    for _ in range(2):
        stack.up(**program)
        assert phone.blocked() == {ONE, TWO}


@pytest.mark.parametrize("name", TAKING)
def test_a_refusal_of_before_counts_no_more_once_the_contact_is_blocked(make_world: MakeWorld, name: str) -> None:
    stack = SimulatedStack(make_world(name))
    phone, u = stack.world.phone, stack.world.phone.user_id(ONE)
    taker = block_list(u, allowFailures=True)
    stack.up(x=blocked_contact(ONE))
    phone.unblock(ONE)
    phone.contact(ONE, messaged_recently=False)
    stack.up(y=taker, x=blocked_contact(ONE))
    assert stack.failed("y")
    phone.contact(ONE, messaged_recently=True, username=True)
    stack.world.tuning = {"retryRefused": "true"}

    stack.up(y=taker)

    assert phone.blocked() == {ONE}


@pytest.mark.parametrize("name", TAKING)
def test_one_short_listing_takes_nobody_for_another(make_world: MakeWorld, name: str) -> None:
    stack = SimulatedStack(make_world(name))
    phone, u = stack.world.phone, stack.world.phone.user_id(ONE)
    stack.up(x=block_list(ONE, TWO), c=blocked_contact(u))
    phone.fault("short_list", on="list", times=1)

    stack.up(x=block_list(TWO), c=blocked_contact(u))

    assert ONE in phone.blocked()


@pytest.mark.parametrize("name", TAKING)
def test_who_is_left_out_may_be_declared_by_another_name(make_world: MakeWorld, name: str) -> None:
    stack = SimulatedStack(make_world(name))
    phone, u = stack.world.phone, stack.world.phone.user_id(ONE)
    stack.up(x=block_list(ONE, TWO))
    phone.contact(ONE, username=True)
    stack.world.program = EndedProgram(ProgramResource("Blocklist 'y'", None, True, [u]))

    stack.up(x=block_list(TWO))

    assert ONE in phone.blocked()


@pytest.mark.parametrize("name", TAKING)
def test_a_number_that_changed_hands_is_somebody_else(make_world: MakeWorld, name: str) -> None:
    """The id is declared, and the number was learnt from it."""
    stack = SimulatedStack(make_world(name))
    phone, u = stack.world.phone, stack.world.phone.user_id(ONE)
    stack.up(x=block_list(u, TWO))
    stack.refresh()
    phone.unblock(ONE)
    phone.contact(ONE, new_user_id=True)
    phone.block(ONE)  # somebody else, by hand

    stack.up(x=block_list(TWO))

    assert phone.blocked() == {ONE, TWO}


@pytest.mark.parametrize("name", LISTING)
@pytest.mark.parametrize("owned", [True, False])
def test_who_is_given_up_is_no_change(make_world: MakeWorld, name: str, owned: bool) -> None:
    stack = SimulatedStack(make_world(name))
    program = {"x": block_list(TWO, mode="exclusive")}
    stack.up(x=block_list(*([ONE] if owned else []), TWO, mode="exclusive"))
    stack.world.tuning = {"giveUp": ONE}
    if not owned:
        stack.world.phone.block(ONE)

    stack.up(**program)

    assert stack.preview(**program) == {"x": "same"}
    assert ONE in stack.world.phone.blocked()


@pytest.mark.parametrize("name", LISTING)
def test_a_refresh_reads_two_lists_for_all_who_hide_their_number(make_world: MakeWorld, name: str) -> None:
    stack = SimulatedStack(make_world(name))
    phone, numbers = stack.world.phone, [f"+165055500{last}" for last in range(10, 20)]
    stack.up(**{f"c{number}": blocked_contact(number) for number in numbers})
    for number in numbers:
        phone.contact(number, username=True)
    phone.clear_requests()

    stack.refresh()

    assert len(stack.world.requests("list")) == 2
    assert set(stack.state) == {f"c{number}" for number in numbers}
