"""The one decision who is unblocked. Only a delete comes here; no create and no update does.

The engine deletes after the program has ended well. By then every resource that the run deploys was checked, so the
claims are complete, and one answer for each contact, given before the first request, stays true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..errors import Unavailable
from ..names import Contact, Key, digits, is_lid
from ..outcome import Outcome, State
from . import sending
from .account import Account
from .claims import SEE_ALL, LeftOut

_LINE = 7
"""Digits that tell two lines of one country apart, whatever stands before them: codes and trunk prefixes vary."""


def stays(account: Account, contact: Contact, names: Iterable[Key], left_out: LeftOut) -> Outcome | None:
    """Return why a contact stays blocked; None where it is unblocked. Every reason to say no stands here, in order.

    Args:
        account: whose block list.
        contact: in canonical form.
        names: the keys of all that it is known by.
        left_out: what the program declares in resources that this run leaves out.
    """
    names = tuple(names)
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
    return None


async def unblock(
    account: Account, people: Mapping[Contact, tuple[Key, ...]], left_out: LeftOut
) -> dict[Contact, Outcome]:
    """Unblock contacts; returns what became of each.

    Args:
        account: whose block list.
        people: contact -> the keys of all that it is known by.
        left_out: what the program declares in resources that this run leaves out.

    Raises:
        TooManyUnblocks: when ``maxUnblocks`` is exceeded; nothing was sent then.
    """
    outcomes: dict[Contact, Outcome] = {}
    for contact, names in people.items():
        kept = stays(account, contact, names, left_out)
        if kept is not None:
            outcomes[contact] = kept
    leaving = {contact: names[-1] for contact, names in people.items() if contact not in outcomes}
    account.take_unblocks(len(leaving))
    outcomes |= await sending.unblock(account, leaving)
    # Who is declared elsewhere and not blocked there keeps the old resource alive, unless it is blocked no more.
    waiting = [name for name, each in outcomes.items() if each.state is State.PENDING and name not in leaving]
    live = await account.listed_twice() if waiting else None
    if live is not None:
        outcomes |= {contact: Outcome(contact) for contact in waiting if live.isdisjoint(people[contact])}
    return outcomes


def may_be(stranger: Contact, unaccounted: Mapping[Contact, Outcome | None]) -> Contact | None:
    """Return the declared contact that a stranger on the list may be, under another id.

    WhatsApp may list a contact under an id that no rule connects with its number. While a contact that should be
    blocked is not on the list under any known name, a stranger with the same line, or with a LID, may be it; and if its
    answer was lost, any stranger may.

    Args:
        stranger: somebody on the list whom nobody declares.
        unaccounted: declared contacts that are not on the list, with what became of them, where that is known.
    """
    line, lid = digits(stranger)[-_LINE:], is_lid(stranger)
    for contact, outcome in unaccounted.items():
        lost = outcome is not None and outcome.state is State.UNKNOWN
        if lost or lid or is_lid(contact) or digits(contact)[-_LINE:] == line:
            return contact
    return None
