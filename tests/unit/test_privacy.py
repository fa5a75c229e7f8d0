"""The lifecycle of one privacy setting."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_whatsapp.account.accounts import Accounts
from pulumi_whatsapp.errors import AnswerLost, GatewayError, Refused, Unauthorized, Unavailable
from pulumi_whatsapp.gateways.base import Capabilities
from pulumi_whatsapp.lifecycle import privacy
from pulumi_whatsapp.lifecycle.diff import Diff
from pulumi_whatsapp.lifecycle.inputs import UNKNOWN, Inputs, Unknown
from pulumi_whatsapp.names import Contact, identity
from pulumi_whatsapp.settings import VALUES, canonical_setting, canonical_value

from .clock import run
from .fake import LINKED, LISTING, READING, FakeWorld, by, lost, number, reasons, refused

Props = dict[str, Any]
BLACKLIST = "contact_blacklist"


def _check(world: FakeWorld, olds: Props | None = None, **news: Any) -> Inputs:
    return privacy.check(news, olds or {}, world.accounts(), by())


def _declare(accounts: Accounts, label: str = "other", **news: Any) -> Props:
    """Have a resource checked; returns its checked inputs."""
    inputs = privacy.check({"setting": "last_seen", **news}, {}, accounts, by(label))
    assert inputs.failures == []
    return inputs.checked


def _why_not(inputs: Inputs) -> str:
    (failure,) = inputs.failures
    return str(failure)


@pytest.mark.parametrize(
    ("can", "more", "told"),
    [
        (LINKED, {}, True),
        (LINKED, {"baseline": "all"}, False),
        (LINKED, {"baseline": UNKNOWN}, False),
        (LINKED, {"onDestroy": "keep"}, False),
        (READING, {}, False),
    ],
)
async def test_a_setting_that_a_destroy_cannot_give_back_is_announced(
    world: FakeWorld, can: Capabilities, more: Props, told: bool
) -> None:
    world.can = can
    await privacy.announce(_check(world, setting="last_seen", value="none", **more))
    assert any("cannot read last_seen, so a destroy will leave it" in line for line in world.report.infos) == told


class SettingStack:
    """A setting as the engine leads it: each step in a process of its own."""

    def __init__(self, world: FakeWorld, setting: str = "last_seen") -> None:
        self.world = world
        self.setting = setting
        self.outputs: Props = {}

    def news(self, value: str, *exceptions: Contact, mode: str | None = None, **more: Any) -> Props:
        """Return checked inputs."""
        news: Props = {"setting": self.setting, "value": value, "onDestroy": "restore"}
        if exceptions or mode:
            news |= {"exceptions": reasons(exceptions), "exceptionsMode": mode or "additive"}
        return news | more

    async def up(self, value: str, *exceptions: Contact, mode: str | None = None, **more: Any) -> Props:
        """Create or update."""
        news, accounts = self.news(value, *exceptions, mode=mode, **more), self.world.accounts()
        if self.outputs:
            self.outputs = await privacy.update(self.outputs, news, accounts)
        else:
            _, self.outputs = await privacy.create(news, accounts)
        return self.outputs

    async def diff(self, value: str, *exceptions: Contact, mode: str | None = None, **more: Any) -> Diff:
        """Return what a preview shows."""
        news = self.news(value, *exceptions, mode=mode, **more)
        return await privacy.diff(self.outputs, news, self.world.accounts())

    async def refresh(self) -> Props:
        """Read."""
        self.outputs = await privacy.read(self.outputs, self.world.accounts())
        return self.outputs

    async def destroy(self) -> None:
        """Delete."""
        await self.delete(self.world.accounts())

    async def delete(self, accounts: Accounts) -> None:
        """Delete in a run that has checked other resources."""
        await privacy.delete(f"zapi/I1/privacy/{self.setting}", self.outputs, accounts)

    def sent(self) -> list[tuple[str, list[Contact], list[Contact]]]:
        """Return value, additions and removals of each request since the last call."""
        sent = [(call[2], call[3], call[4]) for call in self.world.phone.calls if call[0] == "set_privacy"]
        self.world.phone.calls.clear()
        return sent

    def excepted(self) -> set[Contact]:
        """Return who is on WhatsApp's list."""
        return set(self.world.phone.exceptions.get(self.setting, {}).values())

    def by_hand(self, *add: Contact, remove: tuple[Contact, ...] = ()) -> None:
        """Change the list on the phone."""
        listed = self.world.phone.exceptions.setdefault(self.setting, {})
        for contact in add:
            listed[identity(contact)] = contact
        for contact in remove:
            listed.pop(identity(contact), None)


@pytest.fixture
def linked(world: FakeWorld) -> FakeWorld:
    """A gateway that writes values, and reads exceptions only."""
    world.can = LINKED
    return world


@pytest.fixture
def reading(world: FakeWorld) -> FakeWorld:
    """A gateway that reads values too."""
    world.can = READING
    return world


# -- check


