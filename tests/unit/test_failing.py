"""The line that a run fails with for a resource that is not as declared."""

from __future__ import annotations

import pytest

from pulumi_whatsapp.engine.failing import failures
from pulumi_whatsapp.names import Contact

from .fake import number, numbers


def _failed(*contacts: Contact, state: str = "refused", why: str = "no") -> dict[str, dict[str, str]]:
    return {contact: {"state": state, "why": why} for contact in contacts}


def _said(
    failed: dict[str, dict[str, str]], *, hidden: bool = False, allowed: bool = False
) -> tuple[list[str], list[str]]:
    warned: list[str] = []
    return failures("spam", failed, hidden=hidden, allowed=allowed, warn=warned.append), warned


def test_where_nothing_failed_nothing_is_said() -> None:
    assert _said({}) == _said({}, allowed=True) == ([], [])


def test_equal_reasons_stand_together() -> None:
    said, warned = _said({**_failed(number(2), number(1)), **_failed(number(3), state="unknown", why="cut")})
    told = f"{number(1)}, {number(2)} refused (no); {number(3)} unknown (cut)"
    assert said == [f"spam: 3 not as declared: {told}; the next pulumi up tries again"]
    assert warned == []


@pytest.mark.parametrize("state", ["refused", "unsure"])
def test_what_a_gateway_refused_is_a_warning_where_failures_are_allowed(state: str) -> None:
    assert _said(_failed(number(1), state=state), allowed=True) == (
        [],
        [f"spam: 1 not as declared: {number(1)} {state} (no)"],
    )


@pytest.mark.parametrize("state", ["unknown", "pending", "removal_pending"])
def test_what_nobody_refused_fails_the_run_all_the_same(state: str) -> None:
    said, warned = _said({**_failed(number(1), state=state), **_failed(number(2))}, allowed=True)
    assert len(said) == len(warned) == 1
    assert number(1) in said[0]
    assert number(2) not in said[0]


def test_of_many_contacts_and_many_reasons_ten_are_named() -> None:
    ((said,), _) = _said(_failed(*numbers(1_012)))
    assert said.startswith("spam: 1,012 not as declared: ")
    assert f"{number(9)} and 1,002 more refused (no)" in said
    ((said,), _) = _said({who: {"state": "refused", "why": f"reason {who}"} for who in numbers(13)})
    assert said.count("reason +") == 10
    assert "; and 3 more reasons; the next" in said


def test_of_a_secret_contact_four_digits_show() -> None:
    ((said,), _) = _said(_failed(number(1)), hidden=True)
    assert "…0001 refused" in said
    assert number(1) not in said
