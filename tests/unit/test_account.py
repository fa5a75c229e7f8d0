"""One account: what was read of its list, and how many it lets a run unblock."""

from __future__ import annotations

import asyncio

import pytest

from pulumi_whatsapp.account import sending
from pulumi_whatsapp.account.listing import Listing
from pulumi_whatsapp.errors import ListChanged, ProtocolError, TooManyUnblocks, Unavailable
from pulumi_whatsapp.gateways.base import Page
from pulumi_whatsapp.names import key_of, person_called

from .fake import LINKED, FakeWorld, changed, named, number, numbers


def _who(live: Listing | None) -> set[str | None]:
    return {row.contact for row in live or ()}


# -- listing


@pytest.mark.parametrize(("room", "pages"), [(True, 45), (False, 20)], ids=["new contacts", "the same contact"])
async def test_a_list_ends_at_what_the_account_can_hold(
    world: FakeWorld, monkeypatch: pytest.MonkeyPatch, room: bool, pages: int
) -> None:
    account = world.open()
    asked: list[str | None] = []

    async def page(cursor: str | None) -> Page:
        asked.append(cursor)
        return Page([person_called(number(len(asked) if room else 1))], f"cursor {len(asked)}")

    monkeypatch.setattr(account.gateway, "blocked_page", page)
    with pytest.raises(ProtocolError, match="goes on listing after"):
        await account.blocked()
    assert len(asked) == pages + (0 if room else 1)


async def test_a_list_is_read_once_for_all_who_wait(world: FakeWorld) -> None:
    world.phone.block(*numbers(5))
    world.phone.delay = 1
    account = world.open()
    lists = await asyncio.gather(*(account.blocked() for _ in range(10)))
    assert all(_who(live) == set(numbers(5)) for live in lists)
    assert world.phone.asked("list") == 3


async def test_own_changes_are_seen_without_reading_again(world: FakeWorld) -> None:
    world.phone.block(number(1))
    account = world.open()
    await account.blocked()
    await sending.block(account, named([number(2)]))
    await sending.unblock(account, named([number(1)]), {})
    assert _who(await account.blocked()) == {number(2)}
    assert world.phone.asked("list") == 1


async def test_a_fresh_list_is_read_again(world: FakeWorld) -> None:
    account = world.open()
    assert _who(await account.blocked()) == set()
    world.phone.block(number(1))
    assert _who(await account.blocked()) == set()
    assert _who(await account.blocked(fresh=True)) == {number(1)}


async def test_a_list_that_changed_meanwhile_is_read_from_the_start(world: FakeWorld) -> None:
    world.phone.block(*numbers(5))
    world.phone.listing_faults = [None, changed(), None, None, changed()]
    assert _who(await world.open().blocked()) == set(numbers(5))
    assert [call[1] for call in world.phone.calls] == [None, "2", None, "2", "4", None, "2", "4"]


async def test_a_list_that_keeps_changing_is_given_up(world: FakeWorld) -> None:
    world.phone.listing_faults = [changed()] * 50
    with pytest.raises(ListChanged):
        await world.open().blocked()
    assert world.phone.asked("list") == 5


async def test_a_page_that_fails_is_no_end_of_the_list(world: FakeWorld) -> None:
    world.phone.block(*numbers(5))
    world.phone.listing_faults = [None, Unavailable("down")]
    account = world.open()
    with pytest.raises(Unavailable):
        await account.blocked()
    assert _who(await account.blocked()) == set(numbers(5))


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        (
            [Page([person_called(number(1))], "a"), Page([], "b"), Page([person_called(number(2))], None)],
            2,
        ),  # an empty page that leads on
        ([Page([person_called(number(1))], "a"), Page([person_called(number(2))], "a")], 2),  # a repeated cursor
        (
            [
                Page([person_called(number(1))], "a"),
                Page([person_called(number(2))], "b"),
                Page([person_called(number(3))], "a"),
            ],
            3,
        ),
        ([Page([], None)], 0),
    ],
)
async def test_a_list_ends_without_a_new_cursor(
    world: FakeWorld, monkeypatch: pytest.MonkeyPatch, pages: list[Page], found: int
) -> None:
    account = world.open()

    async def next_page(_: str | None) -> Page:
        return pages.pop(0)

    monkeypatch.setattr(account.gateway, "blocked_page", next_page)
    assert len(list(await account.blocked())) == found
    assert not pages


# -- seat belts


def test_the_unblocks_of_a_run_add_up(world: FakeWorld) -> None:
    world.tuning = {"max_unblocks": 3}
    account = world.open()
    account.take_unblocks(1)
    account.take_unblocks(2)
    with pytest.raises(TooManyUnblocks, match=r"after 3 in this run.*maxUnblocks is 3.*WHATSAPP_MAX_UNBLOCKS"):
        account.take_unblocks(1)
    account.take_unblocks(0)


def test_who_is_foreseen_twice_counts_once(world: FakeWorld) -> None:
    world.tuning = {"max_unblocks": 2}
    account = world.open()
    account.foresee_unblocks(map(key_of, numbers(2)))
    account.foresee_unblocks(map(key_of, numbers(2)))
    with pytest.raises(TooManyUnblocks, match="would unblock 3 contacts"):
        account.foresee_unblocks([key_of(number(2))])


def test_what_is_foreseen_takes_nothing_of_the_budget(world: FakeWorld) -> None:
    world.tuning = {"max_unblocks": 2}
    account = world.open()
    account.foresee_unblocks(map(key_of, numbers(2)))
    account.take_unblocks(2)


# -- two listings


async def test_nobody_is_missed_by_one_short_listing(world: FakeWorld) -> None:
    world.phone.block(*numbers(3))
    world.phone.hidden, world.phone.short = {key_of(number(1))}, 1
    assert _who(await world.open().listed_twice()) == set(numbers(3))


@pytest.mark.parametrize("linked", [True, False])
async def test_a_list_that_cannot_be_read_twice_tells_nothing(world: FakeWorld, linked: bool) -> None:
    if linked:
        world.can = LINKED
    world.phone.listing_faults = [None, Unavailable("down")]
    assert await world.open().listed_twice() is None
