"""The lifecycle of one privacy setting."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_whatsapp.account.accounts import Accounts
from pulumi_whatsapp.errors import AnswerLost, GatewayError, Refused, Unauthorized, Unavailable
from pulumi_whatsapp.gateways.base import Capabilities
from pulumi_whatsapp.lifecycle import privacy
from pulumi_whatsapp.lifecycle.diff import Diff
from pulumi_whatsapp.lifecycle.inputs import UNKNOWN, Props
from pulumi_whatsapp.names import Contact

from .clock import run
from .fake import LINKED, READING, FakeWorld, by, lost, number, refused
from .stacks import SettingStack, why_not

BLACKLIST = "contact_blacklist"


def _declare(accounts: Accounts, label: str = "other", **news: Any) -> Props:
    """Have a resource checked; returns its checked inputs."""
    inputs = privacy.check({"setting": "last_seen", **news}, {}, accounts, by(label))
    assert inputs.failures == []
    return inputs.checked


# -- values


async def test_create_sets_and_destroy_gives_back(reading: FakeWorld) -> None:
    stack = SettingStack(reading)
    accounts = reading.accounts()
    id_, outputs = await privacy.create(stack.news("none"), accounts)
    assert id_ == "zapi/I1/privacy/last_seen"
    assert outputs["previous"] == "all"
    assert reading.phone.values["last_seen"] == "none"
    stack.outputs = outputs
    await stack.destroy()
    assert reading.phone.values["last_seen"] == "all"


async def test_what_stands_already_is_adopted_without_a_write(reading: FakeWorld) -> None:
    reading.phone.values["last_seen"] = "none"
    stack = SettingStack(reading)
    assert (await stack.up("none"))["previous"] is None
    assert stack.sent() == []
    await stack.destroy()
    assert reading.phone.values["last_seen"] == "none"


async def test_previous_is_what_stood_before_the_first_create(reading: FakeWorld) -> None:
    stack = SettingStack(reading)
    await stack.up("none")
    await stack.up("contacts")
    await stack.refresh()
    assert stack.outputs["previous"] == "all"
    await stack.destroy()
    assert reading.phone.values["last_seen"] == "all"


async def test_a_baseline_comes_before_what_stood_before(reading: FakeWorld) -> None:
    stack = SettingStack(reading)
    await stack.up("none", baseline="contacts")
    await stack.destroy()
    assert reading.phone.values["last_seen"] == "contacts"


async def test_destroy_keeps_what_somebody_changed_since(reading: FakeWorld) -> None:
    stack = SettingStack(reading)
    await stack.up("none")
    reading.phone.values["last_seen"] = "contacts"
    await stack.destroy()
    assert reading.phone.values["last_seen"] == "contacts"
    assert "stays 'contacts': somebody changed it" in reading.report.infos[-1]


@pytest.mark.parametrize("refreshed", [True, False])
async def test_a_value_that_was_put_back_by_hand_is_the_stacks_again(reading: FakeWorld, refreshed: bool) -> None:
    stack = SettingStack(reading)
    await stack.up("none")
    reading.phone.values["last_seen"] = "contacts"
    await stack.refresh()
    reading.phone.values["last_seen"] = "none"
    if refreshed:
        assert (await stack.refresh())["value"] == "none"
        assert not (await stack.diff("none")).changes
    await stack.destroy()
    assert reading.phone.values["last_seen"] == "all"


async def test_a_value_that_stood_before_is_left_when_it_was_put_back_by_hand(reading: FakeWorld) -> None:
    reading.phone.values["last_seen"] = "none"
    stack = SettingStack(reading)
    await stack.up("none")
    reading.phone.values["last_seen"] = "contacts"
    await stack.refresh()
    reading.phone.values["last_seen"] = "none"
    await stack.destroy()
    assert reading.phone.values["last_seen"] == "none"


@pytest.mark.parametrize("refreshed", [True, False])
@pytest.mark.parametrize("updated", [True, False])
@pytest.mark.parametrize(("by_hand", "left"), [("contacts", "contacts"), (None, "all")])
async def test_destroy_keeps_what_somebody_changed_after_a_lost_answer(
    reading: FakeWorld, refreshed: bool, updated: bool, by_hand: str | None, left: str
) -> None:
    stack = SettingStack(reading)
    if updated:
        await stack.up(BLACKLIST)
    reading.phone.faults = [lost()]
    await stack.up("none")
    if by_hand:
        reading.phone.values["last_seen"] = by_hand
    if refreshed:
        await stack.refresh()
    await stack.destroy()
    assert reading.phone.values["last_seen"] == left


@pytest.mark.parametrize("can", [LINKED, READING])
async def test_on_destroy_keep_sends_no_request(world: FakeWorld, can: Capabilities) -> None:
    world.can = can
    stack = SettingStack(world)
    await stack.up("none", onDestroy="keep", baseline="all")
    world.phone.calls.clear()
    await stack.destroy()
    assert world.phone.calls == []


async def test_where_nothing_can_be_read_a_baseline_is_restored_and_else_it_is_said(linked: FakeWorld) -> None:
    stack = SettingStack(linked)
    assert (await stack.up("none"))["previous"] is None
    await stack.destroy()
    assert linked.phone.values["last_seen"] == "none"
    assert "set `baseline`" in linked.report.infos[-1]
    await stack.up("none", baseline="contacts")
    await stack.destroy()
    assert linked.phone.values["last_seen"] == "contacts"


async def test_a_setting_that_moved_to_another_resource_is_not_given_back(reading: FakeWorld) -> None:
    stack = SettingStack(reading)
    await stack.up("none")
    accounts = reading.accounts()
    await privacy.create(_declare(accounts, setting="lastSeen", value="none"), accounts)
    await stack.delete(accounts)
    assert reading.phone.values["last_seen"] == "none"
    assert (
        "stays as it is, because other declares it; its value before this stack, 'all', is not kept"
        in reading.report.infos[-1]
    )


async def test_a_setting_stays_with_its_resource_until_another_one_has_it(reading: FakeWorld) -> None:
    stack = SettingStack(reading)
    await stack.up("none")
    accounts = reading.accounts()
    news = _declare(accounts, value="contacts")
    reading.phone.faults = [Unauthorized("check token")]
    with pytest.raises(Unauthorized):
        await privacy.create(news, accounts)
    with pytest.raises(Unavailable, match="other declares it and has not set it"):
        await stack.delete(accounts)
    assert (reading.phone.values["last_seen"], reading.report.infos) == ("none", [])

    _, moved = await privacy.create(news, accounts)
    later = reading.accounts()
    await privacy.diff(moved, _declare(later, value="contacts"), later)
    await stack.delete(later)
    assert reading.phone.values["last_seen"] == "contacts"
    assert "other declares it" in reading.report.infos[-1]


def test_two_resources_for_one_setting_are_refused(linked: FakeWorld) -> None:
    accounts = linked.accounts()
    _declare(accounts, "one", value="none")
    text = why_not(privacy.check({"setting": "lastSeen", "value": "all"}, {}, accounts, by("two")))
    assert text.startswith("setting: last_seen is declared twice for zapi/I1: by one and by two")
    _declare(accounts, "three", value="none", account="other")
    _declare(accounts, "four", setting="about", value="none")


async def test_a_setting_that_another_resource_takes_over_loses_the_exceptions_it_does_not_declare(
    linked: FakeWorld,
) -> None:
    stack = SettingStack(linked)
    stack.by_hand(number(9))
    await stack.up(BLACKLIST, number(1), number(2))
    accounts = linked.accounts()
    await privacy.create(_declare(accounts, value=BLACKLIST, exceptions=[number(2)]), accounts)
    stack.sent()
    await stack.delete(accounts)
    assert stack.sent() == [(BLACKLIST, [], [number(1)])]
    assert stack.excepted() == {number(2), number(9)}


async def test_exceptions_that_another_resource_s_value_hides_keep_the_old_resource(linked: FakeWorld) -> None:
    stack = SettingStack(linked)
    await stack.up(BLACKLIST, number(1))
    accounts = linked.accounts()
    await privacy.create(_declare(accounts, value="none"), accounts)
    with pytest.raises(Unavailable, match=r"stay on WhatsApp's list of exceptions.*which other sets to 'none'"):
        await stack.delete(accounts)
    later = linked.accounts()
    await privacy.create(_declare(later, value=BLACKLIST), later)
    await stack.delete(later)
    assert stack.excepted() == set()


async def test_a_rename_that_gives_the_setting_back_removes_dormant_exceptions(linked: FakeWorld) -> None:
    stack = SettingStack(linked)
    await stack.up(BLACKLIST, number(1))
    await stack.up("none")
    accounts = linked.accounts()
    await privacy.create(_declare(accounts, value=BLACKLIST), accounts)
    await stack.delete(accounts)
    assert stack.excepted() == set()


async def test_another_setting_or_account_is_another_resource(linked: FakeWorld) -> None:
    stack = SettingStack(linked)
    await stack.up("none")
    stack.setting = "about"
    assert (await stack.diff("none")).replaces == ("setting",)
    stack.setting = "last_seen"
    assert (await stack.diff("none", account="other")).replaces == ("account",)
    assert await stack.diff("contacts") == Diff(True)
    assert await stack.diff("none") == Diff(False)


@pytest.mark.parametrize("key", ["setting", "value", "exceptions", "baseline", "account"])
async def test_unknown_inputs_are_an_update(linked: FakeWorld, key: str) -> None:
    stack = SettingStack(linked)
    await stack.up("none")
    news = stack.news("none") | {key: UNKNOWN}
    assert await privacy.diff(stack.outputs, news, linked.accounts()) == Diff(True)


async def test_a_preview_makes_no_request(reading: FakeWorld) -> None:
    stack = SettingStack(reading)
    await stack.up(BLACKLIST, number(1))
    reading.phone.calls.clear()
    assert (await stack.diff("none")).changes
    assert not (await stack.diff(BLACKLIST, number(1))).changes
    assert reading.phone.calls == []


async def test_refresh_shows_what_somebody_changed(reading: FakeWorld) -> None:
    stack = SettingStack(reading)
    await stack.up("none")
    reading.phone.values["last_seen"] = "contacts"
    assert (await stack.refresh())["value"] == "contacts"
    assert (await stack.diff("none")).changes
    await stack.up("none")
    assert reading.phone.values["last_seen"] == "none"


async def test_a_value_that_cannot_be_read_stands_and_that_is_said_once(linked: FakeWorld) -> None:
    stack = SettingStack(linked)
    await stack.up("none")
    before = stack.outputs
    linked.phone.values["last_seen"] = "all"
    assert await stack.refresh() == before
    assert "cannot show the values of privacy settings" in linked.report.infos[-1]


# -- failures


@pytest.mark.parametrize("error", [Unauthorized("check token"), Refused("no")])
async def test_what_is_not_confirmed_is_not_recorded(linked: FakeWorld, error: GatewayError) -> None:
    linked.phone.faults = [error]
    with pytest.raises(type(error), match=str(error)):
        await SettingStack(linked).up("none")


async def test_a_lost_answer_is_settled_by_reading(reading: FakeWorld) -> None:
    stack = SettingStack(reading)
    reading.phone.lost = [lost()]
    assert not (await stack.up("none"))["failed"]
    reading.phone.faults = [lost()]
    assert (await stack.up("contacts"))["failed"]["value"]["state"] == "unknown"
    assert (await stack.diff("contacts")).changes


async def test_a_lost_answer_that_cannot_be_settled_is_sent_again(linked: FakeWorld) -> None:
    stack = SettingStack(linked)
    linked.phone.lost = [lost("gone")]
    assert (await stack.up("none"))["failed"] == {"value": {"state": "unknown", "why": "gone"}}
    await stack.refresh()  # which cannot settle it either
    assert (await stack.diff("none")).changes
    stack.sent()
    await stack.up("none")
    assert stack.sent() == [("none", [], [])]
    assert not stack.outputs["failed"]
    assert not (await stack.diff("none")).changes


@pytest.mark.parametrize("happened", [True, False])
async def test_exceptions_of_a_lost_answer_are_sent_again(linked: FakeWorld, happened: bool) -> None:
    stack = SettingStack(linked)
    await stack.up(BLACKLIST, number(1), number(2))
    (linked.phone.lost if happened else linked.phone.faults).append(lost())
    await stack.up(BLACKLIST, number(2), number(3))
    assert stack.outputs["failed"]
    await stack.up(BLACKLIST, number(2), number(3))
    assert stack.excepted() == {number(2), number(3)}
    assert not stack.outputs["failed"]
    assert not (await stack.diff(BLACKLIST, number(2), number(3))).changes


async def test_a_foreign_exception_whose_removal_was_lost_is_not_owned(linked: FakeWorld) -> None:
    stack = SettingStack(linked)
    await stack.up(BLACKLIST, number(1), mode="exclusive", baseline=BLACKLIST)
    stack.by_hand(number(9))
    linked.phone.faults = [lost()]
    await stack.up(BLACKLIST, number(1), mode="exclusive", baseline=BLACKLIST)
    await stack.destroy()
    assert stack.excepted() == {number(9)}


@pytest.mark.parametrize("happened", [True, False])
@pytest.mark.parametrize("again", [True, False])
async def test_exceptions_are_remembered_when_the_answer_to_leaving_the_list_was_lost(
    linked: FakeWorld, happened: bool, again: bool
) -> None:
    stack = SettingStack(linked)
    await stack.up(BLACKLIST, number(1))
    (linked.phone.lost if happened else linked.phone.faults).append(lost())
    await stack.up("none")
    if again:
        await stack.up("none")
    await stack.refresh()
    await stack.up(BLACKLIST)
    assert stack.excepted() == set()


async def test_a_destroy_takes_back_the_exceptions_of_a_lost_answer(linked: FakeWorld) -> None:
    stack = SettingStack(linked)
    stack.by_hand(number(9))
    await stack.up(BLACKLIST, number(1), baseline=BLACKLIST)
    linked.phone.lost = [lost()]
    await stack.up("none", baseline=BLACKLIST)
    await stack.destroy()
    assert stack.excepted() == {number(9)}


async def test_dormant_exceptions_that_are_in_force_again_are_removed(reading: FakeWorld) -> None:
    stack = SettingStack(reading)
    await stack.up(BLACKLIST, number(1))
    reading.phone.faults = [lost()]
    await stack.up("none")
    assert (await stack.refresh())["value"] == BLACKLIST
    assert (await stack.diff(BLACKLIST)).changes
    await stack.up(BLACKLIST)
    assert stack.excepted() == set()
    assert not (await stack.diff(BLACKLIST)).changes


async def test_exceptions_of_a_create_that_was_lost_are_sent_again(linked: FakeWorld) -> None:
    stack = SettingStack(linked)
    linked.phone.faults = [lost()]
    await stack.up(BLACKLIST, number(1))
    await stack.up(BLACKLIST, number(1))
    assert stack.excepted() == {number(1)}


# -- exceptions


async def test_one_request_sets_the_value_with_everybody_to_add(linked: FakeWorld) -> None:
    stack = SettingStack(linked)
    await stack.up(BLACKLIST, number(1), number(2))
    assert stack.sent() == [(BLACKLIST, [number(1), number(2)], [])]


async def test_additive_exceptions_change_by_what_differs_and_leave_others(linked: FakeWorld) -> None:
    stack = SettingStack(linked)
    stack.by_hand(number(9))
    await stack.up(BLACKLIST, number(1), number(2))
    stack.sent()
    await stack.up(BLACKLIST, number(2), number(3))
    assert stack.sent() == [(BLACKLIST, [number(3)], [number(1)])]
    assert stack.excepted() == {number(2), number(3), number(9)}


async def test_who_was_removed_by_hand_is_not_removed_again(linked: FakeWorld) -> None:
    stack = SettingStack(linked)
    await stack.up(BLACKLIST, number(1), number(2))
    stack.by_hand(remove=(number(1),))
    stack.sent()
    await stack.up(BLACKLIST, number(2))
    assert stack.sent() == []
    assert set(stack.outputs["exceptions"]) == {number(2)}


async def test_exclusive_exceptions_remove_the_others(linked: FakeWorld) -> None:
    stack = SettingStack(linked)
    stack.by_hand(number(8), number(9))
    await stack.up(BLACKLIST, number(1), mode="exclusive")
    assert stack.sent() == [(BLACKLIST, [number(1)], []), (BLACKLIST, [], [number(8), number(9)])]
    assert stack.excepted() == {number(1)}
    stack.by_hand(number(7))
    assert (await stack.diff(BLACKLIST, number(1), mode="exclusive")).changes
    assert number(7) in linked.report.warnings[-1]
    stack.sent()
    await stack.up(BLACKLIST, number(1), number(2), mode="exclusive")
    assert stack.sent() == [(BLACKLIST, [number(2)], [number(7)])]


async def test_exclusive_exceptions_may_be_nobody(linked: FakeWorld) -> None:
    stack = SettingStack(linked)
    stack.by_hand(number(8))
    await stack.up(BLACKLIST, mode="exclusive")
    assert stack.excepted() == set()


async def test_another_spelling_of_an_exception_calls_no_setter(linked: FakeWorld) -> None:
    stack = SettingStack(linked)
    await stack.up(BLACKLIST, Contact("+5511987654321"))
    stack.sent()
    assert (await stack.diff(BLACKLIST, Contact("+551187654321"))).changes
    await stack.up(BLACKLIST, Contact("+551187654321"))
    assert stack.sent() == []
    assert set(stack.outputs["exceptions"]) == {"+551187654321"}


async def test_exceptions_come_back_with_the_value(linked: FakeWorld) -> None:
    stack = SettingStack(linked)
    await stack.up(BLACKLIST, number(1))
    await stack.up("none")
    assert stack.outputs["exceptions"] is None or not stack.outputs["exceptions"]
    stack.by_hand(remove=(number(1),))
    await stack.up(BLACKLIST, number(1))
    assert stack.excepted() == {number(1)}


async def test_refresh_shows_exceptions_that_somebody_removed(linked: FakeWorld) -> None:
    stack = SettingStack(linked)
    await stack.up(BLACKLIST, number(1), number(2))
    stack.by_hand(number(9), remove=(number(1),))
    assert set((await stack.refresh())["exceptions"]) == {number(2)}
    assert (await stack.diff(BLACKLIST, number(1), number(2))).changes
    await stack.up(BLACKLIST, number(1), number(2))
    assert stack.excepted() == {number(1), number(2), number(9)}


async def test_an_empty_list_may_mean_another_value_and_is_not_recorded(linked: FakeWorld) -> None:
    stack = SettingStack(linked)
    await stack.up(BLACKLIST, number(1))
    linked.phone.values["last_seen"] = "none"
    assert set((await stack.refresh())["exceptions"]) == {number(1)}
    assert "shows no exceptions of last_seen" in linked.report.warnings[-1]


async def test_foreign_exceptions_are_shown_and_never_owned(linked: FakeWorld) -> None:
    stack = SettingStack(linked)
    await stack.up(BLACKLIST, number(1), mode="exclusive", baseline=BLACKLIST)
    stack.by_hand(number(9))
    for _ in range(3):
        outputs = await stack.refresh()
        assert outputs["foreign"] == [number(9)]
        assert set(outputs["exceptions"]) == {number(1)}
    await stack.destroy()
    assert stack.excepted() == {number(9)}


async def test_others_that_could_not_be_removed_are_tried_again(linked: FakeWorld) -> None:
    stack = SettingStack(linked)
    stack.by_hand(number(8))
    linked.phone.faults = [None, refused()]
    await stack.up(BLACKLIST, number(1), mode="exclusive")
    assert {name: each["state"] for name, each in stack.outputs["failed"].items()} == {"exceptions": "pending"}
    assert stack.outputs["foreign"] == [number(8)]
    assert (await stack.diff(BLACKLIST, number(1), mode="exclusive")).changes
    await stack.up(BLACKLIST, number(1), mode="exclusive")
    assert stack.excepted() == {number(1)}
    assert not stack.outputs["failed"]


async def test_an_exclusive_list_that_could_not_be_read_names_no_contact(
    linked: FakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = SettingStack(linked)
    stack.by_hand(number(8))

    async def unreadable(_: object, __: str) -> list[Contact]:
        raise AnswerLost("down")

    with monkeypatch.context() as patch:
        patch.setattr("tests.unit.fake.Fake.get_exceptions", unreadable)
        await stack.up(BLACKLIST, number(1), mode="exclusive", baseline=BLACKLIST)
    assert stack.outputs["failed"]
    assert (await stack.diff(BLACKLIST, number(1), mode="exclusive", baseline=BLACKLIST)).changes
    stack.sent()
    await stack.destroy()
    assert stack.sent() == [(BLACKLIST, [], [number(1)])]


async def test_destroy_restores_the_value_and_names_the_exceptions_that_stay(linked: FakeWorld) -> None:
    stack = SettingStack(linked)
    await stack.up(BLACKLIST, number(1), baseline="contacts")
    stack.sent()
    await stack.destroy()
    assert stack.sent() == [("contacts", [], [])]
    assert number(1) in linked.report.infos[-1]


async def test_destroy_takes_back_exceptions_where_the_mode_stays(reading: FakeWorld) -> None:
    reading.phone.values["last_seen"] = BLACKLIST
    stack = SettingStack(reading)
    stack.by_hand(number(9))
    await stack.up(BLACKLIST, number(1))
    await stack.destroy()
    assert reading.phone.values["last_seen"] == BLACKLIST
    assert stack.excepted() == {number(9)}


_PEOPLE = st.sets(st.integers(0, 6))


@given(
    _PEOPLE,
    st.lists(st.tuples(_PEOPLE, st.sampled_from(["", "before", "after"])), min_size=1, max_size=4),
    st.booleans(),
)
def test_after_any_updates_the_exceptions_are_as_declared(
    others: set[int], steps: list[tuple[set[int], str]], exclusive: bool
) -> None:
    world = FakeWorld()
    world.can = LINKED
    stack, mode = SettingStack(world), "exclusive" if exclusive else "additive"
    stack.by_hand(*map(number, others))
    touched: set[Contact] = set()

    async def live() -> None:
        for people, fault in [*steps, (steps[-1][0], "")]:
            world.phone.faults = [lost()] if fault == "before" else []
            world.phone.lost = [lost()] if fault == "after" else []
            touched.update(map(number, people))
            await stack.up(BLACKLIST, *map(number, sorted(people)), mode=mode)

    run(live())
    declared, strangers = set(map(number, steps[-1][0])), set(map(number, others))
    assert not stack.outputs["failed"]
    if exclusive:
        assert stack.excepted() == declared
    else:
        assert declared <= stack.excepted()
        assert strangers - touched <= stack.excepted()
        assert stack.excepted() <= declared | strangers


async def test_a_secret_exception_that_the_gateway_quotes_is_hidden(linked: FakeWorld) -> None:
    stack = SettingStack(linked)
    linked.phone.faults = [refused(f"{number(1)} has no WhatsApp")]
    with pytest.raises(Refused, match="…0001 has no WhatsApp"):
        await stack.up(BLACKLIST, number(1), secret=True)
    linked.phone.faults = [lost(f"sent {number(1)}, heard nothing")]
    outputs = await stack.up(BLACKLIST, number(1), secret=True)
    assert outputs["failed"]["value"]["why"] == "sent …0001, heard nothing"
