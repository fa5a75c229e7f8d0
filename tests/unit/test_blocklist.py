"""The lifecycle of many contacts as one resource."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_whatsapp.errors import (
    AnswerLost,
    ConfigurationError,
    InternalError,
    ShrinksTooMuch,
    TooManyUnblocks,
    Unavailable,
    WhatsAppError,
)
from pulumi_whatsapp.lifecycle import blocklist
from pulumi_whatsapp.lifecycle.diff import UNCHANGED, Diff
from pulumi_whatsapp.lifecycle.inputs import UNKNOWN, Props
from pulumi_whatsapp.names import NOBODY, Contact

from .clock import run
from .fake import LINKED, LISTING, Fake, FakeWorld, as_checked, by, lost, number, numbers, refused
from .stacks import ListStack, check_list, declare, list_news, why_not

ANN, SHORT_ANN = Contact("+5511987654321"), Contact("+551187654321")
ODD = Contact("+999000111222")
REPLACED = Diff(True, ("contacts",))


# -- check


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
def test_what_is_not_possible_is_said(world: FakeWorld, news: Props, says: str) -> None:
    assert why_not(check_list(world, **news)).startswith(says)


def test_exclusive_needs_a_gateway_that_lists(world: FakeWorld) -> None:
    world.can = LINKED
    text = why_not(check_list(world, contacts=[], mode="exclusive"))
    assert text.startswith("mode: Fake cannot list who is blocked")
    assert "use mode 'additive'" in text


def test_more_contacts_than_the_gateway_keeps_are_refused(world: FakeWorld) -> None:
    assert "keeps at most 50 blocked contacts; these are 51" in why_not(check_list(world, contacts=numbers(51)))
    assert check_list(world, contacts=numbers(50)).failures == []


@pytest.mark.parametrize("again", [ANN, "+55 (11) 8765-4321", "5511987654321@c.us"])
def test_a_contact_that_two_resources_declare_names_both(world: FakeWorld, again: str) -> None:
    accounts = world.accounts()
    assert blocklist.check({"contacts": [ANN]}, {}, accounts, by("one")).failures == []
    text = why_not(blocklist.check({"contacts": [again]}, {}, accounts, by("two")))
    assert text.startswith("contacts: ")
    assert "is declared twice for zapi/I1: by one" in text
    assert text.endswith("and by two; remove it from one of them")


def test_one_contact_of_two_accounts_is_declared_once_for_each(world: FakeWorld) -> None:
    accounts = world.accounts()
    assert blocklist.check({"contacts": [ANN]}, {}, accounts, by("one")).failures == []
    assert blocklist.check({"contacts": [ANN], "account": "other"}, {}, accounts, by("two")).failures == []


@pytest.mark.parametrize("modes", [("exclusive", "additive"), ("additive", "exclusive"), ("exclusive", "exclusive")])
def test_an_exclusive_list_beside_another_list_is_refused(world: FakeWorld, modes: tuple[str, str]) -> None:
    accounts = world.accounts()
    one, two = (
        blocklist.check({"contacts": [number(index)], "mode": mode}, {}, accounts, by(f"list {index}"))
        for index, mode in enumerate(modes)
    )
    assert one.failures == []
    assert "an exclusive list must be the only one" in why_not(two)


# -- additive


async def test_create_blocks_and_destroy_unblocks_what_was_declared(world: FakeWorld, stack: ListStack) -> None:
    world.phone.block(number(9))
    outputs = await stack.up({number(1): "spam", number(2): ""})
    assert stack.id.startswith("zapi/I1/blocklist/")
    assert outputs["contacts"] == {number(1): "spam", number(2): ""}
    assert (outputs["failed"], outputs["foreign"], outputs["accountId"]) == ({}, [], "zapi/I1")
    assert world.phone.on_list() == {number(1), number(2), number(9)}
    await stack.destroy()
    assert world.phone.on_list() == {number(9)}


async def test_declaring_somebody_who_is_blocked_takes_ownership(world: FakeWorld, stack: ListStack) -> None:
    world.phone.block(number(1))
    await stack.up([number(1)])
    assert world.phone.sent("block") == []
    await stack.up([])
    assert world.phone.on_list() == set()


async def test_a_list_that_only_grows_is_updated(world: FakeWorld, stack: ListStack) -> None:
    await stack.up([number(1)])
    assert await stack.preview([number(1), number(2)]) == Diff(True)
    before = stack.id
    await stack.up([number(1), number(2)])
    assert stack.id == before
    assert world.phone.sent("block") == [number(1), number(2)]


@pytest.mark.parametrize("linked", [True, False])
async def test_a_list_that_lets_somebody_go_is_replaced_and_blocks_first(
    world: FakeWorld, stack: ListStack, linked: bool
) -> None:
    if linked:
        world.can = LINKED
    await stack.up([number(1), number(2)])
    assert await stack.preview([number(2), number(3)]) == REPLACED
    before = stack.id
    world.phone.calls.clear()
    await stack.up([number(2), number(3)])
    assert stack.id != before
    assert [call for call in world.phone.calls if call[0] != "list"] == [
        ("block", [number(3)]),
        ("unblock", [number(1)]),
    ]


async def test_replacing_sends_nothing_for_who_stays(world: FakeWorld, stack: ListStack) -> None:
    world.can = LINKED
    await stack.up(numbers(8))
    world.phone.calls.clear()
    await stack.up(numbers(7))
    assert world.phone.calls == [("unblock", [number(7)])]


async def test_what_was_known_of_the_old_list_is_known_in_the_new_one(world: FakeWorld, stack: ListStack) -> None:
    world.phone.wa_ids = {number(1): ODD, number(2): number(20)}
    await stack.up([number(1), number(2), number(3)])
    pages = world.phone.asked("list")
    await stack.up([number(1), number(2)])
    assert stack.outputs["waIds"] == {number(1): "999000111222", number(2): number(20).removeprefix("+")}
    assert world.phone.asked("list") == pages, "the record says it"
    await stack.up([number(2)])
    assert world.phone.on_list() == {number(20)}


async def test_an_update_unblocks_nobody_whatever_it_is_given(world: FakeWorld, stack: ListStack) -> None:
    await stack.up([number(1), number(2)])
    world.phone.calls.clear()
    with pytest.raises(InternalError, match="would lose contacts that are still blocked"):
        await blocklist.update(stack.outputs, list_news([number(2), number(3)]), world.accounts())
    assert world.phone.calls == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({number(1): ""}, {number(1): "a reason"}),
        ({ANN: ""}, {SHORT_ANN: ""}),
        ({Contact("+525512345678"): ""}, {Contact("+5215512345678"): ""}),
        ({Contact("+5491123456789"): ""}, {Contact("+541123456789"): ""}),
    ],
)
@pytest.mark.parametrize("linked", [True, False])
async def test_another_reason_or_spelling_calls_no_gateway(
    world: FakeWorld, stack: ListStack, before: dict[Contact, str], after: dict[Contact, str], linked: bool
) -> None:
    if linked:
        world.can = LINKED
    await stack.up(before)
    world.phone.calls.clear()
    assert await stack.preview(after) == Diff(True)
    outputs = await stack.up(after)
    assert world.phone.calls == []
    assert outputs["contacts"] == after
    assert await stack.preview(after) == UNCHANGED


async def test_an_odd_wa_id_is_one_person_with_its_number(world: FakeWorld, stack: ListStack) -> None:
    world.phone.wa_ids = {number(1): ODD}
    outputs = await stack.up([number(1), number(2)])
    assert outputs["waIds"] == {number(1): "999000111222"}
    assert (await stack.refresh())["contacts"] == as_checked([number(1), number(2)])
    assert await stack.preview([number(1), number(2)]) == UNCHANGED
    world.phone.calls.clear()
    await stack.up([number(1), number(2), number(3)])
    assert world.phone.sent("block") == [number(3)]
    assert world.phone.sent("unblock") == []
    await stack.up([number(2), number(3)])
    assert world.phone.on_list() == {number(2), number(3)}
    assert stack.outputs["waIds"] == {}


async def test_additive_previews_make_no_request(world: FakeWorld, stack: ListStack) -> None:
    await stack.up([number(1)])
    world.phone.calls.clear()
    assert (await stack.preview([number(2)])).changes
    assert await stack.preview([number(1)]) == UNCHANGED
    await blocklist.announce(check_list(world, contacts=[number(5)]))
    assert world.phone.calls == []


@pytest.mark.parametrize("key", ["contacts", "mode", "allowFailures", "account"])
async def test_unknown_inputs_are_an_update_and_never_a_replacement(
    world: FakeWorld, stack: ListStack, key: str
) -> None:
    await stack.up([number(1)])
    assert await blocklist.diff(stack.outputs, {**list_news([number(1)]), key: UNKNOWN}, world.accounts()) == Diff(True)


async def test_another_account_is_another_list(world: FakeWorld, stack: ListStack) -> None:
    await stack.up([number(1)])
    found = await blocklist.diff(stack.outputs, list_news([number(1)], account="other"), world.accounts(preview=True))
    assert found.replaces == ("account",)
    assert world.report.infos[-1] == f"a Blocklist that leaves zapi/I1: unblocks 1: {number(1)}"
    await stack.up([number(1)], account="other")
    assert (world.phone.on_list(), world.other.on_list()) == (set(), {number(1)})


async def test_a_renamed_account_changes_nothing(world: FakeWorld, stack: ListStack) -> None:
    await stack.up([number(1)])
    world.broken["renamed"] = world.config()
    assert await stack.preview([number(1)], account="renamed") == UNCHANGED


async def test_an_account_that_moved_keeps_its_contacts(world: FakeWorld, stack: ListStack) -> None:
    await stack.up([number(1)])
    stack.outputs["accountId"] = "zapi/OLD"
    world.formerly = ("zapi/OLD",)
    assert await stack.preview([number(1)]) == UNCHANGED
    assert (await stack.up([number(1), number(2)]))["accountId"] == "zapi/I1"


async def test_a_state_of_another_account_is_never_acted_upon(world: FakeWorld, stack: ListStack) -> None:
    await stack.up([number(1)])
    stack.outputs["accountId"] = "zapi/ELSEWHERE"
    for step in (stack.destroy(), stack.refresh(), stack.up([]), stack.preview([])):
        with pytest.raises(ConfigurationError, match="zapi/ELSEWHERE"):
            await step
    assert world.phone.on_list() == {number(1)}


# -- failures


async def test_a_refused_contact_is_recorded_and_never_unblocked(world: FakeWorld, stack: ListStack) -> None:
    world.phone.refused = {number(1): refused("131047: no message in 24 hours")}
    outputs = await stack.up([number(1), number(2)])
    assert outputs["failed"] == {number(1): {"state": "refused", "why": "131047: no message in 24 hours"}}
    assert set(outputs["contacts"]) == {number(1), number(2)}
    world.phone.refused = {}
    await stack.destroy()
    assert world.phone.sent("unblock") == [number(2)]


async def test_a_refused_contact_is_tried_again_by_every_update(world: FakeWorld, stack: ListStack) -> None:
    world.phone.refused = {number(1): refused()}
    await stack.up([number(1), number(2)])
    assert await stack.preview([number(1), number(2)]) == Diff(True)
    assert world.report.infos[-1] == f"spam: blocks 1: {number(1)}"
    world.phone.refused = {}
    await stack.up([number(1), number(2)])
    assert stack.failed() == {}
    assert await stack.preview([number(1), number(2)]) == UNCHANGED


async def test_letting_a_refused_contact_go_is_no_replacement(world: FakeWorld, stack: ListStack) -> None:
    world.phone.refused = {number(1): refused()}
    await stack.up([number(1), number(2)])
    assert await stack.preview([number(2)]) == Diff(True)


async def test_with_allow_failures_refusals_wait_for_the_next_change(world: FakeWorld, stack: ListStack) -> None:
    world.phone.refused = {number(1): refused()}
    await stack.up([number(1), number(2)], allowFailures=True)
    assert await stack.preview([number(1), number(2)], allowFailures=True) == UNCHANGED
    assert await stack.preview([number(1), number(2), number(3)], allowFailures=True) == Diff(True)
    assert world.report.infos[-1] == f"spam: blocks 1: {number(3)}"
    world.phone.refused = {}
    await stack.up([number(1), number(2), number(3)], allowFailures=True)
    assert stack.failed() == {}


async def test_refusals_are_tried_again_when_that_is_asked_for(world: FakeWorld, stack: ListStack) -> None:
    world.phone.refused = {number(1): refused()}
    await stack.up([number(1), number(2)], allowFailures=True)
    world.phone.refused = {}
    world.tuning = {"retry_refused": True}
    assert await stack.preview([number(1), number(2)], allowFailures=True) == Diff(True)
    await stack.up([number(1), number(2)], allowFailures=True)
    assert stack.failed() == {}


async def test_with_allow_failures_the_others_are_tried_again_all_the_same(world: FakeWorld, stack: ListStack) -> None:
    world.can = LINKED
    world.phone.lost = [lost()]
    await stack.up([number(1)], allowFailures=True)
    assert stack.failed() == {number(1): "unknown"}
    assert await stack.preview([number(1)], allowFailures=True) == Diff(True)


# -- what a preview says, and seat belts


async def test_a_preview_names_who_comes_and_who_goes_on_one_line(world: FakeWorld, stack: ListStack) -> None:
    await stack.up(numbers(30))
    await stack.preview([*numbers(22), number(40)])
    gone = ", ".join(map(number, range(22, 30)))
    assert world.report.infos == [f"spam: blocks 1: {number(40)}; unblocks 8: {gone}"]
    await stack.preview(numbers(30))
    assert len(world.report.infos) == 1
    await blocklist.announce(check_list(world, contacts=numbers(25)))
    assert world.report.infos[-1].startswith(f"it: blocks 25: {number(0)}, ")
    assert world.report.infos[-1].endswith(f"{number(19)} and 5 more")


async def test_an_update_tells_nothing_that_the_preview_told(world: FakeWorld, stack: ListStack) -> None:
    await stack.up(numbers(3))
    await stack.up(numbers(2))
    assert world.report.infos == []


async def test_a_list_that_is_not_known_says_so(world: FakeWorld) -> None:
    await blocklist.announce(check_list(world, contacts=UNKNOWN))
    assert world.report.infos == ["it: its contacts are not known yet, so nobody can be named"]


async def test_who_moves_to_another_list_is_not_named_as_unblocked(world: FakeWorld, stack: ListStack) -> None:
    await stack.up([number(1), number(2), number(3)])
    accounts = world.accounts(preview=True)
    news = list_news([number(3)])
    declare(accounts, news)
    declare(accounts, list_news([number(1)]), "other")
    assert await blocklist.diff(stack.outputs, news, accounts) == REPLACED
    assert world.report.infos == [f"spam: unblocks 1: {number(2)}"]


async def test_who_takes_somebody_over_after_the_preview_has_named_them_says_so(
    world: FakeWorld, stack: ListStack
) -> None:
    await stack.up([number(1), number(2)])
    accounts = world.accounts(preview=True)
    news = list_news([number(2)])
    declare(accounts, news)
    await blocklist.diff(stack.outputs, news, accounts)
    blocklist.check({"contacts": [number(1)]}, {}, accounts, by("other", preview=True))
    assert world.report.infos[-1] == f"other: takes {number(1)} over from spam, so it stays blocked"


async def test_a_preview_of_secret_contacts_names_their_last_digits(world: FakeWorld, stack: ListStack) -> None:
    await stack.up(numbers(2), secret=True)
    await stack.preview([number(1), number(2)], secret=True)
    assert world.report.infos == ["spam: blocks 1: …0002; unblocks 1: …0000"]


async def test_a_preview_fails_where_the_run_would_exceed_max_unblocks(world: FakeWorld, stack: ListStack) -> None:
    await stack.up(numbers(5))
    world.tuning = {"max_unblocks": 2}
    assert await stack.preview(numbers(3)) == REPLACED
    with pytest.raises(TooManyUnblocks, match="would unblock 3 contacts of zapi/I1 and maxUnblocks is 2"):
        await stack.preview(numbers(2))


async def test_max_unblocks_counts_all_lists_of_a_run(world: FakeWorld, stack: ListStack) -> None:
    other = ListStack(world, "other")
    await stack.up(numbers(2))
    await other.up([number(8), number(9)])
    world.tuning = {"max_unblocks": 1}
    accounts = world.accounts()
    for each, news in ((stack, list_news(numbers(1))), (other, list_news([number(9)]))):
        declare(accounts, news, each.name)
    await blocklist.diff(stack.outputs, list_news(numbers(1)), accounts)
    with pytest.raises(TooManyUnblocks):
        await blocklist.diff(other.outputs, list_news([number(9)]), accounts)


async def test_max_unblocks_is_checked_before_a_delete_sends_anything(world: FakeWorld, stack: ListStack) -> None:
    await stack.up(numbers(5))
    world.tuning = {"max_unblocks": 4}
    world.phone.calls.clear()
    with pytest.raises(TooManyUnblocks, match="maxUnblocks is 4"):
        await stack.destroy()
    assert world.phone.calls == []


@pytest.mark.parametrize(("held", "kept", "refuses"), [(10, 4, True), (10, 5, False), (9, 0, False), (12, 0, True)])
async def test_a_list_that_loses_most_of_its_contacts_is_refused(
    world: FakeWorld, stack: ListStack, held: int, kept: int, refuses: bool
) -> None:
    await stack.up(numbers(held))
    if refuses:
        with pytest.raises(ShrinksTooMuch, match=f"would unblock {held - kept} of its {held} contacts.*ACCEPT_SHRINK"):
            await stack.preview(numbers(kept))
        world.tuning = {"accept_shrink": True}
    assert await stack.preview(numbers(kept)) == REPLACED


async def test_who_moves_to_another_list_does_not_count_as_lost(world: FakeWorld, stack: ListStack) -> None:
    await stack.up(numbers(10))
    accounts = world.accounts()
    declare(accounts, list_news(numbers(1)))
    declare(accounts, list_news(numbers(10)[1:]), "other")
    assert await blocklist.diff(stack.outputs, list_news(numbers(1)), accounts) == REPLACED


async def test_the_comparison_of_a_refresh_warns_of_nothing(world: FakeWorld, stack: ListStack) -> None:
    """A refresh compares before any check; what it finds is not what the program declares."""
    await stack.up(numbers(12))
    world.tuning = {"max_unblocks": 0}
    assert await blocklist.diff(stack.outputs, list_news(numbers(1)), world.accounts(preview=True)) == REPLACED
    assert world.report.infos == []


@pytest.mark.parametrize("quoted", ["+5511987650001", "551187650001", "5511987650001@s.whatsapp.net"])
async def test_no_spelling_of_a_secret_contact_is_quoted(world: FakeWorld, stack: ListStack, quoted: str) -> None:
    secret = Contact("+5511987650001")
    world.phone.refused = {secret: refused(f"(#131047) no message from {quoted}")}
    outputs = await stack.up([secret], secret=True)
    assert outputs["failed"][secret]["why"].startswith("(#131047) no message from …0001")


# -- refresh


async def test_a_gateway_that_cannot_list_leaves_the_state_and_says_so_once(world: FakeWorld, stack: ListStack) -> None:
    world.can = LINKED
    await stack.up([number(1)])
    before = stack.outputs
    accounts = world.accounts()
    assert await blocklist.read(before, accounts) == before
    assert await blocklist.read(before, accounts) == before
    assert [text for text in world.report.infos if "cannot show" in text] == [world.report.infos[-1]]


# -- exclusive


async def test_a_new_exclusive_list_only_blocks_and_the_next_run_lets_strangers_go(
    world: FakeWorld, stack: ListStack
) -> None:
    world.phone.block(number(2), number(8), number(9))
    outputs = await stack.up(numbers(4), "exclusive")
    assert world.phone.sent("block") == [number(0), number(1), number(3)]
    assert world.phone.sent("unblock") == []
    assert outputs["foreign"] == [number(8), number(9)]
    assert set(outputs["contacts"]) == set(numbers(4))
    assert await stack.preview(numbers(4), "exclusive") == REPLACED
    assert world.report.infos[-1] == f"spam: unblocks 2: {number(8)}, {number(9)}"
    await stack.up(numbers(4), "exclusive")
    assert world.phone.on_list() == set(numbers(4))
    assert world.report.infos[-1].endswith(f"the exclusive list does not declare them: {number(8)}, {number(9)}")
    assert stack.outputs["foreign"] == []
    assert await stack.preview(numbers(4), "exclusive") == UNCHANGED


async def test_a_list_that_becomes_exclusive_is_a_new_exclusive_list(world: FakeWorld, stack: ListStack) -> None:
    world.phone.block(number(8))
    await stack.up([number(1), number(2)])
    assert await stack.preview([number(1), number(2)], "exclusive") == Diff(True)
    assert "is a new exclusive list and does not declare 1 contact" in world.report.warnings[-1]
    await stack.up([number(1)], "exclusive")  # replaced, because it also lets somebody go
    assert world.phone.on_list() == {number(1), number(8)}
    assert stack.outputs["foreign"] == [number(8)]


async def test_a_new_exclusive_list_warns_whom_the_next_run_would_unblock(world: FakeWorld) -> None:
    world.phone.block(number(1), number(8), number(9))
    await blocklist.announce(check_list(world, contacts=[number(1), number(2)], mode="exclusive"))
    (warning,) = world.report.warnings
    assert "does not declare 2 contacts of zapi/I1" in warning
    assert f"{number(8)}, {number(9)}" in warning
    assert "This update only blocks" in warning
    assert world.report.infos == [f"it: blocks 1: {number(2)}"]


async def test_the_preview_of_an_exclusive_list_sees_drift(world: FakeWorld, stack: ListStack) -> None:
    await stack.up([number(1), number(2)], "exclusive")
    assert await stack.preview([number(1), number(2)], "exclusive") == UNCHANGED
    world.phone.block(number(8))
    assert await stack.preview([number(1), number(2)], "exclusive") == REPLACED
    assert world.report.infos == [f"spam: unblocks 1: {number(8)}"]
    world.phone.unblock(number(8), number(2))
    assert await stack.preview([number(1), number(2)], "exclusive") == Diff(True)
    assert world.report.infos[-1] == f"spam: blocks 1: {number(2)}"
    await stack.up([number(1), number(2)], "exclusive")
    assert world.phone.on_list() == {number(1), number(2)}


async def test_a_warning_names_twenty_and_counts_the_rest(world: FakeWorld) -> None:
    world.phone.block(*numbers(27))
    await blocklist.announce(check_list(world, contacts=[], mode="exclusive"))
    assert f"{number(19)} and 7 more" in world.report.warnings[0]


async def test_strangers_are_shown_and_never_owned(world: FakeWorld, stack: ListStack) -> None:
    await stack.up([number(1), number(2)], "exclusive")
    world.phone.block(number(8), number(9))
    for _ in range(3):  # however often it is refreshed
        outputs = await stack.refresh()
        assert outputs["foreign"] == [number(8), number(9)]
        assert set(outputs["contacts"]) == {number(1), number(2)}
    await stack.destroy()
    assert world.phone.on_list() == {number(8), number(9)}


async def test_a_stranger_who_is_declared_becomes_owned(world: FakeWorld, stack: ListStack) -> None:
    world.phone.block(number(8))
    await stack.up([number(1)], "exclusive")
    await stack.up([number(1), number(8)], "exclusive")
    assert stack.outputs["foreign"] == []
    await stack.destroy()
    assert world.phone.on_list() == set()


async def test_a_list_that_becomes_additive_leaves_strangers(world: FakeWorld, stack: ListStack) -> None:
    await stack.up([number(1), number(2)], "exclusive")
    world.phone.block(number(8))
    await stack.up([number(1)], "additive")
    assert world.phone.on_list() == {number(1), number(8)}
    await stack.destroy()
    assert world.phone.on_list() == {number(8)}


async def test_an_exclusive_list_that_is_taken_out_of_the_program_leaves_strangers(
    world: FakeWorld, stack: ListStack
) -> None:
    await stack.up([number(1)], "exclusive")
    world.phone.block(number(8))
    await stack.destroy()
    assert world.phone.on_list() == {number(8)}


async def test_a_stranger_whom_the_preview_did_not_name_stays(world: FakeWorld, stack: ListStack) -> None:
    world.phone.block(number(8))
    await stack.up([number(1)], "exclusive")
    news, accounts = list_news([number(1)], "exclusive"), world.accounts()
    declare(accounts, news)
    await stack.deploy(news, accounts)
    world.phone.block(number(9))  # meanwhile
    await stack.delete_left(accounts)
    assert world.phone.on_list() == {number(1), number(9)}


async def test_a_replaced_list_that_is_left_over_names_no_stranger(world: FakeWorld, stack: ListStack) -> None:
    """A run that stopped before its deletes; the next one compares a list that has nothing to let go."""
    await stack.up([number(1), number(2)], "exclusive")
    news, accounts = list_news([number(1)], "exclusive"), world.accounts()
    declare(accounts, news)
    await stack.deploy(news, accounts)
    await stack.up([number(1)], "exclusive")
    assert world.phone.on_list() == {number(1)}
    assert stack.left == []


async def test_whom_a_left_over_list_owns_is_unblocked_once_however_a_listing_spells_them(
    world: FakeWorld, stack: ListStack
) -> None:
    world.phone.wa_ids = {ANN: SHORT_ANN}
    await stack.up([number(1), ANN], "exclusive")
    news, accounts = list_news([number(1)], "exclusive"), world.accounts()
    declare(accounts, news)
    await stack.deploy(news, accounts)
    await stack.up([number(1)], "exclusive")
    assert world.phone.sent("unblock") == [ANN]
    assert world.phone.on_list() == {number(1)}


async def test_a_refused_contact_holds_no_stranger_back(world: FakeWorld, stack: ListStack) -> None:
    """They are not on the list by whatever name, so no stranger may be them; also where they are not reached again."""
    world.phone.refused = {number(2): refused()}
    world.phone.block(number(8))
    await stack.up([number(1)], "exclusive")
    await stack.up([number(1), number(2)], "exclusive", allowFailures=True)
    assert stack.failed() == {number(2): "refused"}
    assert world.phone.on_list() == {number(1)}

    world.phone.block(number(9))
    world.phone.faults = [Unavailable("closed")]
    await stack.up([number(1), number(2)], "exclusive", allowFailures=True)
    assert stack.failed() == {number(2): "pending"}
    assert world.phone.on_list() == {number(1)}


async def test_strangers_that_vanish_raise_no_alarm(world: FakeWorld, stack: ListStack) -> None:
    await stack.up([number(1)], "exclusive")
    others = [number(index) for index in range(20, 30)]
    world.phone.block(*others)
    await stack.refresh()
    world.phone.unblock(*others)
    assert (await stack.refresh())["contacts"] == {number(1): ""}
    assert stack.outputs["foreign"] == []


async def test_an_odd_wa_id_is_not_unblocked_as_a_stranger(world: FakeWorld, stack: ListStack) -> None:
    # already blocked under an id that nobody knows belongs to the declared number
    world.phone.wa_ids = {number(1): ODD}
    world.phone.block(number(1))
    outputs = await stack.up([number(1)], "exclusive")
    assert outputs["foreign"] == []
    assert await stack.preview([number(1)], "exclusive") == UNCHANGED
    await stack.up([number(1), number(2)], "exclusive")
    await stack.up([number(1)], "exclusive")
    assert world.phone.on_list() == {ODD}


async def test_a_known_wa_id_is_not_unblocked_for_another_resource(world: FakeWorld, stack: ListStack) -> None:
    world.phone.wa_ids = {number(1): number(2)}
    await stack.up([number(1)])
    other = ListStack(world, "other")
    await other.up([number(2)])
    accounts = world.accounts()
    declare(accounts, list_news([number(1)]))
    await blocklist.diff(stack.outputs, list_news([number(1)]), accounts)
    await blocklist.delete(other.id, other.outputs, accounts)
    assert world.phone.on_list() == {number(2)}


@pytest.mark.parametrize("listed", ["+5299947911120001", "184467440737@lid"])
@pytest.mark.parametrize("lost_answer", [True, False])
async def test_a_stranger_who_may_be_somebody_declared_stays(
    world: FakeWorld, stack: ListStack, monkeypatch: pytest.MonkeyPatch, listed: str, lost_answer: bool
) -> None:
    """The declared contact is held, and no listing shows it by a known name."""
    declared, maybe, stranger = number(1), Contact(listed), number(8)
    monkeypatch.setattr(Fake, "_told", lambda *_: NOBODY)
    world.phone.block(maybe, stranger)
    await stack.up([declared], "exclusive")
    world.phone.unblock(declared)
    if lost_answer:
        stack.outputs["failed"] = {declared: {"state": "unknown", "why": "lost"}}
        world.phone.faults = [lost()] * 9
        world.tuning = {"max_retries": 1}
    await stack.up([declared], "exclusive")
    assert maybe in world.phone.on_list()
    assert (stranger in world.phone.on_list()) == lost_answer, "after a lost answer any stranger may be it"


async def test_a_stranger_is_let_go_where_the_list_has_everybody(
    world: FakeWorld, stack: ListStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    lid = Contact("184467440737@lid")
    world.can = replace(world.can, takes_lid=True)
    monkeypatch.setattr(Fake, "_told", lambda *_: NOBODY)
    world.phone.block(number(8), lid)
    await stack.up([number(1)], "exclusive")
    await stack.up([number(1)], "exclusive")
    assert world.phone.on_list() == {number(1)}


async def test_an_exclusive_list_that_cannot_be_read_touches_nobody(world: FakeWorld, stack: ListStack) -> None:
    await stack.up([number(1)], "exclusive")
    world.phone.block(number(8))
    world.phone.listing_faults = [AnswerLost("down")] * 9
    with pytest.raises(AnswerLost):
        await stack.up([number(2)], "exclusive")
    assert world.phone.on_list() == {number(1), number(8)}


async def test_what_was_blocked_is_recorded_though_strangers_cannot_be_named(
    world: FakeWorld, stack: ListStack
) -> None:
    world.phone.lost = [lost()]
    world.phone.listing_faults = [None, Unavailable("down"), Unavailable("down")]
    outputs = await stack.up([number(1)], "exclusive")
    assert stack.failed() == {number(1): "unknown"}
    assert outputs["foreign"] == []


async def test_who_is_let_go_of_is_no_stranger_in_whatsapps_spelling(world: FakeWorld, stack: ListStack) -> None:
    world.phone.wa_ids = {ANN: SHORT_ANN}
    await stack.up([ANN, number(1)], "exclusive")
    world.tuning = {"max_unblocks": 1}
    assert await stack.preview([number(1)], "exclusive") == REPLACED
    assert world.report.infos == [f"spam: unblocks 1: {ANN}"]
    await stack.up([number(1)], "exclusive")
    assert world.phone.sent("unblock") == [ANN]
    assert stack.outputs["foreign"] == []


async def test_strangers_count_for_max_unblocks(world: FakeWorld, stack: ListStack) -> None:
    world.phone.block(number(8), number(9))
    await stack.up([number(1)], "exclusive")
    world.tuning = {"max_unblocks": 1}
    with pytest.raises(TooManyUnblocks):
        await stack.preview([number(1)], "exclusive")


# -- whatever happens


_PEOPLE = st.sets(st.integers(0, 8))  # a longer list may not be emptied at once
_PASSING = ["", "", "before", "after", "down"]
_FAULTS = st.lists(st.sampled_from([*_PASSING, "refused"]), max_size=6)


def _set_faults(world: FakeWorld, faults: Sequence[str]) -> None:
    errors = {"before": lost(), "refused": refused(), "down": Unavailable("down")}
    world.phone.faults = [errors.get(fault) for fault in faults]
    world.phone.lost = [lost() if fault == "after" else None for fault in faults]


@given(_PEOPLE, st.lists(st.tuples(_PEOPLE, _FAULTS), min_size=1, max_size=4), st.booleans(), st.booleans())
def test_after_any_runs_the_phone_is_as_declared(
    others: set[int], steps: list[tuple[set[int], list[str]]], exclusive: bool, linked: bool
) -> None:
    """Faults that pass are over by the last runs; then the live list equals or contains what is declared."""
    world = FakeWorld()
    if linked:
        world.can, exclusive = LINKED, False
    world.phone.block(*map(number, others))
    stack, mode = ListStack(world), "exclusive" if exclusive else "additive"
    touched: set[Contact] = set()

    async def live() -> None:
        for people, faults in [*steps, (steps[-1][0], []), (steps[-1][0], [])]:
            _set_faults(world, faults)
            touched.update(map(number, people))
            try:
                await stack.up([number(index) for index in sorted(people)], mode)
            except WhatsAppError:
                assert faults

    run(live())
    declared, strangers = set(map(number, steps[-1][0])), set(map(number, others))
    assert (stack.failed(), stack.left) == ({}, [])
    assert declared <= world.phone.on_list()
    if exclusive:
        assert world.phone.on_list() == declared
    else:
        assert strangers - touched <= world.phone.on_list()  # who was never declared was never touched
    run(stack.destroy())
    assert not declared & world.phone.on_list()


_RUN = st.tuples(_PEOPLE, _PEOPLE, _PEOPLE, st.lists(st.sampled_from(_PASSING), max_size=6), st.booleans())


@given(_PEOPLE, st.lists(_RUN, min_size=1, max_size=4), st.booleans())
def test_nobody_who_is_declared_is_unblocked_and_nobody_who_is_blocked_by_us_is_forgotten(
    others: set[int], steps: list[tuple[set[int], set[int], set[int], list[str], bool]], linked: bool
) -> None:
    """Two lists pass contacts to each other, in any order and with any faults; some runs stop before their deletes.

    Who is refused is so in blocks alone: a refusal to unblock is the one thing that ends in a warning.
    """
    world = FakeWorld()
    world.tuning = {"max_retries": 1}
    if linked:
        world.can = LINKED
    world.phone.block(*map(number, others))
    stacks = ListStack(world, "one"), ListStack(world, "two")
    ever: set[Contact] = set()

    def ours() -> set[Contact]:
        states = [each.outputs for each in stacks] + [outputs for each in stacks for _, outputs in each.left]
        return {
            contact
            for outputs in states
            for contact in outputs.get("contacts", ())
            if outputs["failed"].get(contact, {}).get("state") not in {"refused", "pending"}
        }

    async def live(first: set[int], second: set[int], no: set[int], faults: Sequence[str], backwards: bool) -> None:
        accounts = world.accounts()
        both = (
            list_news([number(index) for index in sorted(first)]),
            list_news([number(i) for i in sorted(second - first)]),
        )
        _set_faults(world, faults)
        for each, news in zip(stacks, both, strict=True):
            declare(accounts, news, each.name)
        ever.update(both[0]["contacts"], both[1]["contacts"])
        before = world.phone.on_list()
        pairs = list(zip(stacks, both, strict=True))
        world.phone.refused = {number(index): refused() for index in no}
        stopped = False
        for each, news in reversed(pairs) if backwards else pairs:
            try:
                await each.deploy(news, accounts)
            except WhatsAppError:
                stopped = True
        assert before <= world.phone.on_list(), "only a delete unblocks"
        world.phone.refused = {}
        for each in () if stopped else stacks:
            try:
                await each.delete_left(accounts)
            except WhatsAppError:
                assert faults or no
        declared = {*both[0]["contacts"], *both[1]["contacts"]}
        assert before & declared <= world.phone.on_list(), "nobody who is declared is unblocked"
        by_us = world.phone.on_list() & ever - set(map(number, others))
        assert by_us <= ours(), "nobody who is blocked by us is forgotten"

    for step in steps:
        run(live(*step))
    run(live(steps[-1][0], steps[-1][1], set(), [], False))
    for each in stacks:
        run(each.destroy())
    assert world.phone.on_list() <= set(map(number, others))


# -- work


@pytest.mark.parametrize("mode", ["additive", "exclusive"])
async def test_the_work_grows_with_the_list_and_not_with_its_square(mode: str) -> None:
    """Counted in calls of functions: eight times the contacts are little more than eight times the calls."""

    async def calls(size: int) -> int:
        world, count = FakeWorld(), 0
        world.can = replace(LISTING, max_blocked=100 * size)
        world.tuning = {"accept_shrink": True, "accept_vanished": True}
        stack, both = ListStack(world), numbers(2 * size)
        await stack.up(both[:size], mode)
        world.phone.unblock(both[0])
        for stranger in range(size):
            world.phone.block(number(5 * size + stranger))

        def called(_frame: object, event: str, _argument: object) -> None:
            nonlocal count
            count += event in {"call", "c_call"}

        sys.setprofile(called)
        try:
            await stack.preview(both[size:], mode)
            await stack.up(both[size:], mode)
            await stack.refresh()
            await stack.destroy()
        finally:
            sys.setprofile(None)
        return count

    few, many = await calls(50), await calls(400)
    assert many < 10 * few
