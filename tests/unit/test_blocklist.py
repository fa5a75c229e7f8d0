"""The lifecycle of many contacts as one resource."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_whatsapp.errors import (
    AnswerLost,
    ConfigurationError,
    NotConnected,
    TooManyUnblocks,
    Unauthorized,
    Unavailable,
    WhatsAppError,
)
from pulumi_whatsapp.lifecycle import blocklist
from pulumi_whatsapp.lifecycle.inputs import UNKNOWN, Inputs, Unknown
from pulumi_whatsapp.lifecycle.members import Members
from pulumi_whatsapp.phone import identity

from .clock import run
from .fake import LINKED, Fake, World, lost, number, numbers, reasons, refused

Props = dict[str, Any]


def _news(contacts: Sequence[str] | Mapping[str, str], mode: str = "additive", **more: Any) -> Props:
    return {"contacts": reasons(contacts), "mode": mode, **more}


def _check(world: World, olds: Props | None = None, **news: Any) -> Inputs:
    return blocklist.check(news, olds or {}, world.accounts())


def _why_not(inputs: Inputs) -> str:
    (failure,) = inputs.failures
    return str(failure)


class Stack:
    """A list as the engine leads it: each step in a process of its own, which only claims what it is given."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.outputs: Props = {}

    async def up(self, contacts: Sequence[str] | Mapping[str, str], mode: str = "additive", **more: Any) -> Props:
        """Create or update."""
        news, accounts = _news(contacts, mode, **more), self.world.accounts()
        if self.outputs:
            self.outputs = await blocklist.update(self.outputs, news, accounts, self.world.report)
        else:
            self.outputs = await blocklist.create(news, accounts, self.world.report)
        return self.outputs

    async def refresh(self) -> Props:
        """Read."""
        self.outputs = await blocklist.read(self.outputs, self.world.accounts())
        return self.outputs

    async def destroy(self) -> None:
        """Delete."""
        await blocklist.delete(self.outputs, self.world.accounts(), self.world.report)

    async def changes(self, contacts: Sequence[str] | Mapping[str, str], mode: str = "additive", **more: Any) -> bool:
        """Return whether a preview shows a change."""
        news = _news(contacts, mode, **more)
        return (await blocklist.diff(self.outputs, news, self.world.accounts(), self.world.report)).changes

    def failed(self) -> dict[str, str]:
        """Return who failed, and how."""
        return {contact: failure["state"] for contact, failure in self.outputs["failed"].items()}


@pytest.fixture
def stack(world: World) -> Stack:
    """A list that does not exist yet."""
    return Stack(world)


# -- check


def test_contacts_become_a_sorted_map_of_canonical_forms(world: World) -> None:
    inputs = _check(world, contacts=["+55 11 98765-4321", "447911120001@c.us"])
    assert inputs.failures == []
    assert list(inputs.checked["contacts"].items()) == [("+447911120001", ""), ("+5511987654321", "")]
    assert inputs.checked["mode"] == "additive"


def test_repeats_of_one_person_merge_and_keep_the_one_reason(world: World) -> None:
    inputs = _check(world, contacts={"+5511987654321": "", "55 11 8765-4321": "spam", "5511987654321@c.us": "spam"})
    assert inputs.failures == []
    assert list(inputs.checked["contacts"].values()) == ["spam"]


def test_two_reasons_for_one_person_are_an_error(world: World) -> None:
    text = _why_not(_check(world, contacts={"+5511987654321": "spam", "+551187654321": "abuse"}))
    assert "two reasons, 'spam' and 'abuse'" in text or "two reasons, 'abuse' and 'spam'" in text
    assert "the same person" in text


@pytest.mark.parametrize("contacts", [["+1", number(1)], {"+1": "", number(1): ""}])
def test_an_impossible_number_is_refused_with_the_property(world: World, contacts: Any) -> None:
    inputs = _check(world, contacts=contacts)
    assert _why_not(inputs).startswith("contacts: '+1' is not a possible phone number")
    assert "contacts" not in inputs.checked


def test_every_impossible_number_is_named(world: World) -> None:
    inputs = _check(world, contacts=["+1", "bob", number(1)])
    assert len(inputs.failures) == 2


