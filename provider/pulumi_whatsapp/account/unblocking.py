"""The one decision about who is unblocked. Only a delete comes here; no create and no update does.

The engine deletes after the program has ended well. By then every resource that the run deploys was checked, so the
claims are complete, and one answer for each contact, given before the first request, stays true.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import chain

from ..errors import GatewayError, Unavailable
from ..names import NUMBER, Contact, Names, Person, digits, kind, kinds
from ..outcome import Outcome, State
from . import sending
from .account import Account
from .claims import SEE_ALL, LeftOut
from .listing import Listing, may_be_among

_LINE = 7
"""Last digits that tell two lines apart, whatever stands before them: codes and trunk prefixes vary, and in every old
spelling of docs/identities.md these stay the same. With fewer, a stranger would stay blocked. With more, a
declared contact would be unblocked."""


def stays(
    account: Account, contact: Contact, names: Names, left_out: LeftOut, others: Others | None = None
) -> Outcome | None:
    """Return why a contact stays blocked; None where it is unblocked. Every reason to say no stands here, in order.

    Args:
        account: whose block list.
        contact: in canonical form.
        names: the keys of all that it is known by.
        left_out: what the program declares in resources that this run leaves out.
        others: whom the program declares by another kind of name, where it does.
    """
    names = account.claims.names(*names)
    declarer = account.claims.declarer(*names)
    if declarer is not None and account.claims.held(*names):
        return Outcome(contact, state=State.LEFT, why=f"{declarer} declares it")
    if declarer is not None:
        why = [f"{declarer} declares it and has not blocked it", *([left_out.running] if left_out.running else [])]
        return Outcome(contact, error=Unavailable("; ".join(why)))
    missed = next((left_out.contacts[name] for name in names if name in left_out.contacts), None)
    if missed is not None:
        return Outcome(
            contact,
            error=Unavailable(f"{missed} declares it, and this run leaves that resource out; {SEE_ALL}"),
        )
    if left_out.unknown is not None:
        return Outcome(contact, error=Unavailable(left_out.unknown))
    if account.given_up.intersection(names):
        return Outcome(contact, state=State.GIVEN_UP, why="giveUp names it")
    return others.why_stays(contact, names) if others is not None else None


class Others:
    """Whom the program declares, by the kinds of names that are known of them: one may be a contact to be unblocked.

    A contact to be unblocked may be a declared one under another kind of name where the list shows one of the two by a
    name that the other is not known by, and the other not at all.

    Args:
        account: whose block list.
        left_out: what the program declares in resources that this run leaves out.
        live: the list.
    """

    def __init__(self, account: Account, left_out: LeftOut, live: Listing) -> None:
        claims = account.claims
        self._live = live
        self._declared: dict[tuple[int, bool], str] = {}
        people = []
        for key in dict.fromkeys([*claims.declared_contacts(), *left_out.contacts]):
            names = claims.names(key)
            people.append(names)
            if not claims.refused(key):
                row = live.find(*names)
                known = kinds(names) | (row.kinds if row else 0)
                by = claims.declarer(key) or left_out.contacts[key]
                self._declared.setdefault((known, row is not None), by)
        self._unclaimed = live.unclaimed(people)

    def why_stays(self, contact: Contact, names: Names) -> Outcome | None:
        """Return why a contact stays blocked: it may be a declared one. None where it cannot be."""
        row = self._live.find(*names)
        shown = kinds(names) | (row.kinds if row else 0)
        for (known, listed), by in self._declared.items():
            if known & shown or listed == (row is not None):
                continue
            if row is None and not may_be_among(shown, self._unclaimed):
                return Outcome(contact, state=State.LEFT, why=f"the list shows only the contact that {by} declares")
            return Outcome(
                contact,
                error=Unavailable(
                    f"it may be the same person as a contact that {by} declares by another name, because the list "
                    "shows only one of the two; declare both or neither until the list shows the number, which it does "
                    "once that person has written again"
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
    live = await _look(account, leaving, left_out, mixed=mixed)
    spelt: dict[Contact, Contact] = {}
    if live is not None:
        rows = {contact: live.find(*names) for contact, names in leaving.items()}
        leaving = {
            contact: (*names, *(row.names if (row := rows[contact]) else ())) for contact, names in leaving.items()
        }
        others = Others(account, left_out, live) if mixed else None
        leaving = _without_who_stays(account, leaving, left_out, outcomes, others)
        spelt = {who: name for who in leaving if (name := _spelt(account, who, rows[who])) != who}
    account.take_unblocks(len(leaving))
    outcomes |= await sending.unblock(account, leaving, spelt)
    # Who is declared elsewhere and not blocked there keeps the old resource alive, unless it is blocked no more.
    waiting = [name for name, each in outcomes.items() if each.state is State.PENDING and name not in leaving]
    twice = await account.listed_twice() if waiting else None
    if twice is not None:
        rows_of_others = sending.known_rows(account, twice, people.values())
        outcomes |= {
            contact: Outcome(contact)
            for contact in waiting
            if twice.find(*people[contact]) is None and not may_be_among(kinds(people[contact]), rows_of_others)
        }
    return outcomes


def _without_who_stays(
    account: Account,
    people: Mapping[Contact, Names],
    left_out: LeftOut,
    outcomes: dict[Contact, Outcome],
    others: Others | None = None,
) -> Mapping[Contact, Names]:
    """Return the contacts that are to be unblocked; notes why the others stay blocked."""
    for contact, names in people.items():
        kept = stays(account, contact, names, left_out, others)
        if kept is not None:
            outcomes[contact] = kept
    return {contact: names for contact, names in people.items() if contact not in outcomes}


def _is_mixed(account: Account, people: Mapping[Contact, Names], left_out: LeftOut) -> bool:
    """Return whether the program declares others by another kind of name: one of them may be to be unblocked."""
    declared = account.claims.kinds | kinds(left_out.contacts)
    return any(declared & ~kind(names[0]) for names in people.values())


async def _look(account: Account, people: Mapping[Contact, Names], left_out: LeftOut, *, mixed: bool) -> Listing | None:
    """Return the list, where it may tell more of who is to be unblocked: by which name, or that they are declared.

    Whoever is not on it may be unblocked for it, so two listings have to agree.
    """
    several = any(kinds(names) != kind(names[0]) for names in people.values())
    if not account.capabilities.lists_blocked or not (mixed or several):
        return None
    try:
        live = await account.blocked(fresh=mixed and account.has_blocked)
        declared = (account.claims.names(key) for key in chain(account.claims.declared_contacts(), left_out.contacts))
        if mixed and any(live.find(*names) is None for names in chain(people.values(), declared)):
            live = live.with_those_of(await account.blocked(fresh=True))
        return live
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


class Unaccounted:
    """Declared contacts that the list does not show by any known name: a stranger on it may be one of them.

    WhatsApp may list a contact under an id that no rule connects with its number, or, where the number is hidden, under
    an id alone.

    Args:
        anybody: all of them, also those of whom the gateway has said no: somebody may have blocked them by hand.
        should_be_there: those of them who should be blocked, with whether an answer about them was lost.
    """

    def __init__(self, anybody: Collection[Contact], should_be_there: Mapping[Contact, bool]) -> None:
        self._anybody = bool(anybody)
        self._any_row = any(lost or kind(contact) != NUMBER for contact, lost in should_be_there.items())
        self._lines = {digits(contact)[-_LINE:] for contact in should_be_there if kind(contact) == NUMBER}

    def may_be(self, stranger: Person) -> bool:
        """Return whether somebody on the list whom nobody declares may be one of them.

        Without a number it may be any of them. With one it may be who has the same line, or anybody whose answer was
        lost or whose number is not known.
        """
        if stranger.number is None:
            return self._anybody
        return self._any_row or digits(stranger.number)[-_LINE:] in self._lines
