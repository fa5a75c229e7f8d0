"""Who is excepted from a privacy setting, as far as WhatsApp tells, and what leads to the declared exceptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..names import Contact, Key, is_lid, key_of
from .members import Members


@dataclass(frozen=True)
class Plan:
    """The exceptions to add and to remove."""

    add: list[Contact]
    remove: list[Contact]


def plan(held: Members, declared: Mapping[Contact, str], live: Mapping[Key, Contact] | None = None) -> Plan:
    """Return what leads from the exceptions that are held to those that are declared.

    Args:
        held: what is held.
        declared: contact -> reason.
        live: for exclusive exceptions, who is listed now.
    """
    wanted = {held.key(contact): contact for contact in declared}
    there: Mapping[Key, Contact] = held.blocked if live is None else live
    add = [contact for key, contact in wanted.items() if key not in there]
    if live is None:
        return Plan(add, [contact for key, contact in held.owned.items() if key not in wanted])
    known = {held.key(contact): contact for contact in (*held.contacts, *held.failed)}
    return Plan(add, [known.get(key, contact) for key, contact in live.items() if key not in wanted])


def by_key(contacts: Sequence[Contact]) -> dict[Key, Contact]:
    """Return contacts by their keys."""
    return {key_of(contact): contact for contact in contacts}


def known_exceptions(
    listed: Mapping[Key, Contact], held: Members, declared: Iterable[Contact]
) -> Mapping[Key, Contact]:
    """Return the listed exceptions, key -> contact, as far as it is known who they are.

    A number may be listed as a LID, which nothing turns back into it. While a number is not listed, it may be any LID
    that nobody named: those are left out, and the number is taken to be listed if it is held. One that is let go of
    while a LID is declared for the first time may be that LID, and is not.
    """
    mine = {**held.blocked, **held.owned}
    wanted = {key_of(contact): contact for contact in declared}
    people = {**mine, **wanted}
    numbers = {key for key, contact in people.items() if key not in listed and not is_lid(contact)}
    named = people.keys() | {key_of(contact) for contact in held.failed}
    lids = {key for key, contact in listed.items() if key not in named and is_lid(contact)}
    if not numbers or not lids:
        return listed
    renamed = any(is_lid(contact) and key not in mine for key, contact in wanted.items())
    told = {key: contact for key, contact in listed.items() if key not in lids}
    return told | {key: mine[key] for key in numbers & mine.keys() if key in wanted or not renamed}


def reread_exceptions(held: Members, live: Mapping[Key, Contact], *, exclusive: bool) -> Members:
    """Return what of a resource's exceptions is still so, by who is listed; exclusive ones also name the others."""
    contacts = {contact: reason for contact, reason in held.contacts.items() if held.key(contact) in live}
    mine = {held.key(contact) for contact in contacts}
    foreign = [contact for key, contact in live.items() if key not in mine] if exclusive else []
    return replace(held, contacts=contacts, foreign=foreign)