def test_an_impossible_number_that_stands_in_the_old_inputs_stays(world: World) -> None:
    inputs = _check(world, {"contacts": {"+1": ""}}, contacts={"+1": "", number(1): ""})
    assert inputs.failures == []
    assert set(inputs.checked["contacts"]) == {"+1", number(1)}


def test_national_numbers_need_the_accounts_region(world: World) -> None:
    assert "no country code" in _why_not(_check(world, contacts=["011 98765-4321"]))
    world.tuning = {"default_region": "BR"}
    assert _check(world, contacts=["011 98765-4321"]).checked["contacts"] == {"+5511987654321": ""}


def test_lids_only_where_the_gateway_takes_them(world: World) -> None:
    assert "does not take LIDs" in _why_not(_check(world, contacts=["123456789012345@lid"]))
    world.can = LINKED
    assert _check(world, contacts=["123456789012345@lid"]).failures == []


@pytest.mark.parametrize(
    ("news", "says"),
    [
        ({}, "contacts: it is missing"),
        ({"contacts": "+5511987654321"}, "contacts: it must be a list of contacts or a map"),
        ({"contacts": [5511987654321.0]}, "contacts: a contact is a number, and must be a string; put it in quotes"),
        (
            {"contacts": {"+5511987654321": True}},
            "contacts: the reason of +5511987654321 is a boolean, and must be a string",
        ),
        ({"contacts": [], "mode": "exact"}, "mode: 'exact' is not possible; it is one of additive, exclusive"),
        ({"contacts": [], "allowFailures": "yes"}, "allow_failures: it must be true or false"),
        ({"contacts": [], "account": "sales"}, "account: no account 'sales' is configured"),
    ],
)
def test_what_is_not_possible_is_said(world: World, news: Props, says: str) -> None:
    assert _why_not(_check(world, **news)).startswith(says)


def test_exclusive_needs_a_gateway_that_lists(world: World) -> None:
    world.can = LINKED
    text = _why_not(_check(world, contacts=[], mode="exclusive"))
    assert text.startswith("mode: Fake cannot list who is blocked")
    assert "use mode 'additive'" in text


def test_more_contacts_than_the_gateway_keeps_are_refused(world: World) -> None:
    assert "keeps at most 50 blocked contacts; these are 51" in _why_not(_check(world, contacts=numbers(51)))
    assert _check(world, contacts=numbers(50)).failures == []


@pytest.mark.parametrize("contacts", [UNKNOWN, [number(1), UNKNOWN], {number(1): UNKNOWN}])
def test_an_unknown_contact_makes_the_map_unknown(world: World, contacts: Any) -> None:
    inputs = _check(world, contacts=contacts, mode=UNKNOWN, allowFailures=UNKNOWN, account=UNKNOWN)
    assert inputs.failures == []
    assert isinstance(inputs.checked["contacts"], Unknown)
    assert isinstance(inputs.checked["mode"], Unknown)


# -- additive


async def test_create_blocks_and_destroy_unblocks_what_was_declared(world: World, stack: Stack) -> None:
    world.phone.block(number(9))
    outputs = await stack.up({number(1): "spam", number(2): ""})
    assert outputs["contacts"] == {number(1): "spam", number(2): ""}
    assert (outputs["failed"], outputs["foreign"], outputs["accountId"]) == ({}, [], "zapi/I1")
    assert world.phone.on_list() == {number(1), number(2), number(9)}
    await stack.destroy()
    assert world.phone.on_list() == {number(9)}


async def test_declaring_somebody_who_is_blocked_takes_ownership(world: World, stack: Stack) -> None:
    world.phone.block(number(1))
    await stack.up([number(1)])
    assert world.phone.sent("block") == []
    await stack.up([])
    assert world.phone.on_list() == set()


