"""Which contacts a resource holds, as its outputs record it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from ..names import Contact, Key, WaId, digits, hide_numbers, identity, last_digits
from ..outcome import Outcome, State

NAMED: Final = 20
"""How many contacts a message names before it only counts: more would not be read."""

_NOT_OURS: Final = frozenset({State.REFUSED, State.PENDING})


@dataclass(frozen=True)
class Members:
    """What a resource holds, as its outputs record it.

    Attributes:
        contacts: contact -> reason, as declared.
        failed: contact -> why it is not simply blocked.
        wa_ids: contact -> WhatsApp's own id, where they differ.
        foreign: who is there beside them, and is nobody's.
        secret: whether the contacts are a secret, so that messages show their last digits only.
    """

    contacts: Mapping[Contact, str] = field(default_factory=dict)
    failed: Mapping[Contact, Outcome] = field(default_factory=dict)
    wa_ids: Mapping[Contact, WaId] = field(default_factory=dict)
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
    def key(self) -> Callable[[str], Key]:
        """What gives the key of a contact, in whichever spelling: WhatsApp's own id where it is known."""
        own = {identity(contact): identity(wa_id) for contact, wa_id in self.wa_ids.items()}
        return (lambda contact: own.get(key := identity(contact), key)) if own else identity

    def keyed(self, contacts: Iterable[Contact]) -> dict[Contact, Key]:
        """Return contacts with their keys."""
        return {contact: self.key(contact) for contact in contacts}

    def known_ids(self, contacts: Iterable[Contact]) -> dict[Contact, WaId]:
        """Return those contacts whose own id of WhatsApp is recorded, with that id."""
        if not self.wa_ids:
            return {}
        known = {self.key(contact): wa_id for contact, wa_id in self.wa_ids.items()}
        return {contact: known[key] for contact in contacts if (key := self.key(contact)) in known}

    def blocked(self) -> dict[Key, Contact]:
        """Return the contacts that are recorded as simply blocked."""
        return {self.key(contact): contact for contact in self.contacts if contact not in self.failed}

    def owned(self) -> dict[Key, Contact]:
        """Return the contacts that are let go of when this resource ends."""
        everybody = {**self.contacts, **self.failed} if self.failed else self.contacts
        return {
            self.key(contact): contact
            for contact in everybody
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
    wa_ids = old.known_ids(declared)
    owned = old.owned() if old.failed else {}
    for contact, outcome in outcomes.items():
        if outcome.wa_id is not None and digits(outcome.wa_id) != digits(contact):
            wa_ids[contact] = WaId(digits(outcome.wa_id))
        if outcome.state is State.DONE:
            continue
        # Whoever may be blocked by us stays ours, unless it is known by now that they are not blocked.
        maybe = old.key(contact) in owned and not (outcome.state is State.REFUSED and verified)
        state = State.UNKNOWN if maybe else outcome.state
        failed[contact] = Outcome(contact, state=state, why=old.hide(outcome.why))
    return Members(declared, failed, wa_ids, (), old.secret)


def name_some(contacts: Iterable[str]) -> str:
    """Return the first contacts by name and the number of the others."""
    names = list(contacts)
    rest = len(names) - NAMED
    listed = ", ".join(names[:NAMED])
    return f"{listed} and {rest:,} more" if rest > 0 else listed


def to_outputs(members: Members) -> dict[str, Any]:
    """Return the outputs that record what is held."""
    failed = {name: {"state": outcome.state.value, "why": outcome.why} for name, outcome in members.failed.items()}
    return {
        "failed": dict(sorted(failed.items())),
        "waIds": dict(sorted(members.wa_ids.items())),
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
    return Members(held, failed, outputs.get("waIds") or {}, tuple(outputs.get("foreign") or ()), secret)
