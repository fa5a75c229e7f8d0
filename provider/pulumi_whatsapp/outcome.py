"""What became of one contact: the one type for it, from a gateway's answer to the state."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from .errors import About, GatewayError
from .names import NOBODY, Contact, Person


class State(str, Enum):
    """What became of one contact. The values of those that fail stand in users' state, under ``failed``."""

    DONE = "done"
    """The gateway confirmed it, or it was so already."""
    REFUSED = "refused"
    """The gateway said no to this contact for good: it is not ours."""
    UNSURE = "unsure"
    """The gateway said no to this contact, and it may be blocked all the same: the list has entries by an id alone, and
    nobody knows whose they are. So it stays ours."""
    UNKNOWN = "unknown"
    """The answer was lost and no listing settles it: it may have taken effect, so it stays ours."""
    PENDING = "pending"
    """It was not reached, so nothing happened."""
    REMOVAL_PENDING = "removal_pending"
    """An exception of a privacy setting that is not declared any more, and is not removed yet."""
    LEFT = "left"
    """It stays blocked, because another resource of the program has it."""
    GIVEN_UP = "given_up"
    """It may stay blocked, because ``giveUp`` names it."""


SAID_NO: Final = frozenset({State.REFUSED, State.UNSURE})
"""The states of contacts to which the gateway has said no."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one contact.

    Attributes:
        contact: in canonical form.
        person: what the gateway said of who it is.
        error: why it failed, where that is known as an error.
        state: follows from the error unless it is given.
        why: one sentence; follows from the error unless it is given.
    """

    contact: Contact
    person: Person = NOBODY
    error: GatewayError | None = None
    state: State = State.DONE
    why: str = ""

    def __post_init__(self) -> None:
        if self.error is not None:
            if self.state is State.DONE:
                object.__setattr__(self, "state", state_of(self.error))
            if not self.why:
                object.__setattr__(self, "why", str(self.error))


def state_of(error: GatewayError) -> State:
    """Return what an error says of the contacts of its request."""
    if error.about is About.CONTACT:
        return State.REFUSED
    return State.PENDING if error.settled else State.UNKNOWN