async def test_update_changes_the_difference_and_blocks_first(world: World, stack: Stack) -> None:
    await stack.up([number(1), number(2)])
    world.phone.calls.clear()
    await stack.up([number(2), number(3)])
    assert [call for call in world.phone.calls if call[0] != "list"] == [
        ("block", [number(3)]),
        ("unblock", [number(1)]),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({number(1): ""}, {number(1): "a reason"}),
        ({"+5511987654321": ""}, {"+551187654321": ""}),
        ({"+525512345678": ""}, {"+5215512345678": ""}),
        ({"+5491123456789": ""}, {"+541123456789": ""}),
    ],
)
@pytest.mark.parametrize("linked", [True, False])
async def test_another_reason_or_spelling_calls_no_gateway(
    world: World, stack: Stack, before: dict[str, str], after: dict[str, str], linked: bool
) -> None:
    if linked:
        world.can = LINKED
    await stack.up(before)
    world.phone.calls.clear()
    assert await stack.changes(after)
    outputs = await stack.up(after)
    assert world.phone.calls == []
    assert outputs["contacts"] == after
    assert not await stack.changes(after)


async def test_an_odd_wa_id_is_one_person_with_its_number(world: World, stack: Stack) -> None:
    world.phone.wa_ids = {number(1): "+999000111222"}
    outputs = await stack.up([number(1), number(2)])
    assert outputs["waIds"] == {number(1): "999000111222"}
    assert (await stack.refresh())["contacts"] == reasons([number(1), number(2)])
    assert not await stack.changes([number(1), number(2)])
    world.phone.calls.clear()
    await stack.up([number(1), number(2), number(3)])
    assert world.phone.sent("block") == [number(3)]
    assert world.phone.sent("unblock") == []
    await stack.up([number(2), number(3)])
    assert world.phone.on_list() == {number(2), number(3)}
    assert stack.outputs["waIds"] == {}


async def test_additive_previews_make_no_request(world: World, stack: Stack) -> None:
    await stack.up([number(1)])
    world.phone.calls.clear()
    assert await stack.changes([number(1), number(2)])
    assert not await stack.changes([number(1)])
    inputs = blocklist.check(_news([number(5)]), {}, world.accounts())
    await blocklist.announce(inputs, world.report)
    assert world.phone.calls == []


@pytest.mark.parametrize("key", ["contacts", "mode", "allowFailures", "account"])
async def test_unknown_inputs_are_an_update_and_never_a_replacement(world: World, stack: Stack, key: str) -> None:
    await stack.up([number(1)])
    news = {**_news([number(1)]), key: UNKNOWN}
    diff = await blocklist.diff(stack.outputs, news, world.accounts(), world.report)
    assert diff.changes
    assert not diff.replaces


async def test_another_account_is_another_list(world: World, stack: Stack) -> None:
    await stack.up([number(1)])
    diff = await blocklist.diff(stack.outputs, _news([number(1)], account="other"), world.accounts(), world.report)
    assert diff.replaces == ("account",)


async def test_a_renamed_account_changes_nothing(world: World, stack: Stack) -> None:
    await stack.up([number(1)])
    world.broken["renamed"] = world.config()
    assert not await stack.changes([number(1)], account="renamed")


async def test_an_account_that_moved_keeps_its_contacts(world: World, stack: Stack) -> None:
    await stack.up([number(1)])
    stack.outputs["accountId"] = "zapi/OLD"
    world.formerly = ("zapi/OLD",)
    assert not await stack.changes([number(1)])
    assert (await stack.up([number(1), number(2)]))["accountId"] == "zapi/I1"


async def test_a_state_of_another_account_is_never_acted_upon(world: World, stack: Stack) -> None:
    await stack.up([number(1)])
    stack.outputs["accountId"] = "zapi/ELSEWHERE"
    for step in (stack.destroy(), stack.refresh(), stack.up([]), stack.changes([])):
        with pytest.raises(ConfigurationError, match="zapi/ELSEWHERE"):
            await step
    assert world.phone.on_list() == {number(1)}


# -- failures


async def test_a_refused_contact_is_recorded_and_never_unblocked(world: World, stack: Stack) -> None:
    world.phone.refused = {number(1): refused("131047: no message in 24 hours")}
    outputs = await stack.up([number(1), number(2)])
    assert outputs["failed"] == {number(1): {"state": "refused", "why": "131047: no message in 24 hours"}}
    assert set(outputs["contacts"]) == {number(1), number(2)}
    world.phone.refused = {}
    await stack.destroy()
    assert world.phone.sent("unblock") == [number(2)]


