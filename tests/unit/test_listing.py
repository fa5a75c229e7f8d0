"""One reading of a block list, whose rows show any of a person's names."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pulumi_whatsapp.account.listing import Listing, may_be_among
from pulumi_whatsapp.names import LID, NOBODY, NUMBER, USER_ID, Key, Person, key_of, kinds, person_called

from .fake import CROWD, crowd_in, lid, number, user_id

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
        assert crowd_in(filter(None, found)) == crowd_in(filter(None, row))
    assert {name for row in live for name in row.names} == {name for row in shown for name in row.names}
    for person in gone:
        live.remove(key_of(number(person)), Key(user_id(person)), Key(lid(person)))
    assert {person for row in live for person in crowd_in(filter(None, row))} == {
        person for row in shown for person in crowd_in(filter(None, row))
    } - gone


@given(st.lists(_ROW, max_size=8), st.sets(st.sampled_from(CROWD)), st.integers(1, 7))
def test_whoever_is_on_a_list_is_found_or_may_be_among_its_rows(
    rows: list[Person], known: set[int], declared: int
) -> None:
    live = Listing(rows)
    people = {
        person: tuple(
            key_of(name)
            for kind, name in ((NUMBER, number(person)), (USER_ID, user_id(person)), (LID, lid(person)))
            if declared & kind
        )
        for person in known
    }
    counted = live.rows(people.values())
    for person, names in people.items():
        there = [row for row in rows if person in crowd_in(filter(None, row))]
        if there and live.find(*names) is None:
            assert may_be_among(kinds(names), counted)


def test_whoever_has_another_id_is_somebody_else_though_the_number_is_the_same() -> None:
    """A number changes hands, an id does not; so where the program names an id, the number does not count."""
    row = person_called(number(1), user_id(1))
    live = Listing([row])
    mine, theirs, shared = Key(user_id(1)), Key(user_id(2)), key_of(number(1))
    assert live.find(mine, shared) == row
    assert live.find(shared, theirs) == row  # the program names the number: whoever has it is meant
    assert live.find(theirs, shared) is None
    assert live.find(Key(lid(1)), shared) == row  # a row without a LID does not contradict one


@given(st.lists(_ROW, max_size=8), st.lists(_ROW, max_size=8))
def test_who_is_on_either_of_two_listings_is_on_both_together(one: list[Person], other: list[Person]) -> None:
    first, second = Listing(one), Listing(other)
    both = first.with_those_of(second)
    assert {name for row in both for name in row.names} == {name for row in (*first, *second) for name in row.names}
    assert both.nameless == max(first.nameless, second.nameless)  # they may be the same ones


@given(st.lists(_ROW, max_size=8), st.sets(st.sampled_from(CROWD)))
def test_a_row_is_unclaimed_where_none_of_the_people_is_found_by_it(rows: list[Person], known: set[int]) -> None:
    live = Listing(rows)
    people = [(key_of(number(person)),) for person in known]
    claimed = {id(row) for names in people if (row := live.find(*names)) is not None}
    assert live.unclaimed(people) == +Counter(
        [row.kinds for row in live if id(row) not in claimed] + [0] * live.nameless
    )


def test_only_a_name_of_the_same_kind_tells_two_people_apart() -> None:
    people = [person_called(number(1)), person_called(user_id(2)), person_called(number(3), user_id(3)), NOBODY]
    rows = Listing(people).rows(())
    assert may_be_among(NUMBER, rows) == 2  # the row with an id alone, and the one without a name
    assert may_be_among(USER_ID, rows) == 2
    assert may_be_among(NUMBER | USER_ID, rows) == 1
    assert may_be_among(LID, rows) == 4
