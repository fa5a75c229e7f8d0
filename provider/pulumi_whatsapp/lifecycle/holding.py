"""What holding contacts means, for one as for many: to compare, to block, to read again and to let go.

`BlockedContact` holds one contact and `Blocklist` many; both follow these rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..account import sending, unblocking
from ..account.account import Account
from ..account.claims import LeftOut
from ..errors import GatewayError, InternalError, NotReached, Refused, Unavailable, WhatsAppError
from ..names import Contact, Key, identity, names_of
from ..outcome import Outcome, State
from .members import Members, after

_OF_ALL: Final = frozenset(GatewayError.__subclasses__()) - {NotReached, Refused}
"""Errors of the account or of the way to its gateway: not a plain "no", which may be about one contact."""
_VANISHED_AT_LEAST: Final = 3
"""Up to so many contacts may vanish without a question: somebody unblocked a few on the phone."""


def compared(account: Account, held: Members, declared: Mapping[Contact, str]) -> dict[Contact, Key]:
    """Note what a resource has on record and what of it is still declared; returns whom an update would let go.

    Nobody is let go of here: the resource is replaced, and the delete of the old one decides.
    """
    account.claims.learn(held.known_ids(declared))
    blocked, owned = held.blocked(), held.owned()
    ids = held.known_ids(blocked.values())
    wanted = {held.key(contact) for contact in declared}
    account.claims.compared(
        {name: ids.get(contact) for key, contact in blocked.items() for name in names_of(contact, key)},
        (name for key in owned.keys() - blocked.keys() for name in names_of(owned[key], key)),
        wanted & owned.keys(),
    )
    account.claims.refuse(_refused(held.failed))
    hold(account, {key: contact for key, contact in owned.items() if key in wanted})
    return {contact: key for key, contact in owned.items() if key not in wanted}


def hold(account: Account, owned: Mapping[Key, Contact]) -> None:
    """Note whom a resource that the run keeps owns, if it was checked: a refresh compares before any check."""
    account.claims.hold(
        name for key, contact in owned.items() for name in names_of(contact, key) if _claimed(account, name)
    )


def _claimed(account: Account, name: Key) -> bool:
    return account.claims.declarer(name) is not None


def leaving(account: Account, gone: Mapping[Contact, Key]) -> dict[Contact, Key]:
    """Return those of whom the comparison says that they go, without those whom another checked resource declares."""
    return {contact: key for contact, key in gone.items() if account.claims.declarer(*names_of(contact, key)) is None}


async def block(
    account: Account, old: Members, declared: Mapping[Contact, str], *, believe_record: bool = True
) -> Members:
    """Block who is declared and not blocked yet; returns what is then held. Nobody is unblocked.

    Args:
        account: whose block list.
        old: what the resource held before.
        declared: contact -> reason.
        believe_record: see `pulumi_whatsapp.account.sending.block`.

    Raises:
        GatewayError: when nothing at all was done because of the account or the way to its gateway. The old state
            still stands then, and nothing else of the run has a chance.
    """
    blocked = old.blocked() if believe_record else {}
    todo = {contact: key for contact, key in old.keyed(declared).items() if key not in blocked}
    outcomes = await sending.block(account, todo, believe_record=believe_record)
    _require_way(old, outcomes)
    outcomes = {contact: _still_ours(account, todo[contact], outcome) for contact, outcome in outcomes.items()}
    account.claims.refuse(_refused(outcomes))
    held = after(old, declared, outcomes, verified=account.capabilities.lists_blocked)
    hold(account, held.owned())
    return held


def _refused(outcomes: Mapping[Contact, Outcome]) -> list[Key]:
    return [identity(contact) for contact, outcome in outcomes.items() if outcome.state is State.REFUSED]


def _require_way(old: Members, outcomes: Mapping[Contact, Outcome]) -> None:
    errors = [each.error for each in outcomes.values() if each.state is State.PENDING and type(each.error) in _OF_ALL]
    if outcomes and len(errors) == len(outcomes):
        error = errors[0]
        assert error is not None
        raise type(error)(old.hide(str(error)))


def _still_ours(account: Account, key: Key, outcome: Outcome) -> Outcome:
    """Return what became of a contact that the replaced resource may have blocked: an answer was lost then."""
    verified = outcome.state is State.REFUSED and account.capabilities.lists_blocked
    if outcome.state in {State.PENDING, State.REFUSED} and not verified and account.claims.may_be_blocked(key):
        return Outcome(outcome.contact, outcome.wa_id, outcome.error, State.UNKNOWN, outcome.why)
    return outcome


def require_nobody_goes(old: Members, declared: Mapping[Contact, str]) -> None:
    """Refuse an update that would lose somebody: the comparison makes it a replacement.

    Raises:
        InternalError: when it was an update all the same.
    """
    wanted = {old.key(contact) for contact in declared}
    if any(key not in wanted for key in old.owned()):
        raise InternalError(
            "an update would lose contacts that are still blocked, so nothing was changed; run pulumi up again"
        )


async def let_go(
    account: Account, old: Members, left_out: LeftOut, strangers: Mapping[Contact, Key] | None = None
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
    people = {contact: names_of(contact, key) for key, contact in old.owned().items()}
    people |= {contact: names_of(contact, key) for contact, key in (strangers or {}).items()}
    if strangers:
        account.report.info(f"unblocking, because the exclusive list does not declare them: {old.names(strangers)}")
    outcomes = await unblocking.unblock(account, people, left_out)
    _tell_who_stays(account, old, outcomes)
    missed = [outcome for outcome in outcomes.values() if outcome.state in {State.PENDING, State.UNKNOWN}]
    if missed:
        raise Unavailable(
            f"{len(missed):,} of {len(people):,} contacts are not unblocked yet "
            f"({old.names(outcome.contact for outcome in missed)}): {old.hide(missed[0].why)}; they stay "
            "ours, and the next run goes on"
        )


def _tell_who_stays(account: Account, old: Members, outcomes: Mapping[Contact, Outcome]) -> None:
    left = [name for name, each in outcomes.items() if each.state is State.LEFT]
    left = [contact for contact in left if not account.claims.stays(old.key(contact))]
    if left:
        account.report.info(f"still blocked, because another resource of the program declares them: {old.names(left)}")
    refused = [outcome for outcome in outcomes.values() if outcome.state is State.REFUSED]
    if refused:
        account.report.warning(
            f"{account.title} refuses to unblock {old.names(outcome.contact for outcome in refused)}, so they stay "
            f"blocked and are no longer managed: {old.hide(refused[0].why)}"
        )


async def reread(account: Account, old: Members) -> Members:
    """Return what of a resource's contacts is still so, by the live list.

    A contact that is missing is looked for in a second listing before it is dropped: gateways were seen to leave out
    the end of a list, or to answer with an empty one.

    Raises:
        WhatsAppError: when the list cannot be read, or more than half of the contacts vanished at once.
    """
    live = await account.blocked()
    held = old.blocked()
    if any(key not in live for key in held):
        live = await account.blocked(fresh=True)
    gone = {contact for key, contact in held.items() if key not in live}
    here = len(gone), len(held)
    for lost, looked_for in (here, account.missing(*here)):
        many = here[0] and lost > _VANISHED_AT_LEAST and lost * 2 > looked_for
        if many and not account.config.accept_vanished:
            raise WhatsAppError(
                f"{lost:,} of {looked_for:,} contacts are no longer on the block list of {account.id}, twice in a row; "
                "that is more likely a fault of the gateway, or another stack that unblocked them, than somebody's "
                "work, so nothing was recorded. If it is right, refresh again with WHATSAPP_ACCEPT_VANISHED=true in "
                "the environment"
            )
    return Members(
        {contact: reason for contact, reason in old.contacts.items() if contact not in gone},
        {contact: outcome for contact, outcome in old.failed.items() if old.key(contact) not in live},
        {contact: wa_id for contact, wa_id in old.wa_ids.items() if contact not in gone},
        (),
        old.secret,
    )