async def test_a_refused_contact_is_tried_again_by_every_update(world: World, stack: Stack) -> None:
    world.phone.refused = {number(1): refused()}
    await stack.up([number(1), number(2)])
    assert await stack.changes([number(1), number(2)])
    assert number(1) in world.report.infos[-1]
    world.phone.refused = {}
    await stack.up([number(1), number(2)])
    assert stack.failed() == {}
    assert not await stack.changes([number(1), number(2)])


async def test_with_allow_failures_refusals_wait_for_the_next_change(world: World, stack: Stack) -> None:
    world.phone.refused = {number(1): refused()}
    await stack.up([number(1), number(2)], allowFailures=True)
    assert not await stack.changes([number(1), number(2)], allowFailures=True)
    assert await stack.changes([number(1), number(2), number(3)], allowFailures=True)
    world.phone.refused = {}
    await stack.up([number(1), number(2), number(3)], allowFailures=True)
    assert stack.failed() == {}


async def test_with_allow_failures_the_others_are_tried_again_all_the_same(world: World, stack: Stack) -> None:
    world.can = LINKED
    world.phone.lost = [lost()]
    await stack.up([number(1)], allowFailures=True)
    assert stack.failed() == {number(1): "unknown"}
    assert await stack.changes([number(1)], allowFailures=True)


async def test_an_unknown_contact_is_unblocked_on_removal(world: World, stack: Stack) -> None:
    world.can = LINKED
    world.tuning = {"max_concurrency": 1}
    world.phone.lost = [None, lost()]
    await stack.up(numbers(4))
    assert stack.failed() == {number(1): "unknown", number(2): "pending", number(3): "pending"}
    await stack.destroy()
    assert world.phone.sent("unblock") == [number(0), number(1)]
    assert world.phone.on_list() == set()


async def test_what_the_time_budget_left_goes_on_next_time(world: World, stack: Stack) -> None:
    world.can = LINKED
    world.tuning = {"time_budget": 3, "max_concurrency": 1}
    world.phone.delay = 1
    await stack.up(numbers(7))
    assert set(stack.failed().values()) == {"pending"}
    assert "time budget" in stack.outputs["failed"][number(6)]["why"]
    await stack.up(numbers(7))
    await stack.up(numbers(7))
    assert stack.failed() == {}
    assert sorted(world.phone.sent("block")) == numbers(7)


async def test_nobody_is_unblocked_in_a_call_whose_time_is_up(world: World, stack: Stack) -> None:
    world.can = LINKED
    await stack.up([number(8), number(9)])
    world.tuning = {"time_budget": 3, "max_concurrency": 1}
    world.phone.delay = 1
    await stack.up(numbers(5))
    assert world.phone.sent("unblock") == []
    assert stack.failed()[number(8)] == "unblock_pending"
    await stack.up(numbers(5))
    assert world.phone.on_list() == set(numbers(5))
    assert stack.failed() == {}


async def test_an_unblock_that_failed_is_kept_and_tried_again(world: World, stack: Stack) -> None:
    await stack.up([number(1), number(2)])
    world.tuning = {"max_retries": 0}
    world.phone.faults = [lost()]
    await stack.up([number(2)])
    assert stack.failed() == {number(1): "unblock_pending"}
    assert stack.outputs["contacts"] == {number(2): ""}
    assert await stack.changes([number(2)])
    await stack.up([number(2)])
    assert world.phone.on_list() == {number(2)}
    assert stack.failed() == {}


async def test_an_unblock_that_failed_is_tried_again_by_destroy(world: World, stack: Stack) -> None:
    await stack.up([number(1), number(2)])
    world.tuning = {"max_retries": 0}
    world.phone.faults = [lost()]
    await stack.up([number(2)])
    await stack.destroy()
    assert world.phone.on_list() == set()


async def test_who_is_declared_again_is_not_unblocked(world: World, stack: Stack) -> None:
    await stack.up([number(1), number(2)])
    world.tuning = {"max_retries": 0}
    world.phone.faults = [lost()]
    await stack.up([number(2)])
    await stack.up([number(1), number(2)])
    assert world.phone.on_list() == {number(1), number(2)}
    assert stack.failed() == {}


