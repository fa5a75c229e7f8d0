"""A run that is cut short saves what it did, and the next one goes on from there."""

from __future__ import annotations

import pytest

from .conftest import Deploy
from .killing import killed_up
from .world import META, ONE, STRANGER, THREE, TWO, ZAPI, keys_of, said, variant

MANY = [f"+1650555{number}" for number in range(2000, 2006)]
LIST = 'whatsapp.Blocklist("list", contacts={})'


@pytest.mark.slow
def test_the_time_budget_leaves_the_rest_to_the_next_up(deploy: Deploy) -> None:
    stack = deploy(ZAPI, timeBudget=0.000001)
    error = stack.fails(LIST.format(MANY))
    assert "Blocklist 'list': 6 not as declared" in error
    assert "pending (the time budget was used up before its turn)" in error
    assert set(stack.failed("list").values()) == {"pending"}
    stack.holds()

    said(stack.stack.preview(), "Blocklist 'list': blocks 6", *MANY)
    stack.up(None, WHATSAPP_TIME_BUDGET="900")
    stack.holds(*MANY)


def test_a_delete_runs_to_its_end_whatever_the_time_budget(deploy: Deploy) -> None:
    stack = deploy(ZAPI)
    stack.up(LIST.format(MANY))
    stack.up(LIST.format(MANY[:3]), WHATSAPP_TIME_BUDGET="0.000001")
    stack.holds(*MANY[:3])
    stack.destroy(WHATSAPP_TIME_BUDGET="0.000001")
    stack.holds()


@pytest.mark.slow
def test_the_next_up_goes_on_where_the_last_one_stopped(deploy: Deploy) -> None:
    """Wherever that is: of those that were reached nobody is sent again."""
    stack = deploy(ZAPI, timeBudget=0.02, maxConcurrency=1)
    stack.account.block(STRANGER)
    many = [f"+1650555{number}" for number in range(2000, 3000)]
    stack.stack.program(LIST.format(many))
    assert stack.stack.up().exit != 0
    reached = stack.recorded()
    assert {contact for contact, state in stack.failed("list").items() if state == "pending"} == {*many} - {*reached}
    stack.holds(*reached, others=[STRANGER])
    stack.account.clear_requests()

    stack.up(None, WHATSAPP_TIME_BUDGET="900")

    assert len(stack.account.requests()) == len(many) - len(reached)
    stack.holds(*many, others=[STRANGER])


@pytest.mark.slow
def test_an_update_that_the_gateway_stops_goes_on_where_it_stopped(deploy: Deploy) -> None:
    stack = deploy(ZAPI, maxRetries=0, maxConcurrency=1)
    stack.account.fault("rate_limit", on="block", after=4)

    assert "Blocklist 'list': 2 not as declared" in stack.fails(LIST.format(MANY))
    assert len(stack.recorded()) == 4
    stack.holds(*stack.recorded())
    stack.account.clear_requests()

    stack.up()
    assert len(stack.account.requests()) == 2
    stack.holds(*MANY)


@pytest.mark.slow
def test_what_was_never_reached_is_not_unblocked(deploy: Deploy) -> None:
    stack = deploy(ZAPI, timeBudget=0.000001)
    stack.fails(LIST.format([ONE, TWO]))
    stack.account.block(ONE)

    stack.up(LIST.format([]))
    stack.destroy()
    stack.blocked(ONE)
    assert stack.unblocked() == set()


@pytest.mark.slow
@pytest.mark.parametrize("gateway", [ZAPI, variant(META)])
def test_a_create_that_was_killed_is_done_by_the_next(deploy: Deploy, gateway: str) -> None:
    stack = deploy(gateway)
    stack.account.block(STRANGER)
    killed_up(stack, LIST.format(MANY), on="block", after=3 if gateway == ZAPI else 0)
    assert stack.stack.state() == {}
    done = stack.account.blocked() - {STRANGER}
    assert len(done) == (3 if gateway == ZAPI else 0)

    stack.up()
    stack.holds(*MANY, others=[STRANGER])
    stack.destroy()
    stack.holds(others=[STRANGER])


@pytest.mark.slow
@pytest.mark.parametrize("gateway", [ZAPI, variant(META)])
def test_an_update_that_was_killed_is_done_by_the_next(deploy: Deploy, gateway: str) -> None:
    stack = deploy(gateway)
    stack.account.block(STRANGER)
    stack.up(LIST.format([ONE, TWO]))
    killed_up(stack, LIST.format([ONE, *MANY]), on="block", after=3 if gateway == ZAPI else 0)
    stack.owns(ONE, TWO)
    assert len(stack.account.blocked()) == 3 + (3 if gateway == ZAPI else 0)

    stack.up()
    stack.holds(ONE, *MANY, others=[STRANGER])
    stack.destroy()
    stack.holds(others=[STRANGER])
    assert stack.stack.state() == {}


@pytest.mark.slow
def test_a_change_after_an_update_that_was_killed_touches_nobody_else(deploy: Deploy) -> None:
    """Who was blocked before the kill and is not declared any more is in no state; nobody else is touched."""
    stack = deploy(ZAPI)
    stack.account.block(STRANGER)
    stack.up(LIST.format([ONE, TWO]))
    killed_up(stack, LIST.format([ONE, *MANY]), on="block", after=3)
    assert len(stack.account.blocked()) == 3 + 3
    stack.account.clear_requests()

    stack.up(LIST.format([ONE, THREE, *MANY[:3]]))
    assert keys_of([ONE, STRANGER]).isdisjoint(stack.unblocked())
    assert keys_of([ONE, THREE, STRANGER, *MANY[:3]]) <= keys_of(stack.account.blocked())
    stack.owns(ONE, THREE, *MANY[:3])


@pytest.mark.slow
def test_unblocking_that_was_killed_is_done_by_the_next_up(deploy: Deploy) -> None:
    stack = deploy(ZAPI)
    stack.account.block(STRANGER)
    stack.up(LIST.format([ONE, *MANY]))
    killed_up(stack, LIST.format([ONE]), on="unblock", after=3)
    assert len(stack.account.blocked()) == 1 + 4

    stack.up()
    stack.holds(ONE, others=[STRANGER])
    stack.destroy()
    stack.holds(others=[STRANGER])
