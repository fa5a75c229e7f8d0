"""Changes to a block list end in a known state, whatever gets lost on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_whatsapp.account import sending
from pulumi_whatsapp.account.account import Account
from pulumi_whatsapp.account.sending import Action
from pulumi_whatsapp.errors import (
    GatewayError,
    NotConnected,
    NotReached,
    RateLimited,
    Unauthorized,
    Unavailable,
)
from pulumi_whatsapp.gateways.base import Capabilities
from pulumi_whatsapp.names import USER_ID, Contact, Person, key_of, person_called
from pulumi_whatsapp.outcome import Outcome, State

from .clock import now, run
from .fake import LINKED, LISTING, FakeWorld, lost, named, number, numbers, refused, user_id

ANN, SHORT_ANN = Contact("+5511987654321"), Contact("+551187654321")


async def _change(account: Account, action: Action, contacts: Sequence[Contact]) -> dict[Contact, Outcome]:
    if action == "block":
        return await sending.block(account, named(contacts))
    return await sending.unblock(account, named(contacts), {})


def _on_record(account: Account, people: Mapping[Contact, Person]) -> None:
    known = {key_of(contact): person for contact, person in people.items()}
    account.claims.compared(known, known.__getitem__, (), (), ())


def _states(outcomes: Mapping[Contact, Outcome]) -> list[str]:
    return [outcome.state.value for outcome in outcomes.values()]


# -- the usual case


@pytest.mark.parametrize("action", ["block", "unblock"])
async def test_contacts_go_in_batches_and_everybody_ends_done(world: FakeWorld, action: Action) -> None:
    contacts = numbers(8)
    if action == "unblock":
        world.phone.block(*contacts)
    results = await _change(world.open(), action, contacts)
    assert list(results) == contacts or set(results) == set(contacts)
    assert set(_states(results)) == {"done"}
    assert [len(call[1]) for call in world.phone.calls if call[0] == action] == [3, 3, 2]
    assert world.phone.on_list() == (set(contacts) if action == "block" else set())


async def test_who_is_blocked_already_is_not_sent(world: FakeWorld) -> None:
    world.phone.block(number(1), SHORT_ANN)
    results = await _change(world.open(), "block", [number(1), number(2), ANN])
    assert world.phone.sent("block") == [number(2)]
    assert results[ANN].person.number == "+551187654321"


async def test_who_is_not_blocked_is_unblocked_all_the_same(world: FakeWorld) -> None:
    world.phone.block(number(1), SHORT_ANN)
    results = await _change(world.open(), "unblock", [number(3), ANN])
    assert set(_states(results)) == {"done"}
    assert world.phone.on_list() == {number(1)}


async def test_nothing_to_do_asks_nobody(world: FakeWorld) -> None:
    assert await _change(world.open(), "block", []) == {}
    assert world.phone.calls == []


@pytest.mark.parametrize("can", [LISTING, LINKED], ids=["listing", "one a call"])
async def test_who_is_on_record_costs_no_request_and_keeps_its_id(world: FakeWorld, can: Capabilities) -> None:
    world.can = can
    account = world.open()
    _on_record(account, {number(1): person_called("999000111222"), number(2): Person()})
    results = await _change(account, "block", [number(1), number(2)])
    assert [(result.state, result.person.number) for result in results.values()] == [
        (State.DONE, "+999000111222"),
        (State.DONE, None),
    ]
    assert world.phone.calls == []


async def test_the_record_counts_for_nothing_where_the_live_list_does(world: FakeWorld) -> None:
    account = world.open()
    _on_record(account, {number(1): Person()})
    await sending.block(account, named([number(1)]), believe_record=False)
    assert world.phone.on_list() == {number(1)}


async def test_a_list_that_cannot_be_read_sends_nothing(world: FakeWorld) -> None:
    world.phone.listing_faults = [Unauthorized("401")]
    results = await _change(world.open(), "block", numbers(2))
    assert _states(results) == ["pending", "pending"]
    assert isinstance(results[number(0)].error, Unauthorized)
    assert world.phone.asked("block") == 0


# -- failures


async def test_a_refusal_concerns_its_contact_only(world: FakeWorld) -> None:
    world.phone.refused = {number(1): refused()}
    results = await _change(world.open(), "block", numbers(4))
    assert _states(results) == ["done", "refused", "done", "done"]
    assert world.phone.on_list() == {number(0), number(2), number(3)}


async def test_nobody_who_is_on_the_list_is_called_refused(world: FakeWorld) -> None:
    account = world.open()
    await account.blocked()
    world.phone.block(number(1))  # by hand, meanwhile
    world.phone.refused = {number(1): refused("131047")}
    assert _states(await _change(account, "block", [number(1)])) == ["done"]


@pytest.mark.parametrize(
    "error", [Unauthorized("401"), NotConnected("no phone"), RateLimited("429"), Unavailable("no")]
)
@pytest.mark.parametrize("linked", [True, False])
async def test_what_concerns_the_whole_account_stops_the_rest(
    world: FakeWorld, error: GatewayError, linked: bool
) -> None:
    if linked:
        world.can = LINKED
    world.tuning = {"max_concurrency": 1}
    world.phone.faults = [None, error]
    results = await _change(world.open(), "block", numbers(9))
    done = 1 if linked else 3
    assert _states(results) == ["done"] * done + ["pending"] * (9 - done)
    assert all(result.error is error for result in results.values() if result.state is State.PENDING)
    assert world.phone.asked("block") == 2


@pytest.mark.parametrize("action", ["block", "unblock"])
async def test_a_request_that_is_refused_and_not_for_its_contact_leaves_the_contact_pending(
    world: FakeWorld, action: Action
) -> None:
    world.can = LINKED
    error = GatewayError("HTTP 400: no")
    world.phone.faults = [None, error]
    results = await _change(world.open(), action, numbers(4))
    assert sorted(_states(results)) == ["done", "done", "done", "pending"]
    assert world.phone.asked(action) == 4


async def test_nothing_goes_on_when_every_request_is_refused(world: FakeWorld) -> None:
    world.can = LINKED
    world.tuning = {"max_concurrency": 1}
    world.phone.faults = [None, *[GatewayError("HTTP 402: pay")] * 30]
    results = await _change(world.open(), "unblock", numbers(30))
    assert _states(results) == ["done"] + ["pending"] * 29
    assert world.phone.asked("unblock") == 11


async def test_what_a_row_says_of_the_whole_account_stops_the_rest_too(world: FakeWorld) -> None:
    limited = RateLimited("130429", code=130429)
    world.phone.refused = {number(1): limited}
    results = await _change(world.open(), "block", numbers(9))
    assert _states(results) == ["done", "pending", "done", *["pending"] * 6]
    assert world.phone.asked("block") == 1


# -- lost answers


@pytest.mark.parametrize("action", ["block", "unblock"])
async def test_a_lost_answer_is_settled_by_listing_and_not_sent_again(world: FakeWorld, action: Action) -> None:
    contacts = numbers(7)
    if action == "unblock":
        world.phone.block(*contacts)
    world.phone.lost = [None, lost()]  # the second batch was done all the same
    results = await _change(world.open(), action, contacts)
    assert set(_states(results)) == {"done"}
    assert sorted(world.phone.sent(action)) == contacts
    assert world.phone.on_list() == (set(contacts) if action == "block" else set())


@pytest.mark.parametrize("action", ["block", "unblock"])
async def test_what_was_lost_before_it_was_done_is_sent_again(world: FakeWorld, action: Action) -> None:
    contacts = numbers(7)
    if action == "unblock":
        world.phone.block(*contacts)
    world.phone.faults = [None, lost()]
    results = await _change(world.open(), action, contacts)
    assert set(_states(results)) == {"done"}
    assert world.phone.on_list() == (set(contacts) if action == "block" else set())
    assert max(world.phone.sent(action).count(contact) for contact in contacts) == 2


async def test_one_short_listing_does_not_settle_an_unblock_whose_answer_was_lost(world: FakeWorld) -> None:
    world.phone.block(*numbers(2))
    world.phone.faults = [lost()]
    world.phone.hidden, world.phone.short = {key_of(number(1))}, 1
    assert set(_states(await _change(world.open(), "unblock", numbers(2)))) == {"done"}
    assert world.phone.on_list() == set()


async def test_one_short_listing_does_not_settle_an_unblock_that_was_refused(world: FakeWorld) -> None:
    world.phone.block(number(1))
    world.phone.refused = {number(1): refused()}
    world.phone.hidden, world.phone.short = {key_of(number(1))}, 1
    assert _states(await _change(world.open(), "unblock", [number(1)])) == ["refused"]


@pytest.mark.parametrize("can", [LISTING, LINKED], ids=["listing", "one a call"])
@pytest.mark.parametrize("action", ["block", "unblock"])
async def test_what_was_confirmed_is_known_whatever_else_goes_wrong(
    world: FakeWorld, monkeypatch: pytest.MonkeyPatch, can: Capabilities, action: Action
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
    done = {contact for contact, result in results.items() if result.state is State.DONE}
    assert done == (world.phone.on_list() if action == "block" else set(contacts) - world.phone.on_list())
    assert len(done) == can.batch_size
    assert {result.state for contact, result in results.items() if contact not in done} <= {
        State.UNKNOWN,
        State.PENDING,
    }
    (why,) = {str(result.error) for result in results.values() if result.state is State.UNKNOWN}
    assert "KeyError: 'a field'" in why


async def test_nothing_more_is_sent_before_a_lost_answer_is_settled(world: FakeWorld) -> None:
    world.phone.lost = [lost()]
    await _change(world.open(), "block", numbers(6))
    assert [call[0] for call in world.phone.calls][:3] == ["list", "block", "list"]


async def test_answers_that_keep_getting_lost_end_unknown(world: FakeWorld) -> None:
    world.tuning = {"max_retries": 2}
    world.phone.faults = [lost()] * 20
    results = await _change(world.open(), "block", numbers(4))
    assert set(_states(results)) == {"unknown"}
    assert all(result.error is not None for result in results.values())
    assert world.phone.asked("block") == 3


async def test_no_wait_follows_the_last_try(world: FakeWorld) -> None:
    world.tuning = {"max_retries": 0}
    world.phone.faults = [lost()]
    started = now()
    await _change(world.open(), "block", numbers(1))
    assert now() == started


async def test_a_lost_answer_that_no_list_can_settle_stays_unknown(world: FakeWorld) -> None:
    world.phone.lost = [lost()]
    world.phone.listing_faults = [None, *[Unavailable("down")] * 9]
    results = await _change(world.open(), "block", numbers(5))
    assert _states(results) == ["unknown"] * 3 + ["pending"] * 2
    assert world.phone.asked("block") == 1


async def test_without_a_list_a_lost_answer_stays_unknown_and_the_others_are_done(world: FakeWorld) -> None:
    world.can = LINKED
    world.tuning = {"max_concurrency": 1}
    world.phone.faults = [None, lost()]
    results = await _change(world.open(), "block", numbers(4))
    assert _states(results) == ["done", "unknown", "done", "done"]


async def test_without_a_list_nothing_goes_on_when_one_answer_after_the_other_is_lost(world: FakeWorld) -> None:
    world.can = LINKED
    world.tuning = {"max_concurrency": 1}
    world.phone.faults = [None, *[lost()] * 30]
    results = await _change(world.open(), "block", numbers(30))
    assert _states(results) == ["done"] + ["unknown"] * 10 + ["pending"] * 19
    assert {type(each.error) for each in results.values() if each.state is State.PENDING} == {NotReached}


# -- one contact whose request always fails


def _poison(
    monkeypatch: pytest.MonkeyPatch, account: Account, action: Action, contacts: Sequence[Contact], error: GatewayError
) -> None:
    """Let every request fail that has one of some contacts in it."""
    send = getattr(account.gateway, action)

    async def poisoned(batch: Sequence[Contact]) -> list[Outcome]:
        if not set(contacts).isdisjoint(batch):
            account.gateway.phone.calls.append((action, list(batch)))  # type: ignore[attr-defined]
            raise error
        return await send(batch)  # type: ignore[no-any-return]

    monkeypatch.setattr(account.gateway, action, poisoned)


@pytest.mark.parametrize("action", ["block", "unblock"])
@pytest.mark.parametrize(
    "error", [lost("HTTP 500"), GatewayError("HTTP 400"), refused()], ids=["lost", "no", "refused"]
)
async def test_a_batch_that_fails_as_a_whole_for_one_contact_keeps_no_other_from_it(
    world: FakeWorld, monkeypatch: pytest.MonkeyPatch, action: Action, error: GatewayError
) -> None:
    contacts, world.can = numbers(200), replace(LISTING, batch_size=100, max_blocked=1000)
    if action == "unblock":
        world.phone.block(*contacts)
    account = world.open()
    _poison(monkeypatch, account, action, contacts[50:51], error)
    results = await _change(account, action, contacts)
    failed = {contact for contact, result in results.items() if result.state is not State.DONE}
    assert failed == {contacts[50]}
    assert world.phone.asked(action) < 80


async def test_a_refused_unblock_is_held_against_two_listings(world: FakeWorld) -> None:
    world.phone.block(number(1))
    world.phone.refused = {number(1): refused(), number(2): refused()}
    results = await _change(world.open(), "unblock", [number(1), number(2)])
    assert {contact: result.state for contact, result in results.items()} == {
        number(1): State.REFUSED,
        number(2): State.DONE,
    }
    assert world.phone.asked("list") >= 2


async def test_nobody_is_called_refused_while_the_list_cannot_be_read(world: FakeWorld) -> None:
    world.phone.refused = {number(1): refused()}
    world.phone.listing_faults = [None, *[Unavailable("down")] * 9]
    assert _states(await _change(world.open(), "block", [number(1)])) == ["unknown"]


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
    world = FakeWorld()
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
        if result.state is State.DONE:
            assert so
        elif result.state is State.REFUSED:
            assert not so
    others = set(map(number, live)) - set(contacts)
    assert others <= world.phone.on_list() <= others | set(contacts)


# -- entries that show an id alone


def _hide_numbers_of(world: FakeWorld, *people: int) -> None:
    """Have the list show these people by their ids alone."""
    world.phone.block(*map(number, people))
    world.phone.user_ids = {key_of(number(person)): user_id(person) for person in people}
    world.phone.shown = {key_of(number(person)): USER_ID for person in people}


@pytest.mark.parametrize(("hidden", "entries"), [([5], "the one entry"), ([5, 6], "one of 2 entries")])
async def test_whoever_is_refused_and_may_be_an_entry_without_a_number_is_not_given_up(
    world: FakeWorld, hidden: list[int], entries: str
) -> None:
    _hide_numbers_of(world, *hidden)
    world.phone.refused = {number(1): refused(), user_id(2): refused()}
    outcomes = await _change(world.open(), "block", [number(1), user_id(2)])
    assert outcomes[number(1)].state is State.UNSURE
    assert outcomes[number(1)].why.startswith(f"not engaged; it may be blocked all the same, as {entries} of the list")
    assert outcomes[user_id(2)].state is State.REFUSED  # an id is told apart from those ids


@pytest.mark.parametrize(("hidden", "state"), [([], "done"), ([5], "unknown")])
async def test_a_lost_unblock_is_not_settled_by_a_list_whose_entry_may_be_the_contact(
    world: FakeWorld, hidden: list[int], state: str
) -> None:
    _hide_numbers_of(world, *hidden)
    world.phone.block(number(1))
    world.tuning = {"max_retries": 0}
    world.phone.lost = [lost()]
    assert _states(await _change(world.open(), "unblock", [number(1)])) == [state]


# -- time, concurrency and exclusion


async def test_a_call_ends_after_its_time_budget(world: FakeWorld) -> None:
    world.can = LINKED
    world.tuning = {"time_budget": 60, "max_concurrency": 1}
    world.phone.delay = 7
    results = await _change(world.open(), "block", numbers(20))
    assert _states(results) == ["done"] * 9 + ["pending"] * 11
    assert {type(result.error) for result in results.values() if result.state is State.PENDING} == {NotReached}
    assert now() == 63


async def test_an_unblock_runs_to_its_end(world: FakeWorld) -> None:
    world.can = LINKED
    world.tuning = {"time_budget": 60, "max_concurrency": 1}
    world.phone.block(*numbers(20))
    world.phone.delay = 7
    assert set(_states(await _change(world.open(), "unblock", numbers(20)))) == {"done"}
    assert world.phone.on_list() == set()


@pytest.mark.parametrize("most", [1, 3, 8])
async def test_so_many_requests_are_under_way_at_once_and_no_more(world: FakeWorld, most: int) -> None:
    world.can = LINKED
    world.tuning = {"max_concurrency": most}
    world.phone.delay = 1
    account = world.open()
    await asyncio.gather(*(_change(account, "block", numbers(30)[start : start + 10]) for start in (0, 10, 20)))
    assert world.phone.most_writing == most
    assert len(world.phone.on_list()) == 30


async def test_batches_go_one_after_the_other(world: FakeWorld) -> None:
    world.phone.delay = 1
    await _change(world.open(), "block", numbers(9))
    assert world.phone.most_writing == 1


async def test_listing_and_writing_exclude_each_other(world: FakeWorld) -> None:
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
    assert {row.contact for row in await account.blocked()} == set(contacts)


async def test_progress_is_told(world: FakeWorld) -> None:
    world.phone.delay = 1
    await _change(world.open(), "block", numbers(9))
    assert "blocking contacts of zapi/I1: 6/9" in world.report.statuses


# -- several resources at once


@pytest.mark.parametrize("action", ["block", "unblock"])
async def test_what_is_under_way_together_is_sent_together(world: FakeWorld, action: Action) -> None:
    contacts = numbers(20)
    if action == "unblock":
        world.phone.block(*contacts)
    world.phone.refused = {contacts[4]: refused()}
    account = world.open()

    results = await asyncio.gather(*(_change(account, action, [contact]) for contact in contacts))

    for contact, result in zip(contacts, results, strict=True):
        assert result.keys() == {contact}
        assert _states(result) == ["refused" if contact == contacts[4] else "done"]
    requests = [call for call in world.phone.calls if call[0] == action]
    assert len(requests) < len(contacts) / 2


async def test_one_person_whom_two_resources_name_is_one_contact_of_a_request(world: FakeWorld) -> None:
    by_id = user_id(1)
    world.phone.block(by_id)
    account = world.open()
    names = (key_of(number(1)), key_of(by_id))

    results = await asyncio.gather(
        sending.unblock(account, {number(1): names}, {number(1): by_id}), sending.unblock(account, named([by_id]), {})
    )

    assert [list(each) for each in results] == [[number(1)], [by_id]]
    assert [_states(each) for each in results] == [["done"], ["done"]]
    assert world.phone.sent("unblock") == [by_id]


@pytest.mark.parametrize("after", [0, 1.5])
async def test_one_contact_does_not_wait_for_a_long_list(world: FakeWorld, after: float) -> None:
    world.tuning = {"time_budget": 100}
    world.phone.delay = 1
    account = world.open()
    await account.blocked()

    async def single() -> float:
        await asyncio.sleep(after)
        began = now()
        assert _states(await _change(account, "block", [number(999)])) == ["done"]
        return now() - began

    _, seconds = await asyncio.gather(_change(account, "block", numbers(600)), single())
    assert seconds < 3


async def test_contacts_of_others_that_make_a_request_fail_keep_nobody_from_it(
    world: FakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    contacts, world.can = numbers(40), replace(LISTING, batch_size=1_000)
    account = world.open()
    _poison(monkeypatch, account, "block", contacts[:20], GatewayError("HTTP 400"))
    results = await asyncio.gather(*(_change(account, "block", [contact]) for contact in contacts))
    assert [_states(each) for each in results[20:]] == [["done"]] * 20
