"""What a gateway cannot do is refused before anything is sent, with what it can do instead."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_whatsapp.errors import InvalidInput, Unsupported
from pulumi_whatsapp.gateways.registry import GATEWAYS
from pulumi_whatsapp.privacy_settings import CONTACT_BLACKLIST, VALUES

from .conftest import MakeWorld
from .stack import CheckFailed, DeclaredResource, SimulatedStack, block_list, blocked_contact, privacy_setting

ANN = "+447911120000"
LISTS = tuple(setting for setting, values in VALUES.items() if CONTACT_BLACKLIST in values)


def _unsupported() -> list[Any]:
    """Return every gateway with each thing that it cannot do, and what the refusal must name."""
    found = []
    for name, gateway in GATEWAYS.items():
        can = gateway.capabilities
        settable = can.privacy or ("no privacy settings",)
        cases: list[tuple[str, DeclaredResource, tuple[str, ...]]] = []
        if not can.lists_blocked:
            cases.append(("exclusive list", block_list(ANN, mode="exclusive"), ("mode", "additive")))
        if not can.takes_lid:
            cases.append(("LID", blocked_contact("1234567890@lid"), ("phone", "phone number")))
        for setting, values in VALUES.items():
            if setting not in can.privacy:
                cases.append((setting, privacy_setting(setting, values[-1]), ("setting", setting, *settable)))
                continue
            for value in set(values) - set(can.privacy[setting]):
                named = ("value", value, *can.privacy[setting])
                cases.append((f"{setting}={value}", privacy_setting(setting, value), named))
        for setting in LISTS:
            excepted = privacy_setting(setting, CONTACT_BLACKLIST, exceptions=[ANN])
            if setting in can.privacy and setting not in can.exceptions:
                instead = tuple(can.exceptions) or ("leave them to the phone",)
                cases.append((f"exceptions of {setting}", excepted, ("exceptions", setting, *instead)))
            if setting in can.privacy and not can.reads_exceptions:
                only = privacy_setting(setting, CONTACT_BLACKLIST, exceptionsMode="exclusive")
                cases.append((f"exclusive exceptions of {setting}", only, ("exceptions_mode", "additive")))
        if can.max_blocked is not None:
            many = [f"+4479{index:08d}" for index in range(can.max_blocked + 1)]
            named = ("contacts", f"{can.max_blocked:,}", f"{len(many):,}")
            cases.append(("more than the list holds", block_list(*many), named))
        found += [pytest.param(name, resource, named, id=f"{name}: {what}") for what, resource, named in cases]
    return found


@pytest.mark.parametrize(("name", "resource", "named"), _unsupported())
def test_what_a_gateway_cannot_do_is_refused_by_check(
    make_world: MakeWorld, name: str, resource: DeclaredResource, named: tuple[str, ...]
) -> None:
    stack = SimulatedStack(make_world(name))
    with stack.world.nothing_sent(), pytest.raises(CheckFailed) as refused:
        stack.preview(one=resource)
    failures: list[InvalidInput] = refused.value.failures
    text = " ".join(map(str, failures))
    assert stack.world.gateway.title in text
    assert "\n" not in text
    assert [part for part in named if part not in text] == []


def test_every_refusal_of_a_capability_is_told_apart(make_world: MakeWorld) -> None:
    with pytest.raises(CheckFailed) as refused:
        SimulatedStack(make_world("meta")).preview(one=privacy_setting("last_seen", "none"))
    assert [type(failure) for failure in refused.value.failures] == [Unsupported]