@pytest.mark.parametrize(
    ("setting", "value", "checked"),
    [
        ("last_seen", "contact_blacklist", ("last_seen", "contact_blacklist")),
        ("lastSeen", "CONTACT_BLACKLIST", ("last_seen", "contact_blacklist")),
        ("LAST-SEEN", "Contact Blacklist", ("last_seen", "contact_blacklist")),
        ("groupAdd", "CONTACTS", ("group_add", "contacts")),
        ("description", "NONE", ("about", "none")),
        ("online", "SAME_LAST_SEEN", ("online", "match_last_seen")),
        ("readReceipts", "disable", ("read_receipts", "none")),
        ("messages-duration", "days90", ("default_message_timer", "90d")),
        ("Last seen", "My contacts except…", ("last_seen", "contact_blacklist")),  # the labels of WhatsApp's app
        ("Profile photo", "My contacts except...", ("profile_photo", "contact_blacklist")),
        ("last_seen", "My contacts", ("last_seen", "contacts")),
        ("About", "Nobody", ("about", "none")),
        ("group_add", "Everyone", ("group_add", "all")),
        ("Online", "Same as last seen", ("online", "match_last_seen")),
        ("Default message timer", "24 hours", ("default_message_timer", "24h")),
    ],
)
def test_a_gateways_own_spelling_is_taken(
    linked: FakeWorld, setting: str, value: str, checked: tuple[str, str]
) -> None:
    inputs = _check(linked, setting=setting, value=value)
    assert inputs.failures == []
    assert (inputs.checked["setting"], inputs.checked["value"]) == checked
    assert inputs.checked["onDestroy"] == "restore"


@pytest.mark.parametrize(("setting", "value"), [(name, value) for name, values in VALUES.items() for value in values])
def test_every_value_of_every_setting_is_its_own_canonical_form(setting: str, value: str) -> None:
    for spelt in (setting, setting.upper(), setting.replace("_", "")):
        assert canonical_setting(spelt) == setting
    for spelt in (value, value.upper(), value.replace("_", "-")):
        assert canonical_value(setting, spelt) == value


@pytest.mark.parametrize(
    ("news", "says"),
    [
        ({"value": "all"}, "setting: it is missing"),
        (
            {"setting": "last_sen", "value": "all"},
            "setting: 'last_sen' is not a WhatsApp privacy setting; did you mean",
        ),
        ({"setting": "about"}, "value: it is missing"),
        ({"setting": "about", "value": "everybody"}, "value: 'everybody' is not a value of about; it is one of all,"),
        ({"setting": "group_add", "value": "none"}, "value: 'none' is not a value of group_add"),
        ({"setting": "about", "value": "all", "baseline": "x"}, "baseline: 'x' is not a value of about"),
        ({"setting": "about", "value": "all", "onDestroy": "undo"}, "on_destroy: 'undo' is not possible"),
        (
            {"setting": "about", "value": "all", "exceptions": [number(1)]},
            "exceptions: WhatsApp keeps exceptions only under value 'contact_blacklist', and value is 'all'",
        ),
        (
            {"setting": "about", "value": "all", "exceptionsMode": "exclusive"},
            "exceptions: WhatsApp keeps exceptions only under value 'contact_blacklist'",
        ),
        ({"setting": "about", "value": BLACKLIST, "exceptions": ["+1"]}, "exceptions: '+1' is not a possible phone"),
        (
            {"setting": "about", "value": BLACKLIST, "exceptions": [number(1)], "exceptionsMode": "all"},
            "exceptions_mode: 'all' is not possible",
        ),
    ],
)
def test_what_is_not_possible_is_said(linked: FakeWorld, news: Props, says: str) -> None:
    assert _why_not(_check(linked, **news)).startswith(says)


@pytest.mark.parametrize(
    ("can", "news", "says"),
    [
        (LISTING, {"setting": "about", "value": "all"}, "setting: Fake cannot set about; it has no privacy settings"),
        (
            replace(LINKED, privacy={"online": ("all",)}),
            {"setting": "about", "value": "all"},
            "setting: Fake cannot set about; it can set online",
        ),
        (
            replace(LINKED, privacy={"about": ("all", "none")}),
            {"setting": "about", "value": "contacts"},
            "value: Fake cannot set about to 'contacts'; it can set all, none",
        ),
        (
            replace(LINKED, exceptions=frozenset({"last_seen"})),
            {"setting": "about", "value": BLACKLIST, "exceptions": [number(1)]},
            "exceptions: Fake cannot change the exceptions of about; it can for last_seen",
        ),
        (
            replace(LINKED, reads_exceptions=False),
            {"setting": "about", "value": BLACKLIST, "exceptions": [number(1)], "exceptionsMode": "exclusive"},
            "exceptions_mode: Fake cannot list exceptions, so they cannot be exclusive; use 'additive'",
        ),
    ],
)
def test_what_the_gateway_cannot_do_is_refused_with_what_it_can(
    world: FakeWorld, can: Capabilities, news: Props, says: str
) -> None:
    world.can = can
    assert _why_not(_check(world, **news)).startswith(says)


def test_exceptions_have_the_form_of_a_list(linked: FakeWorld) -> None:
    inputs = _check(linked, setting="about", value=BLACKLIST, exceptions=["+55 11 98765-4321", number(1)])
    assert inputs.checked["exceptions"] == {"+5511987654321": "", number(1): ""}
    assert inputs.checked["exceptionsMode"] == "additive"


def test_unknown_values_pass_a_preview(linked: FakeWorld) -> None:
    inputs = _check(linked, setting=UNKNOWN, value=UNKNOWN, exceptions=UNKNOWN, baseline=UNKNOWN)
    assert inputs.failures == []
    assert isinstance(inputs.checked["value"], Unknown)


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
async def test_keep_asks_nobody(world: FakeWorld, can: Capabilities) -> None:
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
    text = _why_not(privacy.check({"setting": "lastSeen", "value": "all"}, {}, accounts, by("two")))
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
