"""Answers that are lost before something else goes wrong: nobody is forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_whatsapp.gateways.registry import GATEWAYS

from .conftest import MakeWorld
from .stack import SimulatedStack, block_list, privacy_setting

ANN, BOB, CAT = (f"+4479111200{index:02d}" for index in range(3))
FOREIGN = "+447911199999"

THEN: dict[str, dict[str, Any]] = {
    "the credential is refused": {"kind": "unauthorized"},
    "the rate is limited": {"kind": "rate_limit"},
    "the gateway says no": {"kind": "no_success"},
}


@pytest.mark.parametrize("then", THEN)
def test_a_lost_block_that_the_list_cannot_settle_stays_ours(stack: SimulatedStack, then: str) -> None:
    phone = stack.world.phone
    phone.block(FOREIGN)
    phone.fault("lost_answer", on="block")
    phone.fault(times=None, on="block", **THEN[then])
    if stack.world.gateway.capabilities.lists_blocked:
        phone.fault("outage", on="list", times=None, after=1)
    stack.up(one=block_list(ANN))
    assert phone.blocked() == {ANN, FOREIGN}
    assert {failure["state"] for failure in stack.failed("one").values()} == {"unknown"}
    phone.clear_faults()
    assert stack.destroy()
    assert phone.blocked() == {FOREIGN}


@pytest.mark.parametrize("then", ["the credential is refused", "the rate is limited"])
def test_a_lost_block_stays_ours_when_the_next_run_does_not_reach_it(stack: SimulatedStack, then: str) -> None:
    stack.world.tuning["maxConcurrency"] = 1
    phone = stack.world.phone
    phone.fault("lost_answer", on="block", times=None)
    if stack.world.gateway.capabilities.lists_blocked:
        phone.fault("outage", on="list", times=None, after=1)
    stack.up(spam=block_list(BOB))
    assert {failure["state"] for failure in stack.failed("spam").values()} == {"unknown"}
    phone.clear_faults()
    phone.fault(on="block", times=None, after=1, **THEN[then])
    stack.up(spam=block_list(ANN, BOB))
    phone.clear_faults()
    assert stack.destroy()
    assert phone.blocked() == set()


@pytest.mark.parametrize("name", [name for name, gateway in GATEWAYS.items() if gateway.capabilities.privacy])
def test_a_lost_setting_is_not_called_unchanged(make_world: MakeWorld, name: str) -> None:
    stack = SimulatedStack(make_world(name))
    phone = stack.world.phone
    assert stack.up(one=privacy_setting("last_seen", "contacts", baseline="all"))
    phone.fault("lost_answer", on="privacy_write")
    phone.fault("unauthorized", on="privacy", times=None)
    stack.up(one=privacy_setting("last_seen", "none", baseline="all"))
    assert phone.privacy()["last_seen"] == "none"
    assert stack.failed("one")["value"]["state"] == "unknown"
    phone.clear_faults()
    assert stack.up(one=privacy_setting("last_seen", "contacts", baseline="all"))
    assert phone.privacy()["last_seen"] == "contacts"
    assert stack.failed("one") == {}
    assert stack.destroy()
    assert phone.privacy()["last_seen"] == "all"
