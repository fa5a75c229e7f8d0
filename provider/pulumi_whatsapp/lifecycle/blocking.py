"""How a resource gets from the contacts that it holds to those that are declared, and how it lets go of them.

`BlockedContact` holds one contact and `Blocklist` many; both follow these rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ..account.account import Account
from ..account.change import Result
from ..errors import GatewayError, Unavailable, WhatsAppError
from ..phone import digits, identity, is_lid
from ..report import Report
from .members import Failure, Members, Plan

_VANISHED_AT_LEAST: Final = 3
_LINE: Final = 7
"""Digits that tell two lines apart, whatever stands before them."""


async def carry_out(
    account: Account,
    old: Members,
    declared: Mapping[str, str],
    steps: Plan,
    report: Report,
) -> Members:
    """Block and unblock, and return what is then held. Contacts are blocked before others are unblocked.

    Raises:
        WhatsAppError: when nothing at all was changed, so that the old state still stands.
    """
    to_unblock = old.people(steps.unblock)
    account.allow_unblocks(to_unblock)
    hide = old.hide
    mine = old.owned()
    blocked = await account.change("block", old.people(steps.block))
    strangers = [contact for contact, person in to_unblock.items() if person not in mine]
    unblocked = await _unblock(account, old, to_unblock, strangers, blocked, report)
    results = [*blocked.values(), *unblocked.values()]
    taken_over = {
        contact
        for contact, result in blocked.items()
        if result.state != "done" and account.claims.gave_away(contact, old.identity(contact))
    }
    if results and not taken_over and all(result.state == "pending" and result.error for result in results):
        error = results[0].error
        assert error is not None
        raise type(error)(hide(str(error)))

    failed: dict[str, Failure] = {}
    wa_ids = old.known_ids(declared)
    for contact, result in blocked.items():
        if result.state != "done" and result.state != "claimed":
            # Who may be blocked by us already stays ours when the gateway was not reached this time.
            ours_still = result.state == "pending" and old.identity(contact) in mine
            maybe = ours_still or contact in taken_over
            failed[contact] = Failure("unknown" if maybe else result.state, hide(why(result)))
        if result.wa_id is not None and result.wa_id != contact:
            wa_ids[contact] = digits(result.wa_id)
    ours = set(mine.values())
    foreign = old.still_foreign(declared)
    _tell_who_stays(account, old, unblocked, report)
    for contact, result in unblocked.items():
        if result.state in {"done", "claimed"}:
            continue
        if contact not in ours:
            foreign.append(contact)
        if result.state != "refused":
            failed[contact] = Failure("unblock_pending", hide(why(result)))
            if contact in old.wa_ids:
                wa_ids[contact] = old.wa_ids[contact]
    after = Members(declared, failed, wa_ids, foreign, old.secret)
    account.claims.hold(after.kept(declared))
    return after


async def _unblock(
    account: Account,
    old: Members,
    contacts: Mapping[str, str],
    strangers: Sequence[str],
    blocked: Mapping[str, Result],
    report: Report,
) -> dict[str, Result]:
    """Unblock contacts after others were blocked; nobody where one of those is not.

    Args:
        contacts: canonical form -> identity.
        strangers: those of them that are not owned.
        blocked: what became of the others.
    """
    left = next((result for result in blocked.values() if result.state == "pending"), None)
    if left is not None:
        return dict.fromkeys(contacts, Result("pending", left.error))
    if not contacts:
        return {}
    itself = {identity(result.wa_id) for result in blocked.values() if result.wa_id}
    unsure = await _unsure(account, blocked) if strangers else {}
    unblocked = _not_told_apart(strangers, unsure)
    others = {
        contact: person for contact, person in contacts.items() if person not in itself and contact not in unblocked
    }
    for contact in strangers:
        if contact in others:
            report.info(f"unblocking {old.names([contact])}: it is not in this exclusive list")
    return unblocked | await account.change("unblock", others)


async def _unsure(account: Account, blocked: Mapping[str, Result]) -> dict[str, Result]:
    """Return those of whom nothing tells WhatsApp's own id: no answer did, and no listing has them by their number.

    Who is blocked already may be refused another block; and an answer may confirm one without its id.
    """
    unsure = {contact: result for contact, result in blocked.items() if not result.wa_id}
    if any(result.state == "done" for result in unsure.values()):
        try:
            live = await account.blocked(fresh=True)
        except Exception:  # what was blocked is recorded all the same
            return unsure
        return {
            contact: result
            for contact, result in unsure.items()
            if result.state != "done" or identity(contact) not in live
        }
    return unsure


def _not_told_apart(strangers: Iterable[str], unsure: Mapping[str, Result]) -> dict[str, Result]:
    """Return the strangers of an exclusive list who may be somebody declared, under another number."""
    found = {}
    possible = [
        (contact, result.state in {"unknown", "done"}, digits(contact)[-_LINE:])
        for contact, result in reversed(list(unsure.items()))
    ]
    for stranger in strangers if possible else ():
        line, lid = digits(stranger)[-_LINE:], is_lid(stranger)
        contact = next((contact for contact, lost, other in possible if lost or lid or other == line), None)
        if contact is not None:
            error = GatewayError(
                f"it may be {contact} under another number; declare {stranger} instead of "
                f"{contact}, or unblock it by hand"
            )
            found[stranger] = Result("pending", error)
    return found


async def let_go(account: Account, old: Members, report: Report) -> None:
    """Unblock everything that is owned.

    Raises:
        WhatsAppError: when somebody is still blocked; the resource then still stands and is deleted again later.
    """
    owned = old.people(old.owned().values())
    account.allow_unblocks(owned)
    results = await account.release(owned)
    left = {contact: result for contact, result in results.items() if result.state in {"pending", "unknown"}}
    _tell_who_stays(account, old, results, report)
    if left:
        first = next(iter(left.values()))
        raise Unavailable(
            f"{len(left):,} of {len(owned):,} contacts are not unblocked yet ({old.names(left)}): "
            f"{old.hide(why(first))}; run it again to go on"
        )


def _tell_who_stays(account: Account, old: Members, results: Mapping[str, Result], report: Report) -> None:
    claimed = [contact for contact, result in results.items() if result.state == "claimed"]
    if claimed:
        report.info(f"still blocked, because another resource of the program declares them: {old.names(claimed)}")
    refused = {contact: result for contact, result in results.items() if result.state == "refused"}
    if refused:
        first = next(iter(refused.values()))
        report.warning(
            f"{account.title} refuses to unblock {old.names(refused)}, so they stay blocked and are no longer managed: "
            f"{old.hide(why(first))}"
        )


async def reread(account: Account, old: Members) -> Members:
    """Return what of a resource's contacts is still so, by the live list.

    A contact that is missing is looked for in a second listing before it is dropped, one whose unblock is still to be
    tried as well.

    Raises:
        WhatsAppError: when the list cannot be read, or more than half of the contacts vanished at once.
    """
    live = await account.blocked()
    held = old.blocked()
    leaving = [old.identity(contact) for contact, failure in old.failed.items() if failure.state == "unblock_pending"]
    if any(key not in live for key in (*held, *leaving)):
        live = await account.blocked(fresh=True)
    gone = {contact for key, contact in held.items() if key not in live}
    own = set(held.values()) - set(old.foreign)
    here = len(gone & own), len(own)
    for lost, looked_for in (here, account.missing(*here)):
        many = here[0] and lost > _VANISHED_AT_LEAST and lost * 2 > looked_for
        if many and not account.config.accept_vanished:
            raise WhatsAppError(
                f"{lost:,} of {looked_for:,} contacts are no longer on the block list of {account.id}, twice in a row; "
                "that is more likely a fault of the gateway than somebody's work, so nothing was recorded. If it is "
                "right, refresh again with WHATSAPP_ACCEPT_VANISHED=true in the environment"
            )
    failed: dict[str, Failure] = {}
    for contact, failure in old.failed.items():
        there = old.identity(contact) in live
        if failure.state == "unblock_pending":
            if there:
                failed[contact] = failure
        elif not there:
            failed[contact] = failure
    contacts = {contact: reason for contact, reason in old.contacts.items() if contact not in gone}
    wa_ids = {contact: wa_id for contact, wa_id in old.wa_ids.items() if contact not in gone}
    foreign = [contact for contact in old.foreign if contact not in gone]
    return Members(contacts, failed, wa_ids, foreign, old.secret)


def why(result: Result) -> str:
    """Return why a contact is not done, in one sentence."""
    return str(result.error) if result.error else "the time budget was used up before its turn"