async def test_a_permanent_refusal_to_unblock_is_released_with_a_warning(world: World, stack: Stack) -> None:
    await stack.up([number(1), number(2)])
    world.phone.refused = {number(1): refused("not yours")}
    await stack.up([number(2)])
    assert stack.failed() == {}
    assert set(stack.outputs["contacts"]) == {number(2)}
    assert number(1) in world.report.warnings[-1]


async def test_when_nothing_was_changed_the_old_state_stands(world: World, stack: Stack) -> None:
    await stack.up([number(1)])
    world.phone.faults = [Unauthorized("401: check token")]
    with pytest.raises(Unauthorized, match="check token"):
        await stack.up([number(2)])
    assert world.phone.on_list() == {number(1)}


async def test_a_destroy_that_failed_halfway_says_who_is_left_and_goes_on_later(world: World, stack: Stack) -> None:
    await stack.up(numbers(7))
    world.phone.faults = [None, Unauthorized("401")]
    with pytest.raises(WhatsAppError, match=r"4 of 7 contacts are not unblocked yet \(.*401; run it again"):
        await stack.destroy()
    await stack.destroy()
    assert world.phone.on_list() == set()


async def test_max_unblocks_is_checked_before_the_first_call(world: World, stack: Stack) -> None:
    await stack.up(numbers(5))
    world.tuning = {"max_unblocks": 4}
    world.phone.calls.clear()
    for step in (stack.destroy(), stack.up([number(9)])):
        with pytest.raises(TooManyUnblocks, match="maxUnblocks is 4"):
            await step
    assert world.phone.calls == []
    await stack.up(numbers(1))
    assert world.phone.on_list() == {number(0)}


async def test_nobody_is_said_to_be_unblocked_whom_max_unblocks_keeps(world: World, stack: Stack) -> None:
    world.phone.block(number(8))
    world.tuning = {"max_unblocks": 0}
    with pytest.raises(TooManyUnblocks):
        await stack.up([number(1)], "exclusive")
    assert world.report.infos == []
    world.tuning = {}
    await stack.up([number(1)], "exclusive")
    assert world.report.infos == [f"unblocking {number(8)}: it is not in this exclusive list"]


async def test_a_preview_says_that_max_unblocks_will_refuse_the_update(world: World, stack: Stack) -> None:
    await stack.up(numbers(5))
    world.tuning = {"max_unblocks": 2}
    assert await stack.changes(numbers(3))
    assert world.report.warnings == []
    assert await stack.changes(numbers(2))
    assert "the update will refuse this: this would unblock 3 contacts" in world.report.warnings[0]


async def test_a_preview_of_secret_contacts_tells_what_the_engine_hides(world: World, stack: Stack) -> None:
    await stack.up(numbers(2), secret=True)
    assert await stack.changes([number(1), number(2)], secret=True)
    assert world.report.infos == ["of these secret contacts pulumi up would block …0002 and unblock …0000"]


@pytest.mark.parametrize("quoted", ["+5511987650001", "551187650001", "5511987650001@s.whatsapp.net"])
async def test_no_spelling_of_a_secret_contact_is_quoted(world: World, stack: Stack, quoted: str) -> None:
    secret, other = "+5511987650001", "+447987650001"
    world.phone.block(other)
    world.phone.refused = {secret: refused(f"(#131047) no message from {quoted}")}
    outputs = await stack.up([secret], "exclusive", secret=True)
    assert stack.failed() == {secret: "refused", other: "unblock_pending"}
    assert outputs["failed"][secret]["why"].startswith("(#131047) no message from …0001")
    assert outputs["failed"][other]["why"].startswith("it may be …0001 under another number")
    assert not re.search(r"\d{7}", " ".join(failure["why"] for failure in outputs["failed"].values()))


# -- refresh


async def test_refresh_drops_who_is_no_longer_blocked(world: World, stack: Stack) -> None:
    await stack.up(numbers(8))
    world.phone.unblock(number(1))
    world.phone.block(number(9))  # nobody declared: additive never reports
    outputs = await stack.refresh()
    assert set(outputs["contacts"]) == set(numbers(8)) - {number(1)}
    assert outputs["foreign"] == []


async def test_a_short_listing_drops_nobody(world: World, stack: Stack) -> None:
    await stack.up(numbers(8))
    pages = world.phone.asked("list")
    world.phone.hidden = {identity(number(1))}
    accounts = world.accounts()
    await accounts.named(None).blocked()
    world.phone.hidden = set()
    assert set((await blocklist.read(stack.outputs, accounts))["contacts"]) == set(numbers(8))
    assert world.phone.asked("list") > pages + 4


