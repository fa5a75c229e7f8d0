"""Who is excepted from a privacy setting, as far as WhatsApp tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..phone import identity, is_lid
from .members import Members


def by_identity(contacts: Sequence[str]) -> dict[str, str]:
    """Return contacts by identity."""
    return {identity(contact): contact for contact in contacts}


def told_apart(listed: Mapping[str, str], held: Members, declared: Iterable[str]) -> Mapping[str, str]:
    """Return the listed exceptions, identity -> contact, as far as it is known who they are.

    A number may be listed as a LID, which nothing turns back into it. While a number is not listed, it may be any LID
    that nobody named: those are left out, and the number is taken to be listed if it is held. One that is let go of
    while a LID is declared for the first time may be that LID, and is not.
    """
    mine = {**held.blocked(), **held.owned()}
    wanted = {identity(contact): contact for contact in declared}
    people = {**mine, **wanted}
    numbers = {key for key, contact in people.items() if key not in listed and not is_lid(contact)}
    named = people.keys() | {identity(contact) for contact in held.failed}
    lids = {key for key, contact in listed.items() if key not in named and is_lid(contact)}
    if not numbers or not lids:
        return listed
    renamed = any(is_lid(contact) and key not in mine for key, contact in wanted.items())
    told = {key: contact for key, contact in listed.items() if key not in lids}
    return told | {key: mine[key] for key in numbers & mine.keys() if key in wanted or not renamed}


def reread(held: Members, live: Mapping[str, str], *, exclusive: bool) -> Members:
    """Return what of a resource's exceptions is still so, by who is listed; exclusive ones have all others too."""
    left = replace(
        held,
        contacts={contact: reason for contact, reason in held.contacts.items() if held.identity(contact) in live},
        foreign=[contact for contact in held.foreign if held.identity(contact) in live],
    )
    return left.joined_by(live, left.contacts) if exclusive else left
