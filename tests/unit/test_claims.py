"""What the resources of one run declare of an account."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pulumi_whatsapp.account.claims import Claims, Declared
from pulumi_whatsapp.names import Contact, People, key_of

from .fake import by, number

ANN, SHORT_ANN = Contact("+5511987654321"), Contact("+551187654321")
ONE, TWO = number(1), number(2)
ODD = key_of("+999000111222")


@pytest.fixture
def claims() -> Claims:
    """An account of which nothing is declared."""
    return Claims("zapi/I1")


def _block(
    name: str, *contacts: Contact, exclusive: bool = False, preview: bool = False, secret: bool = False
) -> Declared:
    declarer = by(name, preview=preview, secret=secret)
    return Declared(declarer, {key_of(contact): contact for contact in contacts}, exclusive)


def _setting(name: str, setting: str, *exceptions: Contact) -> Declared:
    return Declared(by(name), {key_of(contact): contact for contact in exceptions}, setting=setting)


def test_what_is_declared_twice_names_both_and_both_spellings(claims: Claims) -> None:
    assert claims.declare(_block("one", ANN)) is None
    assert claims.declare(_block("two", ONE, SHORT_ANN)) == (
        f"{SHORT_ANN} is declared twice for zapi/I1: by one, as {ANN}, and by two; remove it from one of them"
    )
    assert claims.declare(_block("three", ANN)) is not None


@pytest.mark.parametrize("first", [True, False])
def test_a_secret_that_is_declared_twice_shows_its_last_digits(claims: Claims, first: bool) -> None:
    claims.declare(_block("one", ANN, secret=first))
    why = claims.declare(_block("two", SHORT_ANN, secret=not first))
    assert why == "…4321 is declared twice for zapi/I1: by one and by two; remove it from one of them"


def test_the_second_check_of_a_resource_takes_the_place_of_the_first(claims: Claims) -> None:
    claims.declare(_block("one", ONE, TWO))
    assert claims.declare(_block("one", ONE, TWO)) is None
    assert claims.declare(_block("one", TWO)) is None
    assert claims.declarer(key_of(ONE)) is None
    assert claims.declarer(key_of(TWO)) == "one"
    assert claims.declare(_block("two", ONE)) is None
    assert claims.checked() == {"one", "two"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (_block("all", ONE, exclusive=True), _block("more", TWO)),
        (_block("more", TWO), _block("all", ONE, exclusive=True)),
        (_block("more"), _block("all", exclusive=True)),
    ],
)
def test_an_exclusive_list_beside_another_resource_names_both(
    claims: Claims, first: Declared, second: Declared
) -> None:
    assert claims.declare(first) is None
    why = claims.declare(second)
    assert why is not None
    assert why.startswith("all is an exclusive list of zapi/I1, and more is a block resource of the same account")


def test_whoever_was_declared_twice_stays_declared_when_one_of_both_lets_go(claims: Claims) -> None:
    claims.declare(Declared(by("first"), {key_of(ANN): ANN}))
    claims.declare(Declared(by("about"), setting="about"))
    assert claims.declare(Declared(by("second"), {key_of(ANN): ANN})) is not None
    assert claims.declare(Declared(by("set twice"), setting="about")) is not None

    claims.declare(Declared(by("second"), {}))
    claims.declare(Declared(by("set twice"), setting="online"))

    assert claims.declarer(key_of(ANN)) == "first"
    about = claims.setting("about")
    assert about is not None
    assert about.by.label == "about"


def test_an_exclusive_list_that_becomes_additive_is_none_any_more(claims: Claims) -> None:
    claims.declare(_block("all", ONE, exclusive=True))
    claims.declare(_block("all", ONE))
    assert claims.declare(_block("more", TWO)) is None


def test_an_exclusive_list_minds_no_privacy_setting(claims: Claims) -> None:
    claims.declare(_setting("hidden", "about", ONE))
    assert claims.declare(_block("all", ONE, exclusive=True)) is None
    assert claims.declarer(key_of(ONE)) == "all"


def test_an_exception_of_a_setting_declares_no_block(claims: Claims) -> None:
    claims.declare(_setting("hidden", "about", ONE))
    assert claims.declarer(key_of(ONE)) is None
    assert claims.declare(_setting("photo", "profile_photo", ONE)) is None
    why = claims.declare(_setting("last", "about"))
    assert why == "about is declared twice for zapi/I1: by hidden and by last; remove one of them"


def test_who_is_declared_twice_is_named_in_the_program_s_order(claims: Claims) -> None:
    """The engine checks in any order, and a message is the same each time."""
    claims.declare(_block("run/2", TWO))
    assert "by run/1 and by run/2;" in str(claims.declare(_block("run/1", TWO)))
    claims.declare(_setting("run/4", "about"))
    assert "by run/3 and by run/4;" in str(claims.declare(_setting("run/3", "about")))


def test_a_learned_id_is_the_declared_contact(claims: Claims) -> None:
    claims.declare(_block("one", ONE))
    claims.learn(People([(key_of(ONE), ODD), (key_of(TWO), key_of("999000111333"))]))
    assert claims.declarer(ODD) == "one"
    assert claims.declarer(key_of("999000111333")) is None, "nobody declares it"
    assert claims.names(key_of(ONE)) == (key_of(ONE), ODD)
    assert not claims.held(ODD)
    claims.hold([key_of(ONE)])
    assert claims.held(ODD)


def test_a_learned_id_hides_nobody_who_is_declared_by_it(claims: Claims) -> None:
    claims.declare(_block("one", ONE))
    claims.declare(_block("two", TWO))
    claims.learn(People([(key_of(ONE), key_of(TWO))]))
    claims.declare(_block("one"))
    assert claims.declarer(key_of(TWO)) == "two"


@pytest.mark.parametrize(
    "hold",
    [
        lambda claims: claims.hold([key_of(ONE)]),
        lambda claims: (claims.learn(People([(key_of(ONE), ODD)])), claims.hold([ODD])),
    ],
)
def test_who_is_held_is_known_by_any_of_its_names(claims: Claims, hold: Callable[[Claims], None]) -> None:
    claims.declare(_block("one", ONE))
    assert not claims.held(key_of(ONE), ODD)
    hold(claims)
    assert claims.held(key_of(ONE), ODD)


def test_a_setting_is_held_by_who_declares_it(claims: Claims) -> None:
    claims.hold_setting("about", "none")
    assert claims.setting_value("about") is None
    claims.declare(_setting("hidden", "about"))
    claims.hold_setting("about", "none")
    assert claims.setting_value("about") == "none"


def test_who_is_foretold_to_go_is_taken_over_once(claims: Claims) -> None:
    claims.foretold([key_of(ONE), key_of(TWO)], "one")
    two = _block("two", ONE)
    assert claims.taken_over(two) == {ONE: "one"}
    assert claims.taken_over(two) == {}
    assert claims.taken_over(_block("one", TWO)) == {}, "nobody takes over from itself"


def test_strangers_are_named_once_an_exclusive_list_was_checked(claims: Claims) -> None:
    claims.name_strangers([ODD])
    assert claims.strangers() == set()
    claims.declare(_block("all", exclusive=True))
    claims.name_strangers([ODD])
    assert claims.strangers() == {ODD}


def test_a_list_is_found_by_the_contacts_that_it_declares(claims: Claims) -> None:
    assert claims.label_of([ONE]) is None
    assert claims.label_of([]) is None
    claims.declare(_block("one", ONE))
    claims.declare(_block("empty"))
    assert (claims.label_of([ONE]), claims.label_of([])) == ("one", "empty")
