"""One reading of a block list, whose rows show any of a person's names."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pulumi_whatsapp.account.listing import Listing, may_be_among
from pulumi_whatsapp.names import (
    LID,
    NUMBER,
    USER_ID,
    Key,
    Person,
    identity,
    kinds,
)

from .fake import CROWD, lid, number, user_id, who

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
