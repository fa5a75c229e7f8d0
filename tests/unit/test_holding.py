"""What it means to hold contacts: to block, to read again and to let go, whatever fails and whatever is listed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_whatsapp.errors import (
    GatewayError,
    Unauthorized,
    Unavailable,
    Unconfirmed,
    WhatsAppError,
)
from pulumi_whatsapp.gateways.base import Capabilities
from pulumi_whatsapp.lifecycle import blocklist
from pulumi_whatsapp.lifecycle.inputs import Props
from pulumi_whatsapp.names import NUMBER, USER_ID, Contact, key_of

from .clock import run
from .fake import (
    CROWD,
    LINKED,
    LISTING,
    FakeWorld,
    crowd_in,
    lost,
    number,
    numbers,
    refused,
    user_id,
)
from .stacks import ListStack, declare, list_news


async def test_an_unknown_contact_is_unblocked_on_removal(world: FakeWorld, stack: ListStack) -> None:
    world.can = LINKED
    world.tuning = {"max_concurrency": 1}
    world.phone.lost = [None, lost()]
    await stack.up(numbers(4))
    assert stack.failed() == {number(1): "unknown"}
    await stack.destroy()
    assert world.phone.sent("unblock") == numbers(4)
    assert world.phone.on_list() == set()


@pytest.mark.parametrize("again", ["refused", "pending"])
async def test_an_unknown_contact_of_the_replaced_list_stays_ours_in_the_new_one(
    world: FakeWorld, stack: ListStack, again: str
) -> None:
    world.can = LINKED
    world.tuning = {"max_concurrency": 1}
    world.phone.lost = [None, lost()]
    await stack.up([number(1), number(2)])
    assert stack.failed() == {number(2): "unknown"}
    if again == "refused":
        world.phone.refused = {number(2): refused("it is blocked")}
    else:
        world.tuning = {"time_budget": 0, "max_concurrency": 1}
    await stack.up([number(2)])
    assert stack.failed() == {number(2): "unknown"}
    assert world.phone.on_list() == {number(2)}
    world.phone.refused = {}
    await stack.destroy()
    assert world.phone.on_list() == set()


async def test_what_the_time_budget_left_goes_on_next_time(world: FakeWorld, stack: ListStack) -> None:
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


async def test_a_delete_has_no_time_budget(world: FakeWorld, stack: ListStack) -> None:
    world.can = LINKED
    await stack.up(numbers(7))
    world.tuning = {"time_budget": 3, "max_concurrency": 1}
    world.phone.delay = 1
    await stack.destroy()
    assert world.phone.on_list() == set()


@pytest.mark.parametrize("can", [LISTING, LINKED], ids=["listing", "one a call"])
@pytest.mark.parametrize("error", [refused("not yours"), Unconfirmed("no"), GatewayError("no"), lost("500")])
async def test_who_cannot_be_unblocked_stays_ours_until_given_up(
    world: FakeWorld, stack: ListStack, can: Capabilities, error: GatewayError
) -> None:
    world.can, world.tuning = can, {"max_concurrency": 1}
    await stack.up(numbers(5))
    world.phone.refused = {number(1): error}
    with pytest.raises(Unavailable, match=rf"1 of 5 .*if \{number(1)} can never be unblocked, .* WHATSAPP_GIVE_UP"):
        await stack.destroy()
    world.tuning = {"give_up": (number(1),)}
    world.phone.calls.clear()
    await stack.destroy()
    assert number(1) not in world.phone.sent("unblock")
    assert f"{number(1)} of zapi/I1 may still be blocked" in world.report.warnings[-1]
    assert world.phone.on_list() == {number(1)}


async def test_what_stops_everything_is_no_reason_to_give_anybody_up(world: FakeWorld, stack: ListStack) -> None:
    await stack.up(numbers(2))
    world.phone.faults = [Unauthorized("401")]
    with pytest.raises(Unavailable) as error:
        await stack.destroy()
    assert "GIVE_UP" not in str(error.value)


async def test_who_is_given_up_and_declared_elsewhere_is_left_to_that(world: FakeWorld, stack: ListStack) -> None:
    world.tuning = {"give_up": (number(1),)}
    await stack.up(numbers(2))
    await stack.up([number(1)])
    assert world.phone.on_list() == {number(1)}
    assert world.report.warnings == []


async def test_when_nothing_was_changed_the_old_state_stands(world: FakeWorld, stack: ListStack) -> None:
    await stack.up([number(1)])
    world.phone.faults = [Unauthorized("401: check token")]
    with pytest.raises(Unauthorized, match="check token"):
        await stack.up([number(2)])
    assert world.phone.on_list() == {number(1)}
    assert set(stack.outputs["contacts"]) == {number(1)}


async def test_a_delete_that_failed_halfway_says_who_is_left_and_goes_on_later(
    world: FakeWorld, stack: ListStack
) -> None:
    await stack.up(numbers(7))
    world.phone.faults = [None, Unauthorized("401")]
    with pytest.raises(WhatsAppError, match=r"4 of 7 contacts are not unblocked yet \(.*401; the state keeps them"):
        await stack.destroy()
    await stack.destroy()
    assert world.phone.on_list() == set()


async def test_what_a_replaced_list_could_not_let_go_goes_with_the_next_run(world: FakeWorld, stack: ListStack) -> None:
    await stack.up([number(1), number(2)])
    world.tuning = {"max_retries": 0}
    world.phone.faults = [lost()]
    with pytest.raises(WhatsAppError, match="1 of 2 contacts are not unblocked yet"):
        await stack.up([number(2)])
    assert len(stack.left) == 1
    await stack.up([number(2)])
    assert world.phone.on_list() == {number(2)}
    assert stack.left == []


async def test_who_is_declared_again_meanwhile_is_not_let_go(world: FakeWorld, stack: ListStack) -> None:
    await stack.up([number(1), number(2)])
    world.tuning = {"max_retries": 0}
    world.phone.faults = [lost()]
    with pytest.raises(WhatsAppError):
        await stack.up([number(2)])
    await stack.up([number(1), number(2)])
    assert world.phone.on_list() == {number(1), number(2)}
    assert (stack.failed(), stack.left) == ({}, [])


async def test_a_contact_that_moved_to_another_list_stays_until_that_one_has_it(
    world: FakeWorld, stack: ListStack
) -> None:
    await stack.up([number(1), number(2)])
    other, accounts = ListStack(world, "other"), world.accounts()
    news, moved = list_news([number(2)]), list_news([number(1)])
    declare(accounts, news)
    declare(accounts, moved, "other")
    await stack.deploy(news, accounts)
    with pytest.raises(Unavailable, match=f"{re.escape(number(1))}.*: other declares it and has not blocked it"):
        await stack.delete_left(accounts)
    assert world.phone.on_list() == {number(1), number(2)}

    later = world.accounts()
    declare(later, news)
    declare(later, moved, "other")
    await other.deploy(moved, later)
    await stack.deploy(news, later)
    await stack.delete_left(later)
    assert world.phone.sent("unblock") == []
    assert world.report.infos == [f"still blocked, because another resource of the program declares them: {number(1)}"]


async def test_refresh_drops_who_is_no_longer_blocked(world: FakeWorld, stack: ListStack) -> None:
    await stack.up(numbers(8))
    world.phone.unblock(number(1))
    world.phone.block(number(9))  # nobody declared: additive never reports
    outputs = await stack.refresh()
    assert set(outputs["contacts"]) == set(numbers(8)) - {number(1)}
    assert outputs["foreign"] == []


async def test_a_short_listing_drops_nobody(world: FakeWorld, stack: ListStack) -> None:
    await stack.up(numbers(8))
    pages = world.phone.asked("list")
    world.phone.hidden = {key_of(number(1))}
    accounts = world.accounts()
    await accounts.named(None).blocked()
    world.phone.hidden = set()
    assert set((await blocklist.read(stack.outputs, accounts))["contacts"]) == set(numbers(8))
    assert world.phone.asked("list") > pages + 4


@pytest.mark.parametrize(
    ("held", "gone", "refuses"),
    [(8, 5, True), (8, 4, False), (4, 4, True), (3, 3, False), (1, 1, False), (6, 3, False)],
)
async def test_most_of_a_list_vanishing_at_once_is_not_believed(
    world: FakeWorld, stack: ListStack, held: int, gone: int, refuses: bool
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


async def test_refresh_settles_what_failed(world: FakeWorld, stack: ListStack) -> None:
    world.phone.refused = {number(1): refused(), number(2): refused()}
    await stack.up([number(1), number(2), number(3)])
    world.phone.block(number(1))  # somebody did it by hand
    await stack.refresh()
    assert stack.failed() == {number(2): "refused"}


BOTH = NUMBER | USER_ID


def owned(*outputs: Props) -> set[int]:
    """Return who is blocked by these lists, as their outputs have it."""
    return crowd_in(
        contact
        for each in outputs
        for contact in each.get("contacts", ())
        if each["failed"].get(contact, {}).get("state") not in {"refused", "pending"}
    )


_NAME = st.sampled_from(["number", "id", "both"])
_PROGRAM = st.dictionaries(st.sampled_from(CROWD), _NAME)
_SHOWN = st.dictionaries(st.sampled_from(CROWD), st.sampled_from([NUMBER, USER_ID, BOTH, BOTH]))
_STEP = st.tuples(_PROGRAM, _SHOWN, _SHOWN, st.sets(st.sampled_from(CROWD), max_size=1), st.booleans())


def _declared(program: dict[int, str]) -> list[Contact]:
    return sorted(
        name
        for person, how in program.items()
        for kind, name in (("number", number(person)), ("id", user_id(person)))
        if how in {kind, "both"}
    )


@given(
    st.lists(_STEP, min_size=1, max_size=4),
    st.sets(st.sampled_from(CROWD), max_size=2),
    st.booleans(),
    st.booleans(),
)
def test_nobody_moves_whatever_subset_of_names_each_row_shows(
    steps: list[tuple[dict[int, str], dict[int, int], dict[int, int], set[int], bool]],
    before_us: set[int],
    exclusive: bool,
    no_repeat: bool,
) -> None:
    """The program names people in any way, and rows show any names; somebody may be unblocked by hand.

    Args:
        steps: the program, what is shown in its run, and in the refresh after it, who is unblocked by hand, and
            whether the run is refreshed at all.
        before_us: who is blocked before the first run.
        exclusive: the mode.
        no_repeat: whether a block of somebody who is blocked already is refused, as 131047 may be.
    """
    world = FakeWorld()
    world.tuning = {"accept_vanished": True, "accept_shrink": True}
    phone, stack, mode = world.phone, ListStack(world), "exclusive" if exclusive else "additive"
    phone.user_ids = {key_of(number(person)): user_id(person) for person in CROWD}
    phone.block(*map(number, before_us))
    ever: set[int] = set()

    def show(shown: dict[int, int]) -> None:
        phone.shown = {key_of(number(person)): kinds for person, kinds in shown.items()}

    def live() -> set[int]:
        return crowd_in(phone.on_list())

    def recorded() -> set[int]:
        return owned(*([stack.outputs] if stack.outputs else []), *(outputs for _, outputs in stack.left))

    async def up(program: dict[int, str]) -> None:
        there, ours = live(), recorded()
        names = stack.outputs["contacts"].keys() - stack.outputs["failed"].keys() if stack.outputs else set()
        phone.calls.clear()
        phone.refused = {}
        if no_repeat:
            phone.refused = {name: refused() for who_ in there for name in (number(who_), user_id(who_))}
        news = {"contacts": dict.fromkeys(_declared(program), ""), "mode": mode}
        accounts = world.accounts()
        declare(accounts, news)
        await stack.deploy(news, accounts)
        phone.refused = {}
        errors = []
        try:
            await stack.delete_left(accounts)
        except WhatsAppError as error:
            errors.append(str(error))
        declared = set(program)
        assert there & declared <= live(), "somebody declared was unblocked"
        assert declared <= live(), "somebody declared is not blocked"
        again = {name for name in phone.sent("block") if name in names and crowd_in([name]) <= there}
        assert not again, "somebody was blocked again by the name on record"
        assert there - declared - ours - (there if exclusive else set()) <= live(), "a stranger was unblocked"
        assert live() & ever <= recorded() | before_us, "somebody who is blocked by us was forgotten"
        assert all("may be the same person" in text for text in errors)
        if not errors:
            assert not (ours - declared) & live(), "somebody who was removed stays blocked"

    async def refresh() -> None:
        ours, names = recorded(), set(stack.outputs["contacts"])
        await stack.refresh()
        assert ours & live() <= recorded(), "somebody who is blocked was dropped"
        assert set(stack.outputs["contacts"]) <= names
        for person in crowd_in(stack.outputs["userIds"].values()):
            assert person in ours

    async def runs() -> None:
        for program, shown, later, by_hand, refreshed in steps:
            show(shown)
            phone.unblock(*map(number, by_hand))
            if by_hand and stack.outputs:
                phone.shown = {}
                await refresh()  # what is told for certain is noticed
                assert not by_hand & crowd_in(stack.outputs["contacts"].keys() - stack.outputs["failed"].keys())
                show(shown)
            ever.update(program)
            await up(program)
            if refreshed:
                show(later)
                await refresh()
                phone.calls.clear()
                show(later)
        phone.shown = {}
        await refresh()
        ever.update(steps[-1][0])
        await up(steps[-1][0])
        await refresh()
        if not stack.left:
            news = _declared(steps[-1][0])
            phone.calls.clear()
            found = await stack.preview(news, mode)
            assert not found.changes or (exclusive and live() - set(steps[-1][0])), "a change for ever"

    run(runs())
