"""What became of a contact follows from the error of its request, unless more is known."""

from __future__ import annotations

import pytest

from pulumi_whatsapp.errors import (
    AnswerLost,
    GatewayError,
    NotReached,
    ProtocolError,
    Refused,
    Unauthorized,
    Unconfirmed,
)
from pulumi_whatsapp.outcome import Outcome, State

from .fake import number


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Refused("no"), State.REFUSED),
        (NotReached("later"), State.PENDING),
        (Unauthorized("401"), State.PENDING),
        (GatewayError("400"), State.PENDING),  # a plain no to nobody in particular
        (AnswerLost("cut"), State.UNKNOWN),
        (Unconfirmed("perhaps"), State.UNKNOWN),
        (ProtocolError("what?"), State.UNKNOWN),
    ],
)
def test_only_a_verdict_on_the_contact_refuses_it_and_what_may_have_happened_is_unknown(
    error: GatewayError, state: State
) -> None:
    outcome = Outcome(number(1), error=error)
    assert (outcome.state, outcome.why) == (state, str(error))


def test_without_an_error_it_is_done() -> None:
    assert (Outcome(number(1)).state, Outcome(number(1)).why) == (State.DONE, "")


def test_what_is_said_beside_the_error_counts() -> None:
    outcome = Outcome(number(1), error=Refused("no"), state=State.UNSURE, why="it may be blocked all the same")
    assert (outcome.state, outcome.why) == (State.UNSURE, "it may be blocked all the same")
