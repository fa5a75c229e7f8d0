"""On every gateway: a run that is killed or interrupted in the middle, the next one, and a destroy after it."""

from __future__ import annotations

import pytest

from .conftest import Deploy
from .killing import interrupted_up, killed_up
from .world import ACCOUNTS, ONE, STRANGER, ZAPI, variant

MANY = [f"+1650555{number}" for number in range(2000, 2006)]
LIST = 'whatsapp.Blocklist("list", contacts={})\n'
TWO_STEPS = f"""
listed = whatsapp.Blocklist("list", contacts={MANY})
whatsapp.BlockedContact("later", phone="{ONE}", opts=pulumi.ResourceOptions(depends_on=[listed]))
"""
BATCHES = {"meta", "360dialog", "kaleyra"}

on_every_gateway = pytest.mark.parametrize("gateway", [ZAPI, *(variant(name) for name in ACCOUNTS if name != ZAPI)])


@pytest.mark.slow
@on_every_gateway
def test_a_killed_provider_fails_the_run_and_the_next_goes_on(deploy: Deploy, gateway: str) -> None:
    stack = deploy(gateway)
    stack.account.block(STRANGER)
    killed_up(stack, TWO_STEPS, on="block", after=1 if gateway in BATCHES else 3, provider_only=True)
    stack.owns(*(MANY if gateway in BATCHES else ()))

    stack.up()
    stack.holds(ONE, *MANY, others=[STRANGER])
    stack.destroy()
    stack.holds(others=[STRANGER])
    assert stack.stack.state() == {}


@on_every_gateway
def test_a_provider_that_is_killed_while_it_unblocks(deploy: Deploy, gateway: str) -> None:
    stack = deploy(gateway)
    stack.account.block(STRANGER)
    stack.up(LIST.format([ONE, *MANY]))
    killed_up(stack, LIST.format([ONE]), on="unblock", after=0 if gateway in BATCHES else 3, provider_only=True)
    stack.owns(ONE, *MANY)

    stack.up()
    stack.holds(ONE, others=[STRANGER])
    stack.destroy()
    stack.holds(others=[STRANGER])


@pytest.mark.slow
@on_every_gateway
def test_ctrl_c_ends_the_step_under_way_and_begins_no_other(deploy: Deploy, gateway: str) -> None:
    stack = deploy(gateway)
    stack.account.block(STRANGER)
    interrupted_up(stack, TWO_STEPS, on="block", after=0 if gateway in BATCHES else 3)
    stack.holds(*MANY, others=[STRANGER])
    assert stack.stack.state().keys() == {"list"}

    stack.up()
    stack.holds(ONE, *MANY, others=[STRANGER])
    stack.destroy()
    stack.holds(others=[STRANGER])
