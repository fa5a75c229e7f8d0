"""Privacy settings: every setting and value of every gateway, and the exceptions."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_whatsapp.gateways.base import Gateway
from pulumi_whatsapp.gateways.registry import GATEWAYS
from pulumi_whatsapp.privacy_settings import CONTACT_BLACKLIST, VALUES

from .conftest import MakeWorld
from .stack import DeclaredResource, SimulatedStack, privacy_setting
from .world import World

ANN, BOB, CAT = (f"+4479111200{index:02d}" for index in range(3))
FOREIGN = "+447911199999"

SETTABLE = [(name, setting) for name, gateway in GATEWAYS.items() for setting in gateway.capabilities.privacy]
PRIVATE = [name for name, gateway in GATEWAYS.items() if gateway.capabilities.privacy]
EXCEPTED = [
    (name, setting) for name, gateway in GATEWAYS.items() for setting in sorted(gateway.capabilities.exceptions)
]


@pytest.mark.parametrize(("name", "setting"), SETTABLE)
def test_every_value_reaches_the_phone(make_world: MakeWorld, name: str, setting: str) -> None:
    world = make_world(name)
    can = world.gateway.capabilities

    async def each(gateway: Gateway) -> None:
        for value in can.privacy[setting]:
            await gateway.set_privacy(setting, value)
            assert world.phone.privacy()[setting] == value
            if can.reads_privacy:
                assert (await gateway.get_privacy())[setting] == value

    world.with_gateway(each)


def test_what_is_read_is_what_stands(world: World) -> None:
    can = world.gateway.capabilities
    if not can.reads_privacy:
        with pytest.raises(NotImplementedError):
            world.with_gateway(lambda gateway: gateway.get_privacy())
        return
    for setting in can.privacy:
        world.phone.set_privacy(setting, VALUES[setting][-1])
    values = world.with_gateway(lambda gateway: gateway.get_privacy())
    assert values == {setting: VALUES[setting][-1] for setting in can.privacy}


@pytest.mark.parametrize(("name", "setting"), SETTABLE)
def test_a_setting_lives_and_gives_back_what_stood_before(make_world: MakeWorld, name: str, setting: str) -> None:
    stack = SimulatedStack(make_world(name))
    phone, can = stack.world.phone, stack.world.gateway.capabilities
    before, first, last = VALUES[setting][0], VALUES[setting][1], VALUES[setting][-1]
    baseline = {} if can.reads_privacy else {"baseline": before}
    others = {key: value for key, value in phone.privacy().items() if key != setting}
    assert stack.up(one=privacy_setting(setting, first, **baseline))
    assert phone.privacy() == {**others, setting: first}
    assert stack.preview(one=privacy_setting(setting, first.upper(), **baseline)) == {"one": "same"}
    assert stack.up(one=privacy_setting(setting, last, **baseline))
    assert phone.privacy()[setting] == last
    assert stack.destroy()
    assert phone.privacy() == {**others, setting: before}


@pytest.mark.parametrize("name", PRIVATE)
def test_what_somebody_changed_on_the_phone_stays(make_world: MakeWorld, name: str) -> None:
    setting = "last_seen"
    stack = SimulatedStack(make_world(name))
    phone, can = stack.world.phone, stack.world.gateway.capabilities
    assert stack.up(one=privacy_setting(setting, "contacts"))
    phone.set_privacy(setting, "none")
    assert stack.refresh()
    step = "update" if can.reads_privacy else "same"
    assert stack.preview(one=privacy_setting(setting, "contacts")) == {"one": step}
    assert stack.destroy()
    assert phone.privacy()[setting] == "none"


@pytest.mark.parametrize("name", [name for name, gateway in GATEWAYS.items() if gateway.capabilities.reads_privacy])
@pytest.mark.parametrize("declared", ["contacts", "none"], ids=["set again", "adopted"])
def test_a_change_on_the_phone_that_an_update_settled_is_forgotten(
    make_world: MakeWorld, name: str, declared: str
) -> None:
    stack = SimulatedStack(make_world(name))
    assert stack.up(one=privacy_setting("last_seen", "contacts"))
    stack.world.phone.set_privacy("last_seen", "none")
    assert stack.refresh()
    assert stack.up(one=privacy_setting("last_seen", declared))
    assert stack.preview(one=privacy_setting("last_seen", declared)) == {"one": "same"}
    assert stack.world.phone.privacy()["last_seen"] == declared
    assert stack.destroy()
    assert stack.world.phone.privacy()["last_seen"] == "all"


@pytest.mark.parametrize(("name", "setting"), EXCEPTED)
@pytest.mark.parametrize("already", [True, False], ids=["already in that mode", "in another mode before"])
def test_exceptions_are_added_and_removed_and_others_stay(
    make_world: MakeWorld, name: str, setting: str, *, already: bool
) -> None:
    stack = SimulatedStack(make_world(name))
    phone = stack.world.phone
    phone.add_exceptions(setting, FOREIGN)
    if already:
        phone.set_privacy(setting, CONTACT_BLACKLIST)

    def declared(*exceptions: str, mode: str = "additive") -> dict[str, DeclaredResource]:
        inputs: Any = {"exceptions": list(exceptions), "exceptionsMode": mode, "baseline": CONTACT_BLACKLIST}
        return {"one": privacy_setting(setting, CONTACT_BLACKLIST, **inputs)}

    assert stack.up(**declared(ANN, BOB))
    assert phone.exceptions(setting) == {ANN, BOB, FOREIGN}
    assert stack.preview(**declared(BOB, ANN)) == {"one": "same"}
    assert stack.up(**declared(BOB, CAT))
    assert phone.exceptions(setting) == {BOB, CAT, FOREIGN}
    phone.remove_exceptions(setting, CAT)
    assert stack.refresh()
    assert stack.up(**declared(BOB, CAT))
    assert phone.exceptions(setting) == {BOB, CAT, FOREIGN}
    assert stack.up(**declared(BOB, mode="exclusive"))
    assert phone.exceptions(setting) == {BOB}
    assert stack.destroy()
    assert phone.exceptions(setting) == set()
    assert phone.privacy()[setting] == CONTACT_BLACKLIST


@pytest.mark.parametrize(("name", "setting"), EXCEPTED[:1])
def test_new_exclusive_exceptions_remove_who_stood_there_before(make_world: MakeWorld, name: str, setting: str) -> None:
    stack = SimulatedStack(make_world(name))
    phone = stack.world.phone
    phone.add_exceptions(setting, FOREIGN, ANN)
    assert stack.up(one=privacy_setting(setting, CONTACT_BLACKLIST, exceptions=[ANN, BOB], exceptionsMode="exclusive"))
    assert phone.exceptions(setting) == {ANN, BOB}


@pytest.mark.parametrize("mode", ["additive", "exclusive"])
@pytest.mark.parametrize(("name", "setting"), EXCEPTED[:1])
def test_an_exception_that_is_listed_as_a_lid_stays_until_it_is_let_go(
    make_world: MakeWorld, name: str, setting: str, mode: str
) -> None:
    stack = SimulatedStack(make_world(name))
    phone = stack.world.phone

    def program(*people: str) -> DeclaredResource:
        return privacy_setting(setting, CONTACT_BLACKLIST, exceptions=list(people), exceptionsMode=mode)

    phone.contact(ANN, lid="111222333")
    assert stack.up(one=program(ANN))
    for _ in range(2):
        assert stack.preview(one=program(ANN)) == {"one": "same"}
        assert stack.refresh()
    assert phone.exceptions(setting) == {ANN}

    assert stack.up(one=program(ANN, BOB))
    assert stack.preview(one=program(ANN, BOB)) == {"one": "same"}
    assert phone.exceptions(setting) == {ANN, BOB}
    assert stack.up(one=program(BOB))
    assert phone.exceptions(setting) == {BOB}
    assert stack.preview(one=program(BOB)) == {"one": "same"}


@pytest.mark.parametrize(("name", "setting"), EXCEPTED[:1])
def test_a_lid_that_nobody_declares_is_removed_when_it_can_be_nobody_declared(
    make_world: MakeWorld, name: str, setting: str
) -> None:
    stack = SimulatedStack(make_world(name))
    phone = stack.world.phone
    phone.contact(ANN, lid="111222333")
    phone.contact(CAT, lid="444555666")
    phone.add_exceptions(setting, CAT)

    def program(*people: str) -> DeclaredResource:
        return privacy_setting(setting, CONTACT_BLACKLIST, exceptions=list(people), exceptionsMode="exclusive")

    assert stack.up(one=program(ANN, BOB))
    assert phone.exceptions(setting) == {ANN, BOB, CAT}
    assert stack.preview(one=program(ANN, BOB)) == {"one": "same"}
    warning = stack.world.report.warnings[-1]
    assert all(said in warning for said in (ANN, "111222333@lid", "444555666@lid", "may be the same people; they stay"))
    assert BOB not in warning

    assert stack.up(one=program("111222333@lid", BOB))
    assert ANN in phone.exceptions(setting)
    assert stack.up(one=program("111222333@lid", BOB))
    assert phone.exceptions(setting) == {ANN, BOB}
    assert stack.preview(one=program("111222333@lid", BOB)) == {"one": "same"}


@pytest.mark.parametrize(("name", "setting"), EXCEPTED[:1])
@pytest.mark.parametrize("spelling", ["+5531987654321", "+525512345678", "+541123456789", "777@lid"])
def test_exceptions_are_compared_by_person(make_world: MakeWorld, name: str, setting: str, spelling: str) -> None:
    stack = SimulatedStack(make_world(name))
    program = {"one": privacy_setting(setting, CONTACT_BLACKLIST, exceptions=[spelling], baseline=CONTACT_BLACKLIST)}
    assert stack.up(**program)
    assert len(stack.world.phone.exceptions(setting)) == 1
    assert stack.refresh()
    assert stack.preview(**program) == {"one": "same"}
    assert stack.destroy()
    assert stack.world.phone.exceptions(setting) == set()
