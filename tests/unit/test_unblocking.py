"""The one decision who is unblocked: every reason to say no, in order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pulumi_whatsapp.account import sending, unblocking
from pulumi_whatsapp.account.account import Account
from pulumi_whatsapp.account.claims import Declared, LeftOut
from pulumi_whatsapp.errors import TooManyUnblocks, Unauthorized
from pulumi_whatsapp.names import NUMBER, USER_ID, Contact, Names, People, key_of, person_called
from pulumi_whatsapp.outcome import State

from .fake import LINKED, FakeWorld, by, lost, named, number, numbers, refused

ONE, TWO = number(1), number(2)
KEY = key_of(ONE)
LID = Contact("184467440737@lid")


def _declare(account: Account, *contacts: Contact, held: bool, label: str = "spam") -> None:
    account.claims.declare(Declared(by(label), {key_of(contact): contact for contact in contacts}))
    account.claims.hold(map(key_of, contacts if held else ()))


def _people(*contacts: Contact) -> dict[Contact, Names]:
    return named(contacts)


# -- stays


_EVERYTHING = LeftOut({KEY: "aside"}, {}, "it is not known whom unsure declares")


def test_who_is_declared_nowhere_goes(world: FakeWorld) -> None:
    account = world.open()
    _declare(account, TWO, held=True)
    assert unblocking.stays(account, ONE, (KEY,), LeftOut({key_of(TWO): "aside"}, {"about": "hidden"})) is None


@pytest.mark.parametrize(
    ("held", "left_out", "state", "why"),
    [
        (True, _EVERYTHING, State.LEFT, "spam declares it"),
        (False, _EVERYTHING, State.PENDING, "spam declares it and has not blocked it"),
        (None, _EVERYTHING, State.PENDING, "aside declares it, and this run leaves that resource out"),
        (
            None,
            replace(_EVERYTHING, contacts={key_of(TWO): "aside"}),
            State.PENDING,
            "it is not known whom unsure declares",
        ),
    ],
)
def test_the_first_reason_is_the_one_that_counts(
    world: FakeWorld, held: bool | None, left_out: LeftOut, state: State, why: str
) -> None:
    account = world.open()
    if held is not None:
        _declare(account, ONE, held=held)
    kept = unblocking.stays(account, ONE, (KEY,), left_out)
    assert kept is not None
    assert (kept.contact, kept.state) == (ONE, state)
    assert kept.why.startswith(why)


@pytest.mark.parametrize("named", ["claimed", "left out"])
def test_any_of_its_names_keeps_a_contact(world: FakeWorld, named: str) -> None:
    account, left_out = world.open(), LeftOut()
    if named == "claimed":
        _declare(account, TWO, held=True)
    else:
        left_out = LeftOut({key_of(TWO): "aside"})
    assert unblocking.stays(account, ONE, (KEY, key_of(TWO)), left_out) is not None


def test_whatsapps_own_id_of_a_declared_contact_stays(world: FakeWorld) -> None:
    account = world.open()
    _declare(account, ONE, held=True)
    account.claims.learn(People([(KEY, key_of("+999000111222"))]))
    kept = unblocking.stays(account, Contact("+999000111222"), (key_of("+999000111222"),), LeftOut())
    assert kept is not None
    assert kept.state is State.LEFT


# -- unblock


async def test_who_goes_is_sent_and_nobody_else(world: FakeWorld) -> None:
    world.phone.block(*numbers(4))
    account = world.open()
    _declare(account, number(0), held=True)
    _declare(account, number(1), held=False, label="late")
    outcomes = await unblocking.unblock(account, _people(*numbers(4)), LeftOut({key_of(number(2)): "aside"}))
    assert {contact: outcome.state for contact, outcome in outcomes.items()} == {
        number(0): State.LEFT,
        number(1): State.PENDING,
        number(2): State.PENDING,
        number(3): State.DONE,
    }
    assert world.phone.sent("unblock") == [number(3)]


async def test_only_who_is_sent_takes_of_the_budget(world: FakeWorld) -> None:
    world.tuning = {"max_unblocks": 1}
    account = world.open()
    _declare(account, ONE, held=True)
    await unblocking.unblock(account, _people(ONE, TWO), LeftOut())
    with pytest.raises(TooManyUnblocks):
        await unblocking.unblock(account, _people(number(3)), LeftOut())
    assert world.phone.sent("unblock") == [TWO]


@pytest.mark.parametrize("linked", [True, False])
async def test_who_waits_for_another_resource_and_is_not_blocked_any_more_is_done(
    world: FakeWorld, linked: bool
) -> None:
    if linked:
        world.can = LINKED
    account = world.open()
    _declare(account, ONE, held=False)
    outcomes = await unblocking.unblock(account, _people(ONE), LeftOut())
    assert outcomes[ONE].state is (State.PENDING if linked else State.DONE), "without a list nobody knows"
    assert world.phone.sent("unblock") == []


async def test_what_became_of_each_is_told_apart(world: FakeWorld) -> None:
    world.can = LINKED
    world.tuning = {"max_concurrency": 1}
    world.phone.block(*numbers(4))
    world.phone.refused = {number(0): refused()}
    world.phone.faults = [None, None, lost(), Unauthorized("401")]
    outcomes = await unblocking.unblock(world.open(), _people(*numbers(4)), LeftOut())
    assert [outcome.state for outcome in outcomes.values()] == [
        State.REFUSED,
        State.DONE,
        State.UNKNOWN,
        State.PENDING,
    ]


# -- several kinds of names

ID, OTHER_ID = Contact("GB.1077"), Contact("GB.2077")


def _people_of(world: FakeWorld, *, shown: int) -> None:
    """Let ONE be ID, and be listed by some kinds of names alone."""
    world.phone.user_ids = {KEY: ID}
    world.phone.shown = {KEY: shown}
    world.phone.block(ONE)


@pytest.mark.parametrize(
    ("shown", "takes", "sent"),
    [(NUMBER | USER_ID, True, ONE), (NUMBER, True, ONE), (USER_ID, True, ID), (USER_ID, False, ONE)],
)
async def test_who_has_several_names_goes_by_one_that_the_list_shows(
    world: FakeWorld, shown: int, takes: bool, sent: Contact
) -> None:
    _people_of(world, shown=shown)
    world.can = replace(world.can, takes_bsuid=takes)
    outcomes = await unblocking.unblock(world.open(), {ONE: (KEY, key_of(ID))}, LeftOut())
    assert world.phone.sent("unblock") == [sent]
    assert (outcomes[ONE].contact, outcomes[ONE].state, world.phone.on_list()) == (ONE, State.DONE, set())


async def test_who_has_one_name_goes_without_a_listing(world: FakeWorld) -> None:
    _people_of(world, shown=USER_ID)
    await unblocking.unblock(world.open(), {ONE: (KEY,)}, LeftOut())
    assert [call[0] for call in world.phone.calls] == ["unblock"]


@pytest.mark.parametrize("declared_by", ["claims", "left out"])
async def test_a_listing_tells_that_who_goes_is_declared_by_another_name(world: FakeWorld, declared_by: str) -> None:
    _people_of(world, shown=NUMBER | USER_ID)
    account, left_out = world.open(), LeftOut()
    if declared_by == "claims":
        _declare(account, ID, held=True)
    else:
        left_out = LeftOut({key_of(ID): "aside"})
    outcomes = await unblocking.unblock(account, _people(ONE), left_out)
    assert outcomes[ONE].state is (State.LEFT if declared_by == "claims" else State.PENDING)
    assert world.phone.sent("unblock") == []


async def test_a_list_that_cannot_be_read_lets_nobody_go_who_may_be_declared(world: FakeWorld) -> None:
    _people_of(world, shown=NUMBER | USER_ID)
    account = world.open()
    _declare(account, ID, held=True)
    world.phone.listing_faults = [Unauthorized("401")]
    with pytest.raises(Unauthorized):
        await unblocking.unblock(account, _people(ONE), LeftOut())
    assert world.phone.sent("unblock") == []


@pytest.mark.parametrize(
    ("shown", "goes", "stays", "others", "state"),
    [
        (USER_ID, ONE, ID, 0, State.LEFT),  # nobody else is on the list
        (USER_ID, ONE, ID, USER_ID, State.PENDING),  # or the other one is who goes
        (USER_ID, ONE, ID, NUMBER, State.LEFT),
        (USER_ID, ID, ONE, 0, State.PENDING),
        (NUMBER, ID, ONE, 0, State.LEFT),
        (NUMBER, ONE, ID, 0, State.PENDING),
    ],
)
async def test_who_may_be_declared_by_another_kind_of_name_stays(
    world: FakeWorld, shown: int, goes: Contact, stays: Contact, others: int, state: State
) -> None:
    _people_of(world, shown=shown)
    if others:
        world.phone.user_ids[key_of(TWO)] = OTHER_ID
        world.phone.shown[key_of(TWO)] = others
        world.phone.block(TWO)
    account = world.open()
    _declare(account, stays, held=True)
    outcomes = await unblocking.unblock(account, _people(goes), LeftOut())
    assert outcomes[goes].state is state
    assert world.phone.sent("unblock") == []


async def test_an_own_block_does_not_tell_two_names_apart(world: FakeWorld) -> None:
    """The list has been read before it, and shows the number only because it was blocked here."""
    _people_of(world, shown=USER_ID)
    account = world.open()
    _declare(account, ONE, held=True)
    await sending.block(account, named([ONE]))
    outcomes = await unblocking.unblock(account, _people(ID), LeftOut())
    assert outcomes[ID].state is State.PENDING
    assert ONE in world.phone.on_list()


# -- may_be


@pytest.mark.parametrize(
    ("stranger", "should_be_there", "refused", "may_be"),
    [
        (TWO, {}, [], False),
        (TWO, {ONE: False}, [], False),
        (LID, {}, [], False),
        (LID, {ONE: False}, [], True),
        (LID, {}, [ONE], True),
        (ONE, {LID: False}, [], True),
        (Contact("+5299947911120001"), {TWO: False, ONE: False}, [], True),  # the same line, under another code
        (TWO, {ONE: True}, [], True),
        (TWO, {}, [ONE], False),
    ],
)
def test_a_stranger_may_be_somebody_declared_where_no_name_tells_them_apart(
    stranger: Contact, should_be_there: dict[Contact, bool], refused: list[Contact], may_be: bool
) -> None:
    unaccounted = unblocking.Unaccounted([*should_be_there, *refused], should_be_there)
    assert unaccounted.may_be(person_called(stranger)) is may_be
