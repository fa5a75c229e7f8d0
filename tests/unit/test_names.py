"""What a contact is called, when two names are one person's, and how much of a name a message shows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_whatsapp.names import (
    Contact,
    Key,
    People,
    Person,
    called,
    digits,
    from_gateway,
    hide_numbers,
    identity,
    last_digits,
)
from pulumi_whatsapp.phone import ImpossiblePhone, canonical


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
