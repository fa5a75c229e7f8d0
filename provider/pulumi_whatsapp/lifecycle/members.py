"""Which contacts a resource holds, as its outputs record it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from ..names import (
    LID,
    NOBODY,
    NUMBER,
    USER_ID,
    Contact,
    Key,
    Names,
    People,
    Person,
    hide_numbers,
    key_of,
    kind,
    last_digits,
    person_called,
)
from ..outcome import Outcome, State
from ..report import name_some

_NOT_OURS: Final = frozenset({State.REFUSED, State.PENDING})
_OUTPUTS: Final = {NUMBER: "waIds", USER_ID: "userIds", LID: "lids"}
"""Where the state has the further names of contacts, by their kind."""
SINGULAR: Final = {"waId": "waIds", "userId": "userIds", "lid": "lids"}
"""What a resource of one contact calls them."""

Known = Mapping[int, Mapping[Contact, str]]
"""Kind of name -> contact -> that name, only where it is known and is not what the contact is declared by."""


@dataclass(frozen=True)
class Members:
    """What a resource holds, as its outputs record it.

    Attributes:
        contacts: contact -> reason, as declared.
        failed: contact -> why it is not simply blocked.
        known: the further names of contacts, as WhatsApp told them. Its own id of a number has no ``+``.
        foreign: who is there beside them, and is nobody's.
        secret: whether the contacts are a secret, so that messages show their last digits only.
    """

    contacts: Mapping[Contact, str] = field(default_factory=dict)
    failed: Mapping[Contact, Outcome] = field(default_factory=dict)
    known: Known = field(default_factory=dict)
    foreign: Sequence[Contact] = ()
    secret: bool = False

    def names(self, contacts: Iterable[Contact]) -> str:
        """Return contacts for a message: the first ones, and how many others."""
        first = sorted(contacts)  # a map has no order on the wire
        return name_some(map(last_digits, first) if self.secret else first)

    def hide(self, text: str) -> str:
        """Return what was said about the contacts, by a gateway for instance, for a message or the state."""
        return hide_numbers(text) if self.secret else text

    @cached_property
    def people(self) -> People:
        """Which names are one person's."""
        return People(
            [(key_of(contact), key_of(name)) for names in self.known.values() for contact, name in names.items()]
        )

    @cached_property
    def key(self) -> Callable[[str], Key]:
        """What gives the one key that stands for a contact, by whichever of its names."""
        person = self.people.person
        return (lambda contact: person(key_of(contact))) if self.people else key_of

    def named(self, contacts: Iterable[Contact]) -> dict[Contact, Names]:
        """Return contacts with the keys of all that they are known by, the declared name first."""
        names = self.people.all_names
        return {contact: names(key_of(contact)) for contact in contacts}

    def person(self, name: str) -> Person:
        """Return what is recorded of the person who has this name."""
        return self._persons.get(self.key(name), NOBODY)

    @cached_property
    def _persons(self) -> Mapping[Key, Person]:
        """Whoever has further names, with all of them."""
        wa_ids, user_ids, lids = (self.known.get(which, {}) for which in _OUTPUTS)
        found: dict[Key, Person] = {}
        for contact in {**wa_ids, **user_ids, **lids}:
            key = self.key(contact)
            person = person_called(wa_ids.get(contact), user_ids.get(contact), lids.get(contact), contact)
            found[key] = person.beside(found.get(key, NOBODY))
        return found

    @cached_property
    def blocked(self) -> Mapping[Key, Contact]:
        """The contacts that are recorded as simply blocked."""
        return {self.key(contact): contact for contact in self.contacts if contact not in self.failed}

    @cached_property
    def owned(self) -> Mapping[Key, Contact]:
        """The contacts that are let go of when this resource ends."""
        if not self.failed:
            return self.blocked
        return {
            self.key(contact): contact
            for contact in {**self.contacts, **self.failed}
            if contact not in self.failed or self.failed[contact].state not in _NOT_OURS
        }


def after(
    old: Members, declared: Mapping[Contact, str], outcomes: Mapping[Contact, Outcome], *, verified: bool
) -> Members:
    """Return what a resource holds once contacts were blocked.

    Args:
        old: what it held before.
        declared: contact -> reason.
        outcomes: what became of those that were to be blocked.
        verified: whether a refusal was held against the live list.
    """
    failed: dict[Contact, Outcome] = {}
    told = {contact: outcome.person for contact, outcome in outcomes.items() if any(outcome.person)}
    owned = old.owned if old.failed else {}
    for contact, outcome in outcomes.items():
        if outcome.state is State.DONE:
            continue
        # Whoever may be blocked by us stays ours, unless it is known by now that they are not blocked.
        maybe = old.key(contact) in owned and not (outcome.state is State.REFUSED and verified)
        state = State.UNKNOWN if maybe and outcome.state is not State.UNSURE else outcome.state
        failed[contact] = Outcome(contact, state=state, why=old.hide(outcome.why))
    return Members(declared, failed, learnt(old, declared, told), (), old.secret)


def learnt(old: Members, contacts: Mapping[Contact, str], told: Mapping[Contact, Person]) -> Known:
    """Return the further names of contacts, with what a listing or an answer has told now.

    Args:
        old: what was known.
        contacts: whose names are kept.
        told: contact -> what was told of it, where something was.
    """
    known: dict[int, dict[Contact, str]] = {which: {} for which in _OUTPUTS}
    for which, names in old.known.items():
        known[which] = {contact: name for contact, name in names.items() if contact in contacts}
    new = {contact: old.person(contact) for contact in contacts if contact not in old.contacts} if old.people else {}
    for people in (new, told):
        for place, which in enumerate(_OUTPUTS):
            names = known[which]
            for contact, person in people.items():
                name = person[place]
                if name is not None and which != NUMBER and which == kind(contact):
                    continue  # nobody has two ids
                if name is not None and name != contact:
                    names[contact] = name.removeprefix("+")
                elif name is not None and names:
                    names.pop(contact, None)
    return known


def to_outputs(members: Members) -> dict[str, Any]:
    """Return the outputs that record what is held."""
    failed = {name: {"state": outcome.state.value, "why": outcome.why} for name, outcome in members.failed.items()}
    return {
        "failed": dict(sorted(failed.items())),
        **{output: dict(sorted(members.known.get(which, {}).items())) for which, output in _OUTPUTS.items()},
        "foreign": sorted(members.foreign),
    }


def from_outputs(
    contacts: Mapping[str, str], outputs: Mapping[str, Any], news: Mapping[str, Any] | None = None
) -> Members:
    """Return what a resource's outputs record; it is a secret if they, or the new inputs, are."""
    failed = {
        Contact(name): Outcome(Contact(name), state=State(failure["state"]), why=failure.get("why", ""))
        for name, failure in (outputs.get("failed") or {}).items()
    }
    secret = bool(outputs.get("secret") or (news or {}).get("secret"))
    held: Any = contacts  # the state holds canonical forms
    known: Known = {which: outputs.get(output) or {} for which, output in _OUTPUTS.items()}
    return Members(held, failed, known, tuple(outputs.get("foreign") or ()), secret)
