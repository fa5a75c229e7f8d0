"""One person, up to four names, and lists that show any of them: nobody moves for it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_whatsapp.account.listing import Listing, may_be_among
from pulumi_whatsapp.errors import WhatsAppError
from pulumi_whatsapp.names import (
    LID,
    NUMBER,
    USER_ID,
    Contact,
    Key,
    People,
    Person,
    called,
    digits,
    from_gateway,
    hide_numbers,
    identity,
    kinds,
    last_digits,
)
from pulumi_whatsapp.phone import ImpossiblePhone, canonical

from .clock import run
from .fake import FakeWorld, number, refused
from .test_blocklist import ListStack, Props, declare

CROWD = range(5)
EITHER, BOTH = st.sampled_from([NUMBER, USER_ID]), NUMBER | USER_ID


def user_id(person: int) -> Contact:
    """Return a person's BSUID."""
    return Contact(f"GB.10{person}77")


def lid(person: int) -> Contact:
    """Return a person's LID."""
    return Contact(f"90{person}44@lid")


def who(contacts: Iterable[str]) -> set[int]:
    """Return the people behind names of any kind."""
    names = {name: person for person in CROWD for name in (number(person), user_id(person), lid(person))}
    return {names[Contact(contact)] for contact in contacts}


def owned(*outputs: Props) -> set[int]:
    """Return who is blocked by these lists, as their outputs have it."""
    return who(
        contact
        for each in outputs
        for contact in each.get("contacts", ())
        if each["failed"].get(contact, {}).get("state") not in {"refused", "pending"}
    )


# -- names


@pytest.mark.parametrize(
    ("texts", "person"),
    [
        (["16505551234", "US.1a"], Person(Contact("+16505551234"), Contact("US.1a"))),
        ([None, "US.1a", "16505551234"], Person(Contact("+16505551234"), Contact("US.1a"))),
        (["16505551234", None, "16505559999"], Person(Contact("+16505551234"))),
        (["77@lid", "16505551234:3@s.whatsapp.net"], Person(Contact("+16505551234"), None, Contact("77@lid"))),
        (["", None, "US.ENT.1", "us.1", "US.", "x@y", "+"], Person()),
    ],
)
def test_whatever_a_gateway_calls_somebody_is_told_by_its_form(texts: list[str | None], person: Person) -> None:
    assert called(*texts) == person


_NAMES = st.sampled_from([Key(name) for name in "abcdefgh"])


@given(st.lists(st.tuples(_NAMES, _NAMES).filter(lambda pair: pair[0] != pair[1])), st.integers(0, 9))
def test_names_that_are_joined_are_one_person_s_in_any_order(pairs: list[tuple[Key, Key]], cut: int) -> None:
    people, later = People(pairs[:cut]), People(pairs[cut:])
    people.merge(later)
    groups = {name: {name} for name in "abcdefgh"}
    for one, other in pairs:
        both = groups[one] | groups[other]
        groups.update(dict.fromkeys(both, both))
    for name, group in groups.items():
        assert set(people.names(Key(name))) == group
        assert people.person(Key(name)) in group
        assert len({people.person(Key(other)) for other in group}) == 1
        assert people.all_names(Key(name))[0] == name


ID = "BR.1502576394655843"


def test_an_id_is_never_normalised() -> None:
    for text in (ID, "US.13491208655302741918", "GB.aB3"):
        assert canonical(f" {text} ") == canonical(text, "BR") == text
        assert {str(identity(text)), from_gateway(text), digits(text)} == {text}
    assert identity("GB.AB3") != identity("GB.ab3")
    for text in ("br.1502576394655843", "BR.", "BR.15-02", "BRA.150257", f"BR.{'1' * 129}"):
        with pytest.raises(ImpossiblePhone):
            canonical(text)


def test_a_parent_id_is_refused_in_words() -> None:
    with pytest.raises(ImpossiblePhone) as refusal:
        canonical("US.ENT.11815799212886844830")
    assert str(refusal.value) == (
        "'US.ENT.11815799212886844830' is not a possible phone number: a parent BSUID cannot be blocked; use the BSUID "
        "of this portfolio"
    )


@pytest.mark.parametrize(
    "text",
    [ID, f"(#100) no user {ID}.", f'{{"user_id":"{ID}"}}', f"user={ID}&x", f"US.ENT.{ID[3:]}", "DE.aBcDe43Fg5843"],
)
def test_of_a_secret_id_four_characters_show_and_no_country(text: str) -> None:
    hidden = hide_numbers(text)
    assert "…5843" in hidden
    assert not any(country in hidden for country in ("BR", "US", "DE", "ENT"))
    assert last_digits(ID) == "…5843"


# -- a listing

_ROW = st.builds(
    lambda person, shown: Person(
        number(person) if shown & NUMBER else None,
        user_id(person) if shown & USER_ID else None,
        lid(person) if shown & LID else None,
    ),
    st.sampled_from(CROWD),
    st.integers(0, 7),
)


@given(st.lists(_ROW, max_size=12), st.sets(st.sampled_from(CROWD)))
def test_a_listing_has_each_person_once_under_every_name(rows: list[Person], gone: set[int]) -> None:
    live = Listing(rows)
    shown = [row for row in rows if row.names]
    assert live.nameless == len(rows) - len(shown)
    for row in shown:
        found = live.find(*row.names)
        assert found is not None
        assert {*row.names} <= {*found.names}
        assert who(filter(None, found)) == who(filter(None, row))
    assert {name for row in live for name in row.names} == {name for row in shown for name in row.names}
    for person in gone:
        live.remove(identity(number(person)), Key(user_id(person)), Key(lid(person)))
    assert {person for row in live for person in who(filter(None, row))} == {
        person for row in shown for person in who(filter(None, row))
    } - gone


@given(st.lists(_ROW, max_size=8), st.sets(st.sampled_from(CROWD)), st.integers(1, 7))
def test_whoever_is_on_a_list_is_found_or_may_be_among_its_rows(
    rows: list[Person], known: set[int], declared: int
) -> None:
    live = Listing(rows)
    people = {
        person: tuple(
            identity(name)
            for kind, name in ((NUMBER, number(person)), (USER_ID, user_id(person)), (LID, lid(person)))
            if declared & kind
        )
        for person in known
    }
    counted = live.rows(people.values())
    for person, names in people.items():
        there = [row for row in rows if person in who(filter(None, row))]
        if there and live.find(*names) is None:
            assert may_be_among(kinds(names), counted)


# -- whatever a listing shows

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
    phone.user_ids = {identity(number(person)): user_id(person) for person in CROWD}
    phone.block(*map(number, before_us))
    ever: set[int] = set()

    def show(shown: dict[int, int]) -> None:
        phone.shown = {identity(number(person)): kinds for person, kinds in shown.items()}

    def live() -> set[int]:
        return who(phone.on_list())

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
        again = {name for name in phone.sent("block") if name in names and who([name]) <= there}
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
        for person in who(stack.outputs["userIds"].values()):
            assert person in ours

    async def runs() -> None:
        for program, shown, later, by_hand, refreshed in steps:
            show(shown)
            phone.unblock(*map(number, by_hand))
            if by_hand and stack.outputs:
                phone.shown = {}
                await refresh()  # what is told for certain is noticed
                assert not by_hand & who(stack.outputs["contacts"].keys() - stack.outputs["failed"].keys())
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
