"""Changes to a block list end in a known state, whatever gets lost on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_whatsapp.account.account import Account
from pulumi_whatsapp.account.change import Action, Result
from pulumi_whatsapp.errors import (
    GatewayError,
    ListChanged,
    NotConnected,
    RateLimited,
    TooManyUnblocks,
    Unauthorized,
    Unavailable,
)
from pulumi_whatsapp.gateways.base import Capabilities, Outcome, Page
from pulumi_whatsapp.phone import identity

from .clock import now, run
from .fake import LINKED, LISTING, World, changed, lost, number, numbers, refused


async def _change(account: Account, action: Action, contacts: Sequence[str]) -> dict[str, Result]:
    return await account.change(action, {contact: identity(contact) for contact in contacts})


def _states(results: dict[str, Result]) -> list[str]:
    return [result.state for result in results.values()]


# -- listing


async def test_a_list_is_read_once_for_all_who_wait(world: World) -> None:
    world.phone.block(*numbers(5))
    world.phone.delay = 1
    account = world.open()
    lists = await asyncio.gather(*(account.blocked() for _ in range(10)))
    assert all(set(live.values()) == set(numbers(5)) for live in lists)
    assert world.phone.asked("list") == 3


async def test_own_changes_are_seen_without_reading_again(world: World) -> None:
    world.phone.block(number(1))
    account = world.open()
    await account.blocked()
    await _change(account, "block", [number(2)])
    await _change(account, "unblock", [number(1)])
    assert set((await account.blocked()).values()) == {number(2)}
    assert world.phone.asked("list") == 1


async def test_a_fresh_list_is_read_again(world: World) -> None:
    account = world.open()
    assert await account.blocked() == {}
    world.phone.block(number(1))
    assert await account.blocked() == {}
    assert set((await account.blocked(fresh=True)).values()) == {number(1)}


async def test_a_list_that_changed_meanwhile_is_read_from_the_start(world: World) -> None:
    world.phone.block(*numbers(5))
    world.phone.listing_faults = [None, changed(), None, None, changed()]
    assert set((await world.open().blocked()).values()) == set(numbers(5))
    assert [call[1] for call in world.phone.calls] == [None, "2", None, "2", "4", None, "2", "4"]


async def test_a_list_that_keeps_changing_is_given_up(world: World) -> None:
    world.phone.listing_faults = [changed()] * 50
    with pytest.raises(ListChanged):
        await world.open().blocked()
    assert world.phone.asked("list") == 5


async def test_a_page_that_fails_is_no_end_of_the_list(world: World) -> None:
    world.phone.block(*numbers(5))
    world.phone.listing_faults = [None, Unavailable("down")]
    account = world.open()
    with pytest.raises(Unavailable):
        await account.blocked()
    assert set((await account.blocked()).values()) == set(numbers(5))


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        ([Page([number(1)], "a"), Page([], "b"), Page([number(2)], None)], 2),  # an empty page that leads on
        ([Page([number(1)], "a"), Page([number(2)], "a")], 2),  # a repeated cursor
        ([Page([number(1)], "a"), Page([number(2)], "b"), Page([number(3)], "a")], 3),
        ([Page([], None)], 0),
    ],
)
async def test_a_list_ends_without_a_new_cursor(
    world: World, monkeypatch: pytest.MonkeyPatch, pages: list[Page], found: int
) -> None:
    account = world.open()

    async def next_page(_: str | None) -> Page:
        return pages.pop(0)

    monkeypatch.setattr(account.gateway, "blocked_page", next_page)
    assert len(await account.blocked()) == found
    assert not pages


# -- the usual case


@pytest.mark.parametrize("action", ["block", "unblock"])
async def test_contacts_go_in_batches_and_everybody_ends_done(world: World, action: Action) -> None:
    contacts = numbers(8)
    if action == "unblock":
        world.phone.block(*contacts)
    results = await _change(world.open(), action, contacts)
    assert list(results) == contacts or set(results) == set(contacts)
    assert set(_states(results)) == {"done"}
    assert [len(call[1]) for call in world.phone.calls if call[0] == action] == [3, 3, 2]
    assert world.phone.on_list() == (set(contacts) if action == "block" else set())


async def test_who_is_so_already_is_not_sent(world: World) -> None:
    world.phone.block(number(1), "+551187654321")
    results = await _change(world.open(), "block", [number(1), number(2), "+5511987654321"])
    assert world.phone.sent("block") == [number(2)]
    assert results["+5511987654321"].wa_id == "+551187654321"


async def test_who_is_not_blocked_is_unblocked_all_the_same(world: World) -> None:
    world.phone.block(number(1), "+551187654321")
    results = await _change(world.open(), "unblock", [number(3), "+5511987654321"])
    assert set(_states(results)) == {"done"}
    assert world.phone.on_list() == {number(1)}


async def test_nothing_to_do_asks_nobody(world: World) -> None:
    assert await _change(world.open(), "block", []) == {}
    assert world.phone.calls == []


async def test_a_missing_contact_is_looked_for_twice_before_it_counts_as_unblocked(world: World) -> None:
    world.phone.block(number(1))
    world.phone.hidden = {identity(number(1))}
    account = world.open()
    await account.blocked()
    world.phone.hidden = set()  # the first listing was short
    results = await _change(account, "unblock", [number(1)])
    assert _states(results) == ["done"]
    assert world.phone.on_list() == set()


async def test_a_list_that_cannot_be_read_sends_nothing(world: World) -> None:
    world.phone.listing_faults = [Unauthorized("401")]
    results = await _change(world.open(), "block", numbers(2))
    assert _states(results) == ["pending", "pending"]
    assert isinstance(results[number(0)].error, Unauthorized)
    assert world.phone.asked("block") == 0


# -- failures


async def test_a_refusal_concerns_its_contact_only(world: World) -> None:
    world.phone.refused = {number(1): refused()}
    results = await _change(world.open(), "block", numbers(4))
    assert _states(results) == ["done", "refused", "done", "done"]
    assert world.phone.on_list() == {number(0), number(2), number(3)}


async def test_nobody_who_is_on_the_list_is_called_refused(world: World) -> None:
    account = world.open()
    await account.blocked()
    world.phone.block(number(1))  # by hand, meanwhile
    world.phone.refused = {number(1): refused("131047")}
    assert _states(await _change(account, "block", [number(1)])) == ["done"]


@pytest.mark.parametrize(
    "error", [Unauthorized("401"), NotConnected("no phone"), RateLimited("429"), Unavailable("no")]
)
@pytest.mark.parametrize("linked", [True, False])
async def test_what_concerns_the_whole_account_stops_the_rest(world: World, error: GatewayError, linked: bool) -> None:
    if linked:
        world.can = LINKED
    world.tuning = {"max_concurrency": 1}
    world.phone.faults = [None, error]
    results = await _change(world.open(), "block", numbers(9))
    done = 1 if linked else 3
    assert _states(results) == ["done"] * done + ["pending"] * (9 - done)
    assert all(result.error is error for result in results.values() if result.state == "pending")
    assert world.phone.asked("block") == 2


@pytest.mark.parametrize("action", ["block", "unblock"])
async def test_a_request_that_is_refused_and_not_for_its_contact_leaves_the_contact_pending(
    world: World, action: Action
) -> None:
    world.can = LINKED
    error = GatewayError("HTTP 400: no")
    world.phone.faults = [None, error]
    results = await _change(world.open(), action, numbers(4))
    assert sorted(_states(results)) == ["done", "done", "done", "pending"]
    assert world.phone.asked(action) == 4


async def test_nothing_goes_on_when_every_request_is_refused(world: World) -> None:
    world.can = LINKED
    world.tuning = {"max_concurrency": 1}
    world.phone.faults = [None, *[GatewayError("HTTP 402: pay")] * 30]
    results = await _change(world.open(), "unblock", numbers(30))
    assert _states(results) == ["done"] + ["pending"] * 29
    assert world.phone.asked("unblock") == 11


async def test_what_a_row_says_of_the_whole_account_stops_the_rest_too(world: World) -> None:
    limited = RateLimited("130429", code=130429)
    world.phone.refused = {number(1): limited}
    results = await _change(world.open(), "block", numbers(9))
    assert _states(results) == ["done", "pending", "done", *["pending"] * 6]
    assert world.phone.asked("block") == 1


# -- lost answers


@pytest.mark.parametrize("action", ["block", "unblock"])
async def test_a_lost_answer_is_settled_by_listing_and_not_sent_again(world: World, action: Action) -> None:
    contacts = numbers(7)
    if action == "unblock":
        world.phone.block(*contacts)
    world.phone.lost = [None, lost()]  # the second batch was done all the same
    results = await _change(world.open(), action, contacts)
    assert set(_states(results)) == {"done"}
    assert sorted(world.phone.sent(action)) == contacts
    assert world.phone.on_list() == (set(contacts) if action == "block" else set())


@pytest.mark.parametrize("action", ["block", "unblock"])
async def test_what_was_lost_before_it_was_done_is_sent_again(world: World, action: Action) -> None:
    contacts = numbers(7)
    if action == "unblock":
        world.phone.block(*contacts)
    world.phone.faults = [None, lost()]
    results = await _change(world.open(), action, contacts)
    assert set(_states(results)) == {"done"}
    assert world.phone.on_list() == (set(contacts) if action == "block" else set())
    assert max(world.phone.sent(action).count(contact) for contact in contacts) == 2


async def test_one_short_listing_does_not_settle_an_unblock_whose_answer_was_lost(world: World) -> None:
    world.phone.block(*numbers(2))
    world.phone.faults = [lost()]
    world.phone.hidden, world.phone.short = {identity(number(1))}, 1
    assert set(_states(await _change(world.open(), "unblock", numbers(2)))) == {"done"}
    assert world.phone.on_list() == set()


async def test_one_short_listing_does_not_settle_an_unblock_that_was_refused(world: World) -> None:
    world.phone.block(number(1))
    world.phone.refused = {number(1): refused()}
    world.phone.hidden, world.phone.short = {identity(number(1))}, 1
    assert _states(await _change(world.open(), "unblock", [number(1)])) == ["refused"]


@pytest.mark.parametrize("can", [LISTING, LINKED], ids=["listing", "one a call"])
@pytest.mark.parametrize("action", ["block", "unblock"])
async def test_what_was_confirmed_is_known_whatever_else_goes_wrong(
    world: World, monkeypatch: pytest.MonkeyPatch, can: Capabilities, action: Action
) -> None:
    world.can = can
    contacts = numbers(7)
    if action == "unblock":
        world.phone.block(*contacts)
    account = world.open()
    await account.blocked() if can.lists_blocked else None
    send, requests = getattr(account.gateway, action), 0

    async def faulty(batch: Sequence[str]) -> list[Outcome]:
        nonlocal requests
        requests += 1
        if requests > 1:
            monkeypatch.setattr(account.gateway, "blocked_page", lambda _: 1 / 0)
            raise KeyError("a field")
        return await send(batch)  # type: ignore[no-any-return]

    monkeypatch.setattr(account.gateway, action, faulty)
    results = await _change(account, action, contacts)
    done = {contact for contact, result in results.items() if result.state == "done"}
    assert done == (world.phone.on_list() if action == "block" else set(contacts) - world.phone.on_list())
    assert len(done) == can.batch_size
    assert {result.state for contact, result in results.items() if contact not in done} <= {"unknown", "pending"}
    (why,) = {str(result.error) for result in results.values() if result.state == "unknown"}
    assert "KeyError: 'a field'" in why


async def test_nothing_more_is_sent_before_a_lost_answer_is_settled(world: World) -> None:
    world.phone.lost = [lost()]
    await _change(world.open(), "block", numbers(6))
    assert [call[0] for call in world.phone.calls][:3] == ["list", "block", "list"]


async def test_answers_that_keep_getting_lost_end_unknown(world: World) -> None:
    world.tuning = {"max_retries": 2}
    world.phone.faults = [lost()] * 20
    results = await _change(world.open(), "block", numbers(4))
    assert _states(results) == ["unknown"] * 3 + ["pending"]
    assert all(result.error is not None for result in results.values())
    assert world.phone.asked("block") == 3


async def test_no_wait_follows_the_last_try(world: World) -> None:
    world.tuning = {"max_retries": 0}
    world.phone.faults = [lost()]
    started = now()
    await _change(world.open(), "block", numbers(1))
    assert now() == started


async def test_a_lost_answer_that_no_list_can_settle_stays_unknown(world: World) -> None:
    world.phone.lost = [lost()]
    world.phone.listing_faults = [None, Unavailable("down")]
    results = await _change(world.open(), "block", numbers(5))
    assert _states(results) == ["unknown"] * 3 + ["pending"] * 2
    assert world.phone.asked("block") == 1


async def test_without_a_list_a_lost_answer_stays_unknown_and_the_rest_pending(world: World) -> None:
    world.can = LINKED
    world.tuning = {"max_concurrency": 1}
    world.phone.faults = [None, lost()]
    results = await _change(world.open(), "block", numbers(4))
    assert _states(results) == ["done", "unknown", "pending", "pending"]
    assert world.phone.asked("block") == 2


_FAULTS = st.lists(st.sampled_from(["", "", "before", "after", "refused"]), max_size=8)


@given(
    st.sets(st.integers(0, 11)),
    st.sets(st.integers(0, 11), max_size=8),
    st.sampled_from(["block", "unblock"]),
    _FAULTS,
    st.integers(1, 4),
)
def test_a_result_never_contradicts_the_phone(
    live: set[int], asked: set[int], action: Action, faults: list[str], retries: int
) -> None:
    world = World()
    world.tuning = {"max_retries": retries}
    world.phone.block(*map(number, live))
    world.phone.faults = [
        lost() if fault == "before" else refused() if fault == "refused" else None for fault in faults
    ]
    world.phone.lost = [lost() if fault == "after" else None for fault in faults]
    contacts = [number(index) for index in sorted(asked)]
    results = run(_change(world.open(), action, contacts))
    assert set(results) == set(contacts)
    for contact, result in results.items():
        so = (contact in world.phone.on_list()) == (action == "block")
        if result.state == "done":
            assert so
        elif result.state == "refused":
            assert not so
    others = set(map(number, live)) - set(contacts)
    assert others <= world.phone.on_list() <= others | set(contacts)


# -- time, concurrency and exclusion


async def test_a_call_ends_after_its_time_budget(world: World) -> None:
    world.can = LINKED
    world.tuning = {"time_budget": 60, "max_concurrency": 1}
    world.phone.delay = 7
    results = await _change(world.open(), "block", numbers(20))
    assert _states(results) == ["done"] * 9 + ["pending"] * 11
    assert all(result.error is None for result in results.values())
    assert now() == 63


@pytest.mark.parametrize("most", [1, 3, 8])
async def test_so_many_requests_are_under_way_at_once_and_no_more(world: World, most: int) -> None:
    world.can = LINKED
    world.tuning = {"max_concurrency": most}
    world.phone.delay = 1
    account = world.open()
    await asyncio.gather(*(_change(account, "block", numbers(30)[start : start + 10]) for start in (0, 10, 20)))
    assert world.phone.most_writing == most
    assert len(world.phone.on_list()) == 30


async def test_batches_go_one_after_the_other(world: World) -> None:
    world.phone.delay = 1
    await _change(world.open(), "block", numbers(9))
    assert world.phone.most_writing == 1


async def test_listing_and_writing_exclude_each_other(world: World) -> None:
    # the fake gateway fails when they overlap
    world.phone.block(*numbers(9))
    world.phone.delay = 1
    account = world.open()

    async def reread() -> None:
        for _ in range(5):
            await account.blocked(fresh=True)
            await asyncio.sleep(0.5)

    contacts = [number(index) for index in range(20, 50)]
    await asyncio.gather(reread(), _change(account, "block", contacts), _change(account, "unblock", numbers(9)))
    assert world.phone.on_list() == set(contacts)
    assert set((await account.blocked()).values()) == set(contacts)


async def test_progress_is_told(world: World) -> None:
    world.phone.delay = 1
    await _change(world.open(), "block", numbers(9))
    assert "blocking contacts of zapi/I1: 6/9" in world.report.statuses


# -- claims and the budget


def test_who_is_held_is_known_by_its_number_and_by_its_own_id(world: World) -> None:
    claims = world.open().claims
    claims.declare([number(1)])
    assert claims.awaits(number(1), identity(number(1)))
    claims.hold({number(1): identity(number(2))})
    assert not claims.awaits(number(1), identity(number(1)))
    assert not claims.awaits(number(1), identity(number(2)))


def test_who_is_held_before_anybody_declares_it_is_still_awaited(world: World) -> None:
    """A refresh has resources compared that the run ends after it."""
    claims = world.open().claims
    claims.hold({number(1): identity(number(1))})
    claims.declare([number(1)])
    assert claims.awaits(number(1), identity(number(1)))


async def test_nobody_whom_the_run_declares_is_unblocked(world: World) -> None:
    world.phone.block(*numbers(3))
    account = world.open()
    account.claims.declare([number(1)])
    results = await _change(account, "unblock", numbers(3))
    assert {contact: result.state for contact, result in results.items()} == {
        number(0): "done",
        number(1): "claimed",
        number(2): "done",
    }
    assert world.phone.on_list() == {number(1)}


async def test_who_was_blocked_in_this_run_is_not_unblocked_in_any_spelling(world: World) -> None:
    account = world.open()
    await _change(account, "block", ["+5511987654321"])
    assert _states(await _change(account, "unblock", ["+551187654321"])) == ["claimed"]
    assert len(world.phone.on_list()) == 1


async def test_the_id_that_whatsapp_gave_a_declared_contact_is_not_unblocked_either(world: World) -> None:
    world.phone.wa_ids = {number(1): "+999000111222"}
    account = world.open()
    await _change(account, "block", [number(1)])
    assert _states(await _change(account, "unblock", ["+999000111222"])) == ["claimed"]
    assert world.phone.on_list() == {"+999000111222"}


async def test_who_is_declared_while_others_are_unblocked_is_left_out(world: World) -> None:
    account = world.open()
    contacts = [*numbers(6), number(9)]
    world.phone.block(*contacts)
    world.phone.delay = 1
    unblocks = asyncio.create_task(_change(account, "unblock", contacts))
    await asyncio.sleep(0.5)
    blocked = await _change(account, "block", [number(9)])
    assert _states(blocked) == ["done"]
    assert (await unblocks)[number(9)].state == "claimed"
    assert world.phone.on_list() == {number(9)}
    assert number(9) not in world.phone.sent("unblock")


@pytest.mark.parametrize("can", [LISTING, LINKED], ids=["listing", "one a call"])
async def test_who_is_being_unblocked_is_blocked_after_that(world: World, can: Capabilities) -> None:
    world.can = can
    world.tuning = {"max_concurrency": 1}
    account = world.open()
    world.phone.block(number(1))
    world.phone.delay = 3
    if can.lists_blocked:
        await account.blocked()
    unblock = asyncio.create_task(_change(account, "unblock", [number(1)]))
    await asyncio.sleep(1)
    blocked = await _change(account, "block", [number(1)])
    assert (_states(blocked), _states(await unblock)) == (["done"], ["done"])
    assert world.phone.on_list() == {number(1)}


@pytest.mark.parametrize("can", [LISTING, LINKED], ids=["listing", "one a call"])
async def test_who_is_being_unblocked_under_whatsapps_own_id_is_blocked_after_that(
    world: World, can: Capabilities
) -> None:
    world.can = can
    world.phone.wa_ids = {number(1): "+999000111222"}
    world.phone.block(number(1))
    account = world.open()
    if can.lists_blocked:
        await account.blocked()
    world.phone.delay = 3
    unblock = asyncio.create_task(account.change("unblock", {number(1): identity("999000111222")}))
    await asyncio.sleep(1)
    world.phone.delay = 0
    await _change(account, "block", [number(1)])
    await unblock
    assert world.phone.on_list() == {"+999000111222"}


async def test_a_block_does_not_trust_a_list_from_before_an_unblock_whose_answer_was_lost(world: World) -> None:
    account = world.open()
    world.phone.block(number(1))
    world.phone.delay = 3
    world.phone.lost = [lost()]
    await account.blocked()
    unblock = asyncio.create_task(_change(account, "unblock", [number(1)]))
    await asyncio.sleep(1)
    blocked = await _change(account, "block", [number(1)])
    await unblock
    assert _states(blocked) == ["done"]
    assert world.phone.on_list() == {number(1)}


async def test_a_known_id_finds_a_contact_on_the_list(world: World) -> None:
    world.phone.wa_ids = {number(1): "+999000111222"}
    world.phone.block(number(1))
    results = await world.open().change("unblock", {number(1): "999000111222"})
    assert _states(results) == ["done"]
    assert world.phone.on_list() == set()


async def test_the_unblocks_of_a_run_add_up(world: World) -> None:
    world.tuning = {"max_unblocks": 3}
    account = world.open()
    account.claims.declare([number(9)])
    account.allow_unblocks({number(1): "1", number(9): identity(number(9))})
    account.allow_unblocks({number(2): "2", number(3): "3"})
    with pytest.raises(TooManyUnblocks, match=r"after 3 in this run.*maxUnblocks is 3.*WHATSAPP_MAX_UNBLOCKS"):
        account.allow_unblocks({number(4): "4"})
    account.allow_unblocks({})