async def test_a_short_listing_drops_no_unblock_that_is_still_to_be_tried(world: World, stack: Stack) -> None:
    await stack.up(numbers(2))
    world.phone.faults = [None, NotConnected("the phone is off")]
    await stack.up([number(2)])
    assert stack.failed() == dict.fromkeys(numbers(2), "unblock_pending")
    world.phone.hidden, world.phone.short = {identity(number(1))}, 1
    await stack.refresh()
    assert stack.failed() == dict.fromkeys(numbers(2), "unblock_pending")
    await stack.destroy()
    assert world.phone.on_list() == set()


@pytest.mark.parametrize(
    ("held", "gone", "refuses"),
    [(8, 5, True), (8, 4, False), (4, 4, True), (3, 3, False), (1, 1, False), (6, 3, False)],
)
async def test_most_of_a_list_vanishing_at_once_is_not_believed(
    world: World, stack: Stack, held: int, gone: int, refuses: bool
) -> None:
    await stack.up(numbers(held))
    world.phone.unblock(*numbers(gone))
    if not refuses:
        assert len((await stack.refresh())["contacts"]) == held - gone
        return
    with pytest.raises(WhatsAppError, match=f"{gone} of {held} contacts .* WHATSAPP_ACCEPT_VANISHED=true"):
        await stack.refresh()
    world.tuning = {"accept_vanished": True}
    assert len((await stack.refresh())["contacts"]) == held - gone


async def test_refresh_settles_what_failed(world: World, stack: Stack) -> None:
    world.tuning = {"max_retries": 0}
    await stack.up([number(5)])
    world.phone.refused = {number(1): refused(), number(2): refused()}
    await stack.up([number(1), number(2), number(3), number(5)])
    world.phone.faults = [None, lost()]
    await stack.up([number(1), number(2), number(3)])
    assert stack.failed()[number(5)] == "unblock_pending"
    world.phone.block(number(1))  # somebody did it by hand
    world.phone.unblock(number(5))
    await stack.refresh()
    assert stack.failed() == {number(2): "refused"}


async def test_a_gateway_that_cannot_list_leaves_the_state_and_says_so_once(world: World, stack: Stack) -> None:
    world.can = LINKED
    await stack.up([number(1)])
    before = stack.outputs
    accounts = world.accounts()
    assert await blocklist.read(before, accounts) == before
    assert await blocklist.read(before, accounts) == before
    assert [text for text in world.report.infos if "cannot show" in text] == [world.report.infos[-1]]


# -- exclusive


async def test_an_exclusive_list_makes_the_live_one_equal(world: World, stack: Stack) -> None:
    world.phone.block(number(2), number(8), number(9))
    await stack.up(numbers(4), "exclusive")
    assert world.phone.on_list() == set(numbers(4))
    assert world.phone.sent("block") == [number(0), number(1), number(3)]
    named = " ".join(world.report.infos)
    assert number(8) in named
    assert number(9) in named


async def test_a_new_exclusive_list_warns_whom_it_would_unblock(world: World) -> None:
    world.phone.block(number(1), number(8), number(9))
    inputs = blocklist.check(_news([number(1)], "exclusive"), {}, world.accounts())
    await blocklist.announce(inputs, world.report)
    (warning,) = world.report.warnings
    assert "would unblock 2 contacts of zapi/I1" in warning
    assert number(8) in warning
    assert number(9) in warning
    assert number(1) not in warning
    assert world.phone.sent("unblock") == []


async def test_the_preview_of_an_exclusive_list_sees_drift(world: World, stack: Stack) -> None:
    await stack.up([number(1), number(2)], "exclusive")
    assert not await stack.changes([number(1), number(2)], "exclusive")
    world.phone.block(number(8))
    assert await stack.changes([number(1), number(2)], "exclusive")
    assert number(8) in world.report.warnings[-1]
    world.phone.unblock(number(8), number(2))
    assert await stack.changes([number(1), number(2)], "exclusive")


