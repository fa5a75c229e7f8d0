"""What holding contacts means, for one as for many: to compare, to block, to read again and to let go.

`BlockedContact` holds one contact and `Blocklist` many; both follow these rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ..account import sending, unblocking
from ..account.account import Account
from ..account.claims import LeftOut
from ..account.listing import Listing, may_be_among
from ..errors import About, InternalError, Unavailable, WhatsAppError
from ..names import Contact, Key, Names, key_of, kinds
from ..outcome import Outcome, State
from .members import Members, after, learnt

_NOT_DONE: Final = frozenset({State.PENDING, State.UNKNOWN, State.REFUSED})
"""The states after which an unblock is not done. A refused one is not: only a listing, or the user, says that a contact
is not blocked any more."""
_MAY_LAST: Final = frozenset({About.CONTACT, About.UNKNOWN})
"""What an error is about that may come back for one contact in every run, while all others are unblocked."""
_VANISHED_AT_LEAST: Final = 3
"""Up to so many contacts may vanish without a question, as somebody unblocks a few on the phone. Of more than these,
more than half is where a fault is likelier: a gateway loses the end of a list, or all of it. Both are judgement."""


def compared(account: Account, held: Members, declared: Mapping[Contact, str]) -> dict[Contact, Names]:
    """Note what a resource has on record and what of it is still declared; returns whom a change would unblock.

    Nobody is unblocked here: the resource is replaced, and the delete of the old one decides.
    """
    account.claims.learn(held.people)
    blocked, owned = held.blocked, held.owned
    wanted = {held.key(contact) for contact in declared}
    account.claims.compared(
        held.people.everything(blocked),
        held.person,
        held.people.everything(owned.keys() - blocked.keys()),
        held.people.everything(wanted & owned.keys()),
        _in_state(held.failed, State.REFUSED),
    )
    hold(account, held, (contact for key, contact in owned.items() if key in wanted))
    return held.named(contact for key, contact in owned.items() if key not in wanted)


def hold(account: Account, held: Members, owned: Iterable[Contact]) -> None:
    """Note whom a resource that the run keeps owns, if it was checked: a refresh compares before any check."""
    named = held.named(owned).values()
    account.claims.hold(name for names in named if account.claims.declarer(*names) is not None for name in names)


def leaving(account: Account, gone: Mapping[Contact, Names]) -> dict[Contact, Names]:
    """Return the contacts that the comparison names as unblocked: those for which the delete sends a request.

    Another checked resource declares them, or the user has given them up.
    """
    return {
        contact: names
        for contact, names in gone.items()
        if account.claims.declarer(*names) is None and account.given_up.isdisjoint(names)
    }


async def block(
    account: Account, old: Members, declared: Mapping[Contact, str], *, believe_record: bool = True
) -> Members:
    """Block the declared contacts that are not blocked yet; returns what is then held. Nobody is unblocked.

    Args:
        account: whose block list.
        old: what the resource held before.
        declared: contact -> reason.
        believe_record: see `pulumi_whatsapp.account.sending.block`.

    Raises:
        GatewayError: when nothing at all was done because of the account or the way to its gateway. The old state
            still stands then, and nothing else of the run has a chance.
    """
    blocked = old.blocked if believe_record else {}
    # Who failed before goes last: what fails again, again and again, keeps nobody else from being tried.
    order = sorted(declared, key=old.failed.__contains__) if old.failed else declared
    todo = old.named(contact for contact in order if old.key(contact) not in blocked)
    outcomes = await sending.block(account, todo, believe_record=believe_record)
    _require_way(old, outcomes)
    outcomes = {contact: _still_ours(account, todo[contact], outcome) for contact, outcome in outcomes.items()}
    account.claims.tried(
        (name for who, each in outcomes.items() if each.state is not State.PENDING for name in todo[who]),
        _in_state(outcomes, State.REFUSED),
        _in_state(outcomes, State.UNKNOWN),
    )
    held = after(old, declared, outcomes, verified=account.capabilities.lists_blocked)
    hold(account, held, held.owned.values())
    return held


def _in_state(outcomes: Mapping[Contact, Outcome], state: State) -> list[Key]:
    return [key_of(contact) for contact, outcome in outcomes.items() if outcome.state is state]


def _require_way(old: Members, outcomes: Mapping[Contact, Outcome]) -> None:
    pending = [each.error for each in outcomes.values() if each.state is State.PENDING]
    # what is unsettled leaves a contact pending only where the list before the change could not be read
    errors = [error for error in pending if error is not None and (error.stops or not error.settled)]
    if outcomes and len(errors) == len(outcomes):
        error = errors[0]
        raise type(error)(old.hide(str(error)))


def _still_ours(account: Account, names: Names, outcome: Outcome) -> Outcome:
    """Return what became of a contact that the replaced resource may have blocked: an answer was lost then."""
    verified = outcome.state is State.REFUSED and account.capabilities.lists_blocked
    if outcome.state in {State.PENDING, State.REFUSED} and not verified and account.claims.may_be_blocked(names):
        return Outcome(outcome.contact, outcome.person, outcome.error, State.UNKNOWN, outcome.why)
    return outcome


def require_nobody_goes(old: Members, declared: Mapping[Contact, str]) -> None:
    """Refuse an update that would lose somebody: the comparison makes it a replacement.

    Raises:
        InternalError: when it was an update all the same.
    """
    wanted = {old.key(contact) for contact in declared}
    if any(key not in wanted for key in old.owned):
        raise InternalError(
            "an update would lose contacts that are still blocked, so nothing was changed; run pulumi up again"
        )


async def let_go(
    account: Account, old: Members, left_out: LeftOut, strangers: Mapping[Contact, Names] | None = None
) -> None:
    """Unblock whoever is owned and not declared any more, and the strangers of an exclusive list that is replaced.

    Args:
        account: whose block list.
        old: what the resource holds.
        left_out: what the program declares beside what was checked.
        strangers: whom an exclusive list lets go of beside its own.

    Raises:
        WhatsAppError: when somebody is still blocked; the resource then still stands and is deleted again later.
    """
    people = {**old.named(old.owned.values()), **(strangers or {})}
    if strangers:
        account.report.info(f"unblocking, because the exclusive list does not declare them: {old.names(strangers)}")
    outcomes = await unblocking.unblock(account, people, left_out)
    _tell_who_stays(account, old, outcomes)
    missed = [outcome for outcome in outcomes.values() if outcome.state in _NOT_DONE]
    if missed:
        stuck = [outcome for outcome in missed if outcome.error and outcome.error.about in _MAY_LAST]
        why = old.hide((stuck or missed)[0].why)
        give_up = (
            f"; if {old.names(outcome.contact for outcome in stuck)} can never be unblocked, name them in "
            "WHATSAPP_GIVE_UP: they then stay blocked, and this stack forgets them"
        )
        done = sum(outcome.state is State.DONE for outcome in outcomes.values())
        # A failed delete cannot write the state: it still says of everybody that they are blocked.
        stale = f"; {done:,} are unblocked, and the state shows that only after a refresh" if done else ""
        raise Unavailable(
            f"{len(missed):,} of {len(people):,} contacts are not unblocked yet "
            f"({old.names(outcome.contact for outcome in missed)}): {why}; the "
            f"state keeps them, and the next run tries again{give_up if stuck else ''}{stale}"
        )


def _tell_who_stays(account: Account, old: Members, outcomes: Mapping[Contact, Outcome]) -> None:
    left = [name for name, each in outcomes.items() if each.state is State.LEFT]
    left = [contact for contact, names in old.named(left).items() if not account.claims.remains(names)]
    if left:
        account.report.info(f"still blocked, because another resource of the program declares them: {old.names(left)}")
    given_up = [name for name, each in outcomes.items() if each.state is State.GIVEN_UP]
    if given_up:
        account.report.warning(
            f"{old.names(given_up)} of {account.id} may still be blocked: giveUp names them, so no request was sent, "
            "and this stack forgets them"
        )


async def reread(account: Account, old: Members) -> Members:
    """Return what of a resource's contacts is still so, by the live list.

    A contact that is missing is looked for in a second listing before it is dropped: gateways were seen to leave out
    the end of a list, or to answer with an empty one.

    Raises:
        WhatsAppError: when the list cannot be read, or more than half of the contacts vanished at once.
    """
    named, held = old.named({**old.contacts, **old.failed}), old.blocked.values()
    live = await account.blocked()
    rows = {contact: live.find(*names) for contact, names in named.items()}
    gone: Mapping[Contact, Names] = {}
    if any(rows[contact] is None for contact in held):
        first, live = await account.read_twice()
        rows = {contact: live.find(*names) for contact, names in named.items()}
        missing = {who: named[who] for who in held if rows[who] is None and first.find(*named[who]) is None}
        gone = _told_apart(account, live, named, missing)
    here = len(gone), len(held)
    for lost, looked_for in (here, account.missing(*here)):
        many = here[0] and lost > _VANISHED_AT_LEAST and lost * 2 > looked_for
        if many and not account.config.accept_vanished:
            raise WhatsAppError(
                f"{lost:,} of {looked_for:,} contacts are no longer on the block list of {account.id}, twice in a row; "
                "nothing was recorded, because that is more likely a fault of the gateway, or another stack of the "
                "same account has unblocked them: one account belongs to one stack. If it is right, refresh again with "
                "WHATSAPP_ACCEPT_VANISHED=true in the environment"
            )
    contacts = old.contacts
    if gone:
        lost_people = {old.key(contact) for contact in gone}
        contacts = {contact: reason for contact, reason in contacts.items() if old.key(contact) not in lost_people}
    told = {who: row for who, row in rows.items() if row is not None and row != (who, None, None) and who in contacts}
    return Members(
        contacts,
        {contact: outcome for contact, outcome in old.failed.items() if rows[contact] is None},
        learnt(old, contacts, told),
        (),
        old.secret,
    )


def _told_apart(
    account: Account, live: Listing, named: Mapping[Contact, Names], missing: Mapping[Contact, Names]
) -> Mapping[Contact, Names]:
    """Return which of the missing contacts are certainly not blocked any more.

    A row may be about any of those of whom no name is known of a kind that is known of the row.
    """
    rows = live.rows(named.values())
    among = {contact: may_be_among(kinds(names), rows) for contact, names in missing.items()}
    hidden = [count for count in among.values() if count]
    if hidden:
        account.tell_hidden(len(hidden), max(hidden))
    return {contact: names for contact, names in missing.items() if not among[contact]}
