"""What a contact is called, when two names are one person's, and how much of a name a message shows."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_whatsapp.names import (
    NOBODY,
    Contact,
    Key,
    People,
    Person,
    digits,
    from_gateway,
    hide_numbers,
    key_of,
    last_digits,
    person_called,
)
from pulumi_whatsapp.phone import ImpossiblePhone, canonical

from .phone_examples import EXAMPLES, example_numbers


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
    assert person_called(*texts) == person


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
        assert {str(key_of(text)), from_gateway(text), digits(text)} == {text}
    assert key_of("GB.AB3") != key_of("GB.ab3")
    for text in ("br.1502576394655843", "BR.", "BR.15-02", "BRA.150257", f"BR.{'1' * 129}"):
        with pytest.raises(ImpossiblePhone):
            canonical(text)


@pytest.mark.parametrize(
    "text",
    [ID, f"(#100) no user {ID}.", f'{{"user_id":"{ID}"}}', f"user={ID}&x", f"US.ENT.{ID[3:]}", "DE.aBcDe43Fg5843"],
)
def test_of_a_secret_id_four_characters_show_and_no_country(text: str) -> None:
    hidden = hide_numbers(text)
    assert "…5843" in hidden
    assert not any(country in hidden for country in ("BR", "US", "DE", "ENT"))
    assert last_digits(ID) == "…5843"


@given(example_numbers)
def test_what_a_gateway_calls_a_contact_has_the_key_of_the_contact(example: tuple[str, str]) -> None:
    _, number = example
    plain = digits(canonical(number))
    for name in (plain, f"+{plain}", f"{plain}@s.whatsapp.net", f"{plain}@c.us", f"{plain}:3@s.whatsapp.net"):
        assert key_of(from_gateway(name)) == key_of(canonical(number))
        assert key_of(name) == key_of(canonical(number))


@pytest.mark.parametrize("region", [region for region, known in EXAMPLES.items() if len(known) > 1 and region != "AR"])
def test_a_mobile_and_a_fixed_line_of_one_country_stay_two_contacts(region: str) -> None:
    # Argentina's two examples are one subscriber number, with and without the mobile 9.
    assert len({key_of(canonical(number)) for number in EXAMPLES[region]}) == len(EXAMPLES[region])


def test_two_different_subscribers_never_share_a_key() -> None:
    draw = random.Random(4)
    for known in EXAMPLES.values():
        number = canonical(known[-1])
        place = draw.randrange(len(number) - 4, len(number))
        neighbour = f"{number[:place]}{(int(number[place]) + 1) % 10}{number[place + 1 :]}"
        assert key_of(neighbour) != key_of(number)


@pytest.mark.parametrize(
    ("number", "wa_id"),
    [
        ("+5511987654321", "551187654321"),  # Brazil: mobile with and without the ninth digit
        ("+5215512345678", "525512345678"),  # Mexico: 521 is WhatsApp's own spelling
        ("+5491123456789", "541123456789"),  # Argentina: the mobile 9
        ("+2250707123456", "22507123456"),  # Ivory Coast: ten digits since 2021
        ("+2290197123456", "22997123456"),  # Benin: ten digits since 2024
    ],
)
def test_a_number_and_its_wa_id_are_one_person_where_they_differ(number: str, wa_id: str) -> None:
    assert key_of(number) == key_of(f"+{wa_id}") == key_of(wa_id) == key_of(f"{wa_id}@s.whatsapp.net")


def test_a_brazilian_fixed_line_is_nobodys_mobile() -> None:
    assert key_of("+5511923456789") != key_of("+551123456789")


@pytest.mark.parametrize("text", [None, "", " ", "+", "+abc", "US.ENT.1", "@lid", "abc@lid", "status@broadcast"])
def test_a_text_that_is_no_id_names_nobody(text: str | None) -> None:
    assert person_called(text) == NOBODY


def test_whatsapp_s_own_ids_become_canonical_contacts() -> None:
    for text in ("16505551234", "16505551234:12@s.whatsapp.net"):
        assert person_called(text) == ("+16505551234", None, None)
    assert person_called("123456789012345@lid") == (None, None, "123456789012345@lid")


def test_what_a_gateway_lists_is_never_refused() -> None:
    assert from_gateway("16505551234") == "+16505551234"
    assert from_gateway("+16505551234") == "+16505551234"
    assert from_gateway("BR.1234567890") == "BR.1234567890"
    assert key_of("BR.1234567890") == "BR.1234567890"


def test_a_secret_contact_shows_four_digits() -> None:
    assert last_digits("+5511987654321") == "…4321"
    assert last_digits("123456789012345@lid") == "…2345"


@pytest.mark.parametrize("number", ["+5511987654321", "551187654321", "+55 (11) 98765-4321", "494321"])
@pytest.mark.parametrize(
    "said", ["{} did not write", "'{}@c.us'", "{}:3@s.whatsapp.net", '{{"to":"{}"}}', "a {}, b {}."]
)
def test_a_contact_in_a_message_shows_four_digits(number: str, said: str) -> None:
    hidden = hide_numbers(said.format(number, number))
    assert [digit for digit in hidden if digit.isdigit()][:4] == list("4321")
    assert "…4321" in hidden
    assert "8765" not in hidden
    assert "49432" not in hidden
    assert hide_numbers(hidden) == hidden


@pytest.mark.parametrize("lid", ["123454321@lid", "54321@lid"])
def test_a_lid_in_a_message_shows_four_digits(lid: str) -> None:
    assert hide_numbers(f"no such contact ({lid})") == "no such contact (…4321@lid)"


def test_what_is_no_contact_stays_readable_in_a_message() -> None:
    said = "Meta: (#131047) more than 24 hours have passed (code 131047); HTTP 400, 64,000 contacts, …4321"
    assert hide_numbers(said) == said


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("22507123456", "2250707123456"),  # Orange
        ("22549123456", "2250749123456"),
        ("22505123456", "2250505123456"),  # MTN
        ("22586123456", "2250586123456"),
        ("22501123456", "2250101123456"),  # Moov
        ("22540123456", "2250140123456"),
        ("22571123456", "2250171123456"),
        ("22921123456", "2290121123456"),
        ("22961123456", "2290161123456"),
    ],
)
def test_old_and_new_numbers_are_one_person(old: str, new: str) -> None:
    assert key_of(old) == key_of(f"+{old}") == key_of(f"{old}@s.whatsapp.net") == key_of(f"+{new}")
    assert key_of(canonical(old)) == key_of(canonical(new))
    others = {f"225{prefix}{old[3:]}" for prefix in ("01", "05", "07", "21", "25", "27")} - {new}
    assert key_of(old) not in {key_of(other) for other in others}


@pytest.mark.parametrize("old", ["22560123456", "22590123456", "22520123456", "22572123456", "22500123456"])
def test_an_old_number_whose_operator_is_not_certain_is_nobody_else(old: str) -> None:
    new = {f"+225{prefix}{old[3:]}" for prefix in ("01", "05", "07", "21", "25", "27")}
    assert key_of(old) not in {key_of(number) for number in new}
    assert key_of(canonical(f"{old}@c.us")) == key_of(old)
