"""The one decision who is unblocked. Only a delete comes here; no create and no update does.

The engine deletes after the program has ended well. By then every resource that the run deploys was checked, so the
claims are complete, and one answer for each contact, given before the first request, stays true.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import GatewayError, Unavailable
from ..names import NUMBER, Contact, Names, Person, digits, kind, kinds
from ..outcome import Outcome, State
from . import sending
from .account import Account
from .claims import SEE_ALL, LeftOut
from .listing import Listing, may_be_among

_LINE = 7
"""Last digits that tell two lines apart, whatever stands before them: codes and trunk prefixes vary, and in every old
spelling of docs/identities.md these stay the same. With fewer a stranger stays blocked; with more a contact goes."""


def stays(
    account: Account, contact: Contact, names: Names, left_out: LeftOut, live: Listing | None = None
) -> Outcome | None:
    """Return why a contact stays blocked; None where it is unblocked. Every reason to say no stands here, in order.

    Args:
        account: whose block list.
        contact: in canonical form.
        names: the keys of all that it is known by.
        left_out: what the program declares in resources that this run leaves out.
        live: the list, where the program declares people by another kind of name.
    """
    names = account.claims.names(*names)
    declarer = account.claims.declarer(*names)
    if declarer is not None and account.claims.held(*names):
        return Outcome(contact, state=State.LEFT, why=f"{declarer} declares it")
    if declarer is not None:
        return Outcome(contact, error=Unavailable(f"{declarer} declares it and has not blocked it"))
    missed = next((left_out.contacts[name] for name in names if name in left_out.contacts), None)
    if missed is not None:
        return Outcome(
            contact,
            error=Unavailable(f"{missed} declares it, and this run leaves that out; {SEE_ALL}"),
        )
    if left_out.unknown is not None:
        return Outcome(
            contact,
            error=Unavailable(
                f"it is not known whom {left_out.unknown} declares, which this run leaves out; {SEE_ALL}"
            ),
        )
    if account.given_up.intersection(names):
        return Outcome(contact, state=State.GIVEN_UP, why="giveUp names it")
    return _may_be_declared(account, contact, names, live) if live is not None else None


def _may_be_declared(account: Account, contact: Contact, names: Names, live: Listing) -> Outcome | None:
    """Return why a contact stays because it may be a declared one under another kind of name; None where it cannot be.

    The list shows one of the two by a name that the other is not known by, and the other not at all.
    """
    claims, row = account.claims, live.find(*names)
    shown = kinds(names) | (row.kinds if row else 0)
    for key in claims.declared_contacts():
        theirs = claims.names(key)
        listed = live.find(*theirs)
        known = kinds(theirs) | (listed.kinds if listed else 0)
        if known & shown or (row is None) == (listed is None) or claims.refused(key):
            continue
        by = claims.declarer(key)
        if row is None and not may_be_among(shown, live.unclaimed(map(claims.names, claims.declared_contacts()))):
            return Outcome(contact, state=State.LEFT, why=f"the list shows nobody else than {by} declares")
        return Outcome(
            contact,
            error=Unavailable(
                f"it may be the same person as one whom {by} declares by another name, and the list shows only one of "
                "the two; declare both or neither until it shows the number, as it does once they have written again"
            ),
        )
    return None


async def unblock(account: Account, people: Mapping[Contact, Names], left_out: LeftOut) -> dict[Contact, Outcome]:
    """Unblock contacts; returns what became of each.

    Args:
        account: whose block list.
        people: contact -> the keys of all that it is known by.
        left_out: what the program declares in resources that this run leaves out.

    Raises:
        TooManyUnblocks: when ``maxUnblocks`` is exceeded; nothing was sent then.
        GatewayError: when a contact may be one that is declared by another name, and the list that tells it cannot be
            read; nothing was sent then.
    """
    outcomes: dict[Contact, Outcome] = {}
    leaving = _without_who_stays(account, people, left_out, outcomes)
    mixed = _is_mixed(account, leaving, left_out)
    live = await _look(account, leaving, mixed=mixed)
    spelt: dict[Contact, Contact] = {}
    if live is not None:
        rows = {contact: live.find(*names) for contact, names in leaving.items()}
        leaving = {
            contact: (*names, *(row.names if (row := rows[contact]) else ())) for contact, names in leaving.items()
        }
        leaving = _without_who_stays(account, leaving, left_out, outcomes, live if mixed else None)
        spelt = {who: name for who in leaving if (name := _spelt(account, who, rows[who])) != who}
    account.take_unblocks(len(leaving))
    outcomes |= await sending.unblock(account, leaving, spelt)
    # Who is declared elsewhere and not blocked there keeps the old resource alive, unless it is blocked no more.
    waiting = [name for name, each in outcomes.items() if each.state is State.PENDING and name not in leaving]
    twice = await account.listed_twice() if waiting else None
    if twice is not None:
        others = sending.known_rows(account, twice, people.values())
        outcomes |= {
            contact: Outcome(contact)
            for contact in waiting
            if twice.find(*people[contact]) is None and not may_be_among(kinds(people[contact]), others)
        }
    return outcomes


def _without_who_stays(
    account: Account,
    people: Mapping[Contact, Names],
    left_out: LeftOut,
    outcomes: dict[Contact, Outcome],
    live: Listing | None = None,
) -> Mapping[Contact, Names]:
    """Return who does not stay; notes of the others why they do."""
    for contact, names in people.items():
        kept = stays(account, contact, names, left_out, live)
        if kept is not None:
            outcomes[contact] = kept
    return {contact: names for contact, names in people.items() if contact not in outcomes}


def _is_mixed(account: Account, people: Mapping[Contact, Names], left_out: LeftOut) -> bool:
    """Return whether the program declares others by another kind of name: one of them may be who goes."""
    declared = account.claims.kinds | kinds(left_out.contacts)
    return any(declared & ~kind(names[0]) for names in people.values())


async def _look(account: Account, people: Mapping[Contact, Names], *, mixed: bool) -> Listing | None:
    """Return the list, where it may tell more of who goes: by which of several names, or that they are declared."""
    several = any(kinds(names) != kind(names[0]) for names in people.values())
    if not account.capabilities.lists_blocked or not (mixed or several):
        return None
    try:
        return await account.blocked(fresh=mixed and account.has_blocked)
    except GatewayError:
        if mixed:
            raise
        return None


def _spelt(account: Account, contact: Contact, row: Person | None) -> Contact:
    """Return the name by which a contact is unblocked: the declared one while the list shows it, else another one.

    A number that the list does not show any more may be somebody else's by now.
    """
    if row is None or (row.number is not None and kind(contact) == NUMBER):
        return contact
    return row.name(kind(contact)) or sendable(account, row) or contact


def sendable(account: Account, row: Person) -> Contact | None:
    """Return a name of somebody on the list that the gateway takes; None where it takes none of them."""
    can = account.capabilities
    return row.number or (row.user_id if can.takes_bsuid else None) or (row.lid if can.takes_lid else None)


def may_be(stranger: Person, unaccounted: Mapping[Contact, Outcome | None]) -> Contact | None:
    """Return the declared contact that a stranger on the list may be, under another id.

    WhatsApp may list a contact under an id that no rule connects with its number, or, where the number is hidden, under
    an id alone. While a contact that should be blocked is not on the list under any known name, a stranger with the
    same line, or without a number, may be it; and if its answer was lost, any stranger may.

    Args:
        stranger: somebody on the list whom nobody declares.
        unaccounted: declared contacts that are not on the list, with what became of them, where that is known.
    """
    line = digits(stranger.number)[-_LINE:] if stranger.number else None
    for contact, outcome in unaccounted.items():
        lost = outcome is not None and outcome.state is State.UNKNOWN
        if lost or line is None or kind(contact) != NUMBER or digits(contact)[-_LINE:] == line:
            return contact
    return None
