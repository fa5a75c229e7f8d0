"""Which contacts a resource holds, as its outputs record it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_whatsapp.errors import AnswerLost, Refused
from pulumi_whatsapp.lifecycle.members import Members, after, from_outputs, learnt, to_outputs
from pulumi_whatsapp.names import LID, NUMBER, USER_ID, Contact, key_of, person_called
from pulumi_whatsapp.outcome import Outcome, State
from pulumi_whatsapp.report import name_some

from .fake import as_checked, lid, number, numbers, user_id

_FEW = st.sampled_from(numbers(4))
_STATES = st.sampled_from([state for state in State if state is not State.DONE])
_MEMBERS = st.builds(
    Members,
    st.dictionaries(_FEW, st.sampled_from(["", "spam"])),
    st.dictionaries(_FEW, _STATES).map(
        lambda failed: {who: Outcome(who, state=state, why="so it is") for who, state in failed.items()}
    ),
    st.fixed_dictionaries(
        {
            NUMBER: st.dictionaries(_FEW, st.just("999000111222")),
            USER_ID: st.dictionaries(_FEW, st.just(str(user_id(1)))),
            LID: st.dictionaries(_FEW, st.just(str(lid(1)))),
        }
    ),
    st.lists(_FEW, unique=True).map(lambda foreign: tuple(sorted(foreign))),
    st.booleans(),
)


@given(_MEMBERS)
def test_what_is_recorded_is_read_back(held: Members) -> None:
    outputs: dict[str, Any] = {**to_outputs(held), "secret": held.secret}
    assert from_outputs({str(who): reason for who, reason in held.contacts.items()}, outputs) == held


def test_a_state_of_before_a_contact_was_a_secret_is_one_now() -> None:
    assert from_outputs({}, {}, {"secret": True}).secret
    assert not from_outputs({}, {}, {}).secret


@given(_MEMBERS)
def test_whoever_was_never_blocked_is_not_let_go_and_whoever_may_be_is(held: Members) -> None:
    known = {held.key(contact) for contact in {**held.contacts, **held.failed}}
    for contact in {**held.contacts, **held.failed}:
        state = held.failed[contact].state if contact in held.failed else State.DONE
        if state not in {State.REFUSED, State.PENDING}:
            assert held.key(contact) in held.owned
    assert held.owned.keys() <= known
    assert held.blocked.keys() <= held.owned.keys()


@pytest.mark.parametrize(
    ("before", "now", "verified", "state"),
    [
        # nobody has blocked them yet, so a no is a no
        (None, State.REFUSED, False, State.REFUSED),
        (None, State.PENDING, False, State.PENDING),
        (None, State.UNKNOWN, False, State.UNKNOWN),
        # an answer was lost before, so they may be blocked by us, unless the list has told
        (State.UNKNOWN, State.REFUSED, False, State.UNKNOWN),
        (State.UNKNOWN, State.REFUSED, True, State.REFUSED),
        (State.UNKNOWN, State.PENDING, True, State.UNKNOWN),
        (State.UNSURE, State.UNSURE, True, State.UNSURE),
        (State.REFUSED, State.PENDING, False, State.PENDING),
    ],
)
def test_whoever_may_be_blocked_by_us_stays_ours(
    before: State | None, now: State, verified: bool, state: State
) -> None:
    failed = {} if before is None else {number(1): Outcome(number(1), state=before)}
    old = Members(as_checked([number(1)]) if before else {}, failed)
    held = after(old, as_checked([number(1)]), {number(1): Outcome(number(1), state=now, why="no")}, verified=verified)
    assert held.failed[number(1)].state is state


def test_who_is_done_is_no_failure_any_more_and_is_known_by_what_was_told() -> None:
    old = Members(as_checked(numbers(2)), {number(0): Outcome(number(0), error=AnswerLost("cut"))})
    told = person_called("999000111222", user_id(0))
    held = after(old, as_checked(numbers(2)), {number(0): Outcome(number(0), told)}, verified=True)
    assert held.failed == {}
    assert held.person("+999000111222") == person_called("999000111222", user_id(0))
    assert held.key("+999000111222") == held.key(number(0)) == held.key(user_id(0))
    assert held.named([number(0)])[number(0)][0] == key_of(number(0))


def test_what_a_gateway_says_of_a_secret_is_hidden_in_the_record() -> None:
    outcome = Outcome(number(1), error=Refused(f"{number(1)} did not write"))
    for secret, why in ((True, "…0001 did not write"), (False, f"{number(1)} did not write")):
        held = after(Members(secret=secret), as_checked([number(1)]), {number(1): outcome}, verified=True)
        assert held.failed[number(1)].why == why


def test_a_person_who_is_declared_by_another_name_now_is_known_by_the_same_names() -> None:
    old = Members(
        as_checked([number(1)]), known={USER_ID: {number(1): user_id(1)}, NUMBER: {number(1): "999000111222"}}
    )
    known = learnt(old, as_checked([user_id(1)]), {})
    assert known[NUMBER] == {user_id(1): "999000111222"}
    assert Members(as_checked([user_id(1)]), known=known).key("+999000111222") == key_of(user_id(1))


def test_a_listing_never_gives_somebody_a_second_id() -> None:
    """Who is declared by an id is that id: another one in the same row is somebody else's."""
    known = learnt(Members(), as_checked([user_id(1)]), {user_id(1): person_called(number(1), user_id(2))})
    assert (known[USER_ID], known[NUMBER]) == ({}, {user_id(1): number(1).removeprefix("+")})


def test_an_own_id_that_became_the_declared_number_is_no_further_name() -> None:
    old = Members(as_checked([number(1)]), known={NUMBER: {number(1): "999000111222"}})
    assert learnt(old, old.contacts, {number(1): person_called(number(1))})[NUMBER] == {}
    assert learnt(old, old.contacts, {})[NUMBER] == {number(1): "999000111222"}
    assert learnt(old, {}, {})[NUMBER] == {}


def test_a_message_names_twenty_and_counts_the_rest() -> None:
    assert name_some(numbers(20)) == ", ".join(numbers(20))
    assert name_some(numbers(1_021)) == f"{', '.join(numbers(20))} and 1,001 more"
    assert Members(secret=True).names([number(2), number(1)]) == "…0001, …0002"
    assert Members().names([number(2), Contact("+1")]) == f"+1, {number(2)}"