async def test_a_warning_names_twenty_and_counts_the_rest(world: World) -> None:
    world.phone.block(*numbers(27))
    inputs = blocklist.check(_news([], "exclusive"), {}, world.accounts())
    await blocklist.announce(inputs, world.report)
    assert "and 7 more" in world.report.warnings[0]
    assert number(19) in world.report.warnings[0]
    assert number(20) not in world.report.warnings[0]


async def test_foreign_contacts_are_shown_and_never_owned(world: World, stack: Stack) -> None:
    await stack.up([number(1), number(2)], "exclusive")
    world.phone.block(number(8), number(9))
    for _ in range(3):  # however often it is refreshed
        outputs = await stack.refresh()
        assert outputs["foreign"] == [number(8), number(9)]
        assert set(outputs["contacts"]) == {number(1), number(2), number(8), number(9)}
    await stack.destroy()
    assert world.phone.on_list() == {number(8), number(9)}


async def test_foreign_contacts_go_with_the_next_update_of_an_exclusive_list(world: World, stack: Stack) -> None:
    await stack.up([number(1)], "exclusive")
    world.phone.block(number(8))
    await stack.refresh()
    assert await stack.changes([number(1)], "exclusive")
    await stack.up([number(1)], "exclusive")
    assert world.phone.on_list() == {number(1)}
    assert stack.outputs["foreign"] == []


async def test_a_foreign_contact_that_is_declared_becomes_owned(world: World, stack: Stack) -> None:
    await stack.up([number(1)], "exclusive")
    world.phone.block(number(8))
    await stack.refresh()
    await stack.up([number(1), number(8)], "exclusive")
    assert stack.outputs["foreign"] == []
    await stack.destroy()
    assert world.phone.on_list() == set()


async def test_a_list_that_becomes_additive_leaves_foreign_contacts(world: World, stack: Stack) -> None:
    await stack.up([number(1)], "exclusive")
    world.phone.block(number(8))
    await stack.refresh()
    await stack.up([number(1)], "additive")
    assert world.phone.on_list() == {number(1), number(8)}
    await stack.destroy()
    assert world.phone.on_list() == {number(8)}


def test_nobody_keeps_whom_a_refresh_found() -> None:
    held = Members(dict.fromkeys([number(1), number(8)], ""), foreign=[number(8)])
    assert held.kept([number(1), number(8), number(9)]) == {number(1): identity(number(1))}


async def test_foreign_contacts_that_vanish_raise_no_alarm(world: World, stack: Stack) -> None:
    await stack.up([number(1)], "exclusive")
    others = [number(index) for index in range(20, 30)]
    world.phone.block(*others)
    await stack.refresh()
    world.phone.unblock(*others)
    assert (await stack.refresh())["contacts"] == {number(1): ""}
    assert stack.outputs["foreign"] == []


async def test_an_odd_wa_id_is_not_unblocked_as_a_stranger(world: World, stack: Stack) -> None:
    # already blocked under an id that nobody knows belongs to the declared number
    world.phone.wa_ids = {number(1): "+999000111222"}
    world.phone.block(number(1))
    await stack.up([number(1)], "exclusive")
    assert world.phone.on_list() == {"+999000111222"}
    assert world.report.infos == []
    assert not await stack.changes([number(1)], "exclusive")


async def test_a_known_wa_id_is_not_unblocked_for_another_resource(world: World, stack: Stack) -> None:
    world.phone.wa_ids = {number(1): number(2)}
    await stack.up([number(1)])
    other = Stack(world)
    await other.up([number(2)])
    accounts = world.accounts()
    blocklist.check(_news([number(1)]), {}, accounts)
    await blocklist.diff(stack.outputs, _news([number(1)]), accounts, world.report)
    await blocklist.delete(other.outputs, accounts, world.report)
    assert world.phone.on_list() == {number(2)}


@pytest.mark.parametrize("listed", ["+5299947911120001", "184467440737@lid"])
async def test_a_stranger_who_may_be_somebody_refused_is_not_unblocked(world: World, stack: Stack, listed: str) -> None:
    declared, stranger = number(1), number(8)
    world.phone.block(listed, stranger)
    world.phone.refused = {declared: refused()}
    await stack.up([declared], "exclusive")
    assert world.phone.on_list() == {listed}
    assert stack.failed() == {declared: "refused", listed: "unblock_pending"}
    assert f"declare {listed} instead of {declared}" in stack.outputs["failed"][listed]["why"]
    world.phone.refused = {}
    await stack.up([listed], "exclusive")
    assert world.phone.on_list() == {listed}
    assert stack.failed() == {}


