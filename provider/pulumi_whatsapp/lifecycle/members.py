"""Which contacts a resource holds, and what leads from there to what is declared."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Literal

from ..phone import hide_numbers, identity, last_digits

State = Literal["refused", "unknown", "pending", "unblock_pending"]

NAMED: Final = 20
"""How many contacts a message names before it only counts."""

_NOT_OURS: Final = frozenset({"refused", "pending"})


@dataclass(frozen=True)
class Failure:
    """Why a contact is not simply blocked.

    Attributes:
        state: ``refused``, the gateway said no for good; ``unknown``, the answer was lost; ``pending``, not reached;
            ``unblock_pending``, removed from the program but not unblocked yet.
        why: one sentence.
    """

    state: State
    why: str


@dataclass(frozen=True)
class Members:
    """What a resource holds, as its outputs record it.

    Attributes:
        contacts: canonical contact -> reason, as declared.
        failed: canonical contact -> why it is not simply blocked.
        wa_ids: canonical contact -> WhatsApp's own id, where they differ.
        foreign: contacts in ``contacts`` that a refresh found and nobody declared.
        secret: whether the contacts are a secret, so that messages show their last digits only.
        frozen: whether the engine declares again what is held (``ignore_changes``), which makes nobody declared who
            was only found.
    """

    contacts: Mapping[str, str] = field(default_factory=dict)
    failed: Mapping[str, Failure] = field(default_factory=dict)
    wa_ids: Mapping[str, str] = field(default_factory=dict)
    foreign: Sequence[str] = ()
    secret: bool = False
    frozen: bool = False

    def names(self, contacts: Iterable[str]) -> str:
        """Return contacts for a message: the first ones, and how many others."""
        return name_some(map(last_digits, contacts) if self.secret else contacts)

    def hide(self, text: str) -> str:
        """Return what was said about the contacts, by a gateway for instance, for a message or the state."""
        return hide_numbers(text) if self.secret else text

    @cached_property
    def identity(self) -> Callable[[str], str]:
        """What gives the key of a contact, in whichever spelling: WhatsApp's own id where it is known."""
        own = {identity(contact): identity(wa_id) for contact, wa_id in self.wa_ids.items()}
        return (lambda contact: own.get(key := identity(contact), key)) if own else identity

    def known_ids(self, contacts: Iterable[str]) -> dict[str, str]:
        """Return those contacts whose own id of WhatsApp is recorded, with that id."""
        if not self.wa_ids:
            return {}
        known = {self.identity(contact): wa_id for contact, wa_id in self.wa_ids.items()}
        return {contact: known[key] for contact in contacts if (key := self.identity(contact)) in known}

    def people(self, contacts: Iterable[str]) -> dict[str, str]:
        """Return contacts with their identities."""
        return {contact: self.identity(contact) for contact in contacts}

    def blocked(self) -> dict[str, str]:
        """Return the contacts that are recorded as simply blocked: identity -> contact."""
        return {self.identity(contact): contact for contact in self.contacts if contact not in self.failed}

    @property
    def settled(self) -> bool:
        """Whether everybody who is held is simply blocked, and owned: `blocked` and `owned` are the same."""
        return not self.failed and not self.foreign

    def kept(self, declared: Iterable[str]) -> dict[str, str]:
        """Return those declared contacts that are owned and recorded as simply blocked, with their identities."""
        held: Collection[str] = self.blocked().keys()
        if not self.settled:
            held &= self.owned().keys()
        return {contact: key for contact, key in self.people(declared).items() if key in held} if held else {}

    def finds_declared(self, declared: Iterable[str]) -> bool:
        """Return whether somebody whom only a refresh had found is declared by now."""
        found = set(self.people(self.foreign).values())
        return bool(found) and not self.frozen and not found.isdisjoint(self.people(declared).values())

    def still_foreign(self, declared: Iterable[str]) -> list[str]:
        """Return whom a refresh had found and nobody declares by an update with these contacts."""
        return sorted({*self.foreign} & {*declared}) if self.frozen else []

    def joined_by(self, live: Mapping[str, str], known: Iterable[str]) -> Members:
        """Return it with whomever a refresh finds beside them, who are nobody's.

        Args:
            live: who is listed: identity -> contact.
            known: who of them is no find.
        """
        people = {self.identity(contact) for contact in known}
        found = {contact: "" for key, contact in live.items() if key not in people}
        foreign = [contact for contact in self.foreign if self.identity(contact) in live]
        return replace(self, contacts=dict(sorted({**self.contacts, **found}.items())), foreign=[*foreign, *found])

    def owned(self) -> dict[str, str]:
        """Return the contacts that are unblocked when this resource lets go of them: identity -> contact."""
        foreign = set(self.foreign)
        return {
            self.identity(contact): contact
            for contact in (*self.contacts, *self.failed)
            if contact not in foreign and (contact not in self.failed or self.failed[contact].state not in _NOT_OURS)
        }


@dataclass(frozen=True)
class Plan:
    """The calls that lead from what is held to what is declared; contacts in canonical form."""

    block: list[str]
    unblock: list[str]


def plan(old: Members, declared: Mapping[str, str], live: Mapping[str, str] | None = None) -> Plan:
    """Return what to block and what to unblock.

    Args:
        old: what is held.
        declared: what is declared, contact -> reason.
        live: for an exclusive list, who is blocked now: identity -> contact.
    """
    wanted = {old.identity(contact): contact for contact in declared}
    if live is None:
        held = old.blocked()
        block = [contact for key, contact in wanted.items() if key not in held]
        owned = held if old.settled else old.owned()
        unblock = [contact for key, contact in owned.items() if key not in wanted]
    else:
        known = {old.identity(contact): contact for contact in (*old.contacts, *old.failed)}
        block = [contact for key, contact in wanted.items() if key not in live]
        unblock = [known.get(key, contact) for key, contact in live.items() if key not in wanted]
    return Plan(block, unblock)


def name_some(contacts: Iterable[str]) -> str:
    """Return the first contacts by name and the number of the others."""
    names = list(contacts)
    rest = len(names) - NAMED
    listed = ", ".join(names[:NAMED])
    return f"{listed} and {rest:,} more" if rest > 0 else listed


def to_outputs(members: Members) -> dict[str, Any]:
    """Return the outputs that record what is held."""
    failed = {contact: {"state": failure.state, "why": failure.why} for contact, failure in members.failed.items()}
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
        contact: Failure(failure["state"], failure.get("why", ""))
        for contact, failure in (outputs.get("failed") or {}).items()
    }
    foreign = tuple(outputs.get("foreign") or ())
    secret = bool(outputs.get("secret") or (news or {}).get("secret"))
    frozen = bool((news or {}).get("frozen"))
    return Members(contacts, failed, outputs.get("waIds") or {}, foreign, secret, frozen)
