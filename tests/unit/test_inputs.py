"""What is read of a resource's inputs, and what is said of each that is not possible."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from pulumi_whatsapp.errors import ConfigurationError
from pulumi_whatsapp.lifecycle import blocklist, contact
from pulumi_whatsapp.lifecycle.inputs import UNKNOWN, Unknown

from .fake import LINKED, FakeWorld, by, number
from .stacks import check_contact, check_list, why_not


def test_contacts_become_a_sorted_map_of_canonical_forms(world: FakeWorld) -> None:
    inputs = check_list(world, contacts=["+55 11 98765-4321", "447911120001@c.us"])
    assert inputs.failures == []
    assert list(inputs.checked["contacts"].items()) == [("+447911120001", ""), ("+5511987654321", "")]
    assert inputs.checked["mode"] == "additive"


def test_repeats_of_one_person_merge_and_keep_the_one_reason(world: FakeWorld) -> None:
    inputs = check_list(world, contacts={"+5511987654321": "", "55 11 8765-4321": "spam", "5511987654321@c.us": "spam"})
    assert inputs.failures == []
    assert list(inputs.checked["contacts"].values()) == ["spam"]


def test_two_reasons_for_one_person_are_an_error(world: FakeWorld) -> None:
    text = why_not(check_list(world, contacts={"+5511987654321": "spam", "+551187654321": "abuse"}))
    assert "two reasons, 'spam' and 'abuse'" in text or "two reasons, 'abuse' and 'spam'" in text
    assert "the same person" in text


@pytest.mark.parametrize("contacts", [["+1", number(1)], {"+1": "", number(1): ""}])
def test_an_impossible_number_is_refused_with_the_property(world: FakeWorld, contacts: Any) -> None:
    inputs = check_list(world, contacts=contacts)
    assert why_not(inputs).startswith("contacts: '+1' is not a possible phone number")
    assert "contacts" not in inputs.checked


def test_every_impossible_number_is_named(world: FakeWorld) -> None:
    inputs = check_list(world, contacts=["+1", "bob", number(1)])
    assert len(inputs.failures) == 2


def test_an_impossible_number_that_stands_in_the_old_inputs_stays(world: FakeWorld) -> None:
    inputs = check_list(world, {"contacts": {"+1": ""}}, contacts={"+1": "", number(1): ""})
    assert inputs.failures == []
    assert set(inputs.checked["contacts"]) == {"+1", number(1)}


def test_national_numbers_need_the_accounts_region(world: FakeWorld) -> None:
    assert "no country code" in why_not(check_list(world, contacts=["011 98765-4321"]))
    world.tuning = {"default_region": "BR"}
    assert check_list(world, contacts=["011 98765-4321"]).checked["contacts"] == {"+5511987654321": ""}


def test_lids_only_where_the_gateway_takes_them(world: FakeWorld) -> None:
    assert "does not take LIDs" in why_not(check_list(world, contacts=["123456789012345@lid"]))
    world.can = LINKED
    assert check_list(world, contacts=["123456789012345@lid"]).failures == []


def test_user_ids_only_where_the_gateway_takes_them(world: FakeWorld) -> None:
    assert check_list(world, contacts=["US.1349"]).failures == []
    world.can = LINKED
    assert "does not take business-scoped user ids (US.1349)" in why_not(check_list(world, contacts=["US.1349"]))


@pytest.mark.parametrize("contacts", [UNKNOWN, [number(1), UNKNOWN], {number(1): UNKNOWN}])
def test_an_unknown_contact_makes_the_map_unknown(world: FakeWorld, contacts: Any) -> None:
    inputs = check_list(world, contacts=contacts, mode=UNKNOWN, allowFailures=UNKNOWN, account=UNKNOWN)
    assert inputs.failures == []
    assert isinstance(inputs.checked["contacts"], Unknown)
    assert isinstance(inputs.checked["mode"], Unknown)


def test_an_impossible_phone_that_stands_unchanged_stays(world: FakeWorld) -> None:
    assert check_contact(world, {"phone": "123"}, phone="123").failures == []
    assert check_contact(world, {"phone": "124"}, phone="123").failures != []


def test_a_broken_account_is_reported_only_where_it_is_used(world: FakeWorld) -> None:
    world.broken["sales"] = ConfigurationError("account 'sales' is not usable: no token")
    assert check_contact(world, phone=number(1)).failures == []
    (failure,) = check_contact(world, phone=number(1), account="sales").failures
    assert "no token" in str(failure)


@pytest.mark.parametrize(
    "phone",
    [
        "11987654321",
        "3312345678",
        "+1 (198) 7654",
        "00 5511987654321/22",
        "+5511987654321;+5511987654322",
        "\u202e5511987654321",
        "https://wa.me/11987654321",
        "123456789012345@lid",
        "5511987654321@g.us",
    ],
)
@pytest.mark.parametrize("region", [None, "BR"])
def test_a_secret_that_is_no_possible_contact_shows_four_digits(
    world: FakeWorld, phone: str, region: str | None
) -> None:
    world.tuning = {"default_region": region}
    secret = by(secret=True)
    failures = [*contact.check({"phone": phone}, {}, world.accounts(), secret).failures]
    failures += blocklist.check({"contacts": {phone: ""}}, {}, world.accounts(), secret).failures
    for failure in failures:
        assert not re.search(r"\d(?:\D{0,2}\d){4,}", str(failure)), failure
    assert failures or region == "BR"


def test_a_national_number_of_an_account_that_is_not_known_yet_may_be_anybody(world: FakeWorld) -> None:
    for inputs in (
        check_contact(world, phone="11 98765-4321", account=UNKNOWN),
        check_list(world, contacts=["11 98765-4321"], account=UNKNOWN),
    ):
        assert inputs.failures == []
        assert any(isinstance(inputs.checked.get(key), Unknown) for key in ("phone", "contacts"))
    # where the account itself is wrong, that is the one thing to mend
    wrong = check_contact(world, phone="11 98765-4321", account="sales")
    assert why_not(wrong).startswith("account: ")
    assert "phone" not in wrong.checked
    # and what is impossible anywhere is told at once
    assert len(check_list(world, contacts=["+1"], account=UNKNOWN).failures) == 1


def test_a_value_that_is_a_secret_is_hidden_in_whatever_is_said_of_it(world: FakeWorld) -> None:
    hiding = replace(by(), hidden=frozenset({"mode"}))
    (failure,) = blocklist.check({"contacts": [], "mode": "s3cret-mode"}, {}, world.accounts(), hiding).failures
    assert "s3cret" not in str(failure)
    assert "'[redacted]' is not possible; it is one of additive, exclusive" in str(failure)


def test_the_reason_of_a_secret_contact_is_told_without_the_contact(world: FakeWorld) -> None:
    secret = by(secret=True)
    for contacts, says in (
        ({"+5511987654321": 5}, "the reason of a secret contact is a number"),
        ({"+5511987654321": "a", "+551187654321": "b"}, "a secret contact has two reasons"),
    ):
        text = why_not(blocklist.check({"contacts": contacts}, {}, world.accounts(), secret))
        assert says in text
        assert "87654321" not in text