@pytest.mark.parametrize("unreadable", [False, True])
async def test_a_stranger_who_may_be_somebody_confirmed_without_an_id_is_not_unblocked(
    world: World, stack: Stack, monkeypatch: pytest.MonkeyPatch, unreadable: bool
) -> None:
    world.phone.wa_ids = {number(1): "+999000111222"}
    world.phone.block(number(1))
    monkeypatch.setattr(Fake, "_wa_id", lambda *_: None)
    world.phone.listing_faults = [None, Unavailable("down")] if unreadable else []
    await stack.up([number(1)], "exclusive")
    assert world.phone.on_list() == {"+999000111222"}
    assert stack.failed() == {"+999000111222": "unblock_pending"}


async def test_a_confirmation_without_an_id_keeps_no_stranger_when_the_list_has_the_number(
    world: World, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.phone.block(number(8))
    monkeypatch.setattr(Fake, "_wa_id", lambda *_: None)
    await stack.up([number(1)], "exclusive")
    assert world.phone.on_list() == {number(1)}
    assert stack.failed() == {}


async def test_an_exclusive_list_that_cannot_be_read_touches_nobody(world: World, stack: Stack) -> None:
    await stack.up([number(1)], "exclusive")
    world.phone.block(number(8))
    world.phone.listing_faults = [AnswerLost("down")] * 9
    with pytest.raises(AnswerLost):
        await stack.up([number(2)], "exclusive")
    assert world.phone.on_list() == {number(1), number(8)}


_PEOPLE = st.sets(st.integers(0, 9))


@given(_PEOPLE, st.lists(st.tuples(_PEOPLE, st.booleans()), min_size=1, max_size=4), st.booleans(), st.booleans())
def test_after_any_updates_the_phone_is_as_declared(
    others: set[int], steps: list[tuple[set[int], bool]], exclusive: bool, linked: bool
) -> None:
    """Faults that pass are over by the last step; then the live list equals or contains what is declared."""
    world = World()
    if linked:
        world.can, exclusive = LINKED, False
    world.phone.block(*map(number, others))
    stack, mode = Stack(world), "exclusive" if exclusive else "additive"
    touched: set[str] = set()

    async def live() -> None:
        for people, faulty in steps:
            if faulty:
                world.phone.faults = [lost(), None, refused()]
                world.phone.lost = [None, lost()]
            touched.update(map(number, people))
            await stack.up([number(index) for index in sorted(people)], mode)
        world.phone.faults, world.phone.lost = [], []
        await stack.up([number(index) for index in sorted(steps[-1][0])], mode)

    run(live())
    declared, strangers = set(map(number, steps[-1][0])), set(map(number, others))
    assert stack.failed() == {}
    assert declared <= world.phone.on_list()
    if exclusive:
        assert world.phone.on_list() == declared
    else:
        assert strangers - touched <= world.phone.on_list()  # who was never declared was never touched
    run(stack.destroy())
    assert not declared & world.phone.on_list()


# -- work


@pytest.mark.parametrize("mode", ["additive", "exclusive"])
async def test_the_work_grows_with_the_list_and_not_with_its_square(mode: str) -> None:
    """Counted in calls of functions: sixteen times the contacts are little more than sixteen times the calls."""

    async def calls(size: int) -> int:
        world, count = World(), 0
        stack, both = Stack(world), numbers(2 * size)
        await stack.up(both[:size], mode)
        world.phone.unblock(both[0])
        for stranger in range(size):
            world.phone.block(number(5 * size + stranger))

        def called(_frame: object, event: str, _argument: object) -> None:
            nonlocal count
            count += event in {"call", "c_call"}

        sys.setprofile(called)
        try:
            await stack.changes(both[size:], mode)
            await stack.up(both[size:], mode)
            await stack.refresh()
            await stack.destroy()
        finally:
            sys.setprofile(None)
        return count

    few, many = await calls(50), await calls(800)
    assert many < 20 * few
