"""Who is excepted from a privacy setting, and what leads from there to the declared exceptions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pulumi_whatsapp.lifecycle.excepted import by_key, known_exceptions, plan, reread_exceptions
from pulumi_whatsapp.lifecycle.members import Members
from pulumi_whatsapp.names import Contact, key_of
from pulumi_whatsapp.outcome import Outcome, State

from .fake import as_checked, lid, number, numbers

ANN, SHORT_ANN = Contact("+5511987654321"), Contact("+551187654321")
_PEOPLE = st.sets(st.sampled_from([*numbers(4), ANN]))


@given(_PEOPLE, _PEOPLE, _PEOPLE)
def test_additive_exceptions_change_by_what_differs_and_leave_others(
    held: set[Contact], declared: set[Contact], others: set[Contact]
) -> None:
    found = plan(Members(as_checked(sorted(held))), as_checked(sorted(declared)))
    live = {*held, *others}
    assert (live | {*found.add}) - {*found.remove} == (live | declared) - (held - declared)
    assert not {*found.add} & held, "who is there is not sent again"


@given(_PEOPLE, _PEOPLE, _PEOPLE)
def test_exclusive_exceptions_are_the_declared_ones_whoever_is_there(
    held: set[Contact], declared: set[Contact], live: set[Contact]
) -> None:
    found = plan(Members(as_checked(sorted(held))), as_checked(sorted(declared)), by_key(sorted(live)))
    assert (live | {*found.add}) - {*found.remove} == declared


def test_another_spelling_is_nobody_to_add_or_to_remove() -> None:
    found = plan(Members(as_checked([ANN])), as_checked([SHORT_ANN]), by_key([SHORT_ANN]))
    assert (found.add, found.remove) == ([], [])


def test_whose_removal_was_lost_is_removed_and_who_was_refused_is_not() -> None:
    failed = {number(1): State.REMOVAL_PENDING, number(2): State.REFUSED, number(3): State.UNKNOWN}
    held = Members({}, {who: Outcome(who, state=state) for who, state in failed.items()})
    assert plan(held, {}).remove == [number(1), number(3)]
    assert plan(held, as_checked([number(1)])).add == [number(1)]  # nobody knows whether they are there


# -- a number that is listed as a LID


def test_who_is_listed_by_name_needs_no_telling_apart() -> None:
    listed = by_key([number(1), lid(1)])
    assert known_exceptions(listed, Members(as_checked([number(1), lid(1)])), [number(1), lid(1)]) is listed
    assert known_exceptions(listed, Members(as_checked([number(1)])), [number(1)]) is listed  # the LID is a stranger


def test_a_number_that_is_not_listed_may_be_a_lid_that_nobody_named() -> None:
    listed = by_key([number(1), lid(2)])
    held = Members(as_checked([number(1), number(2)]))
    assert known_exceptions(listed, held, [number(1), number(2)]) == by_key([number(1), number(2)])
    # who is not held yet is not taken to be there, and the LID is nobody's to remove
    assert known_exceptions(listed, Members(as_checked([number(1)])), [number(1), number(3)]) == by_key([number(1)])


def test_a_number_is_not_removed_where_a_lid_that_is_declared_now_may_be_the_same_person() -> None:
    """The program spells somebody by the LID who was declared by the number before."""
    listed = by_key([lid(9)])
    held = Members(as_checked([number(1)]))
    assert known_exceptions(listed, held, [lid(2)]) == {}
    assert known_exceptions(listed, held, []) == by_key([number(1)])  # and is, where nobody is spelt so


def test_a_lid_that_failed_before_is_one_that_somebody_named() -> None:
    held = Members(as_checked([number(1)]), {lid(2): Outcome(lid(2), state=State.REFUSED)})
    listed = by_key([lid(2)])
    assert known_exceptions(listed, held, [number(1)]) is listed


# -- a refresh


@given(_PEOPLE, _PEOPLE, st.booleans())
def test_a_refresh_keeps_who_is_listed_and_only_exclusive_exceptions_name_the_others(
    held: set[Contact], live: set[Contact], exclusive: bool
) -> None:
    read = reread_exceptions(Members(as_checked(sorted(held))), by_key(sorted(live)), exclusive=exclusive)
    assert {*read.contacts} == held & live
    assert {*read.foreign} == (live - held if exclusive else set())
    assert {key_of(contact) for contact in read.contacts} <= by_key(sorted(live)).keys()
