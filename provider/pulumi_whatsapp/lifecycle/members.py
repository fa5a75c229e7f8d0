"""Which contacts a resource holds, and how it gets from what it holds to what is declared.

`BlockedContact` holds one contact and `Blocklist` many; both follow these rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

from ..errors import GatewayError, Unavailable, WhatsAppError
from ..phone import digits, hide_numbers, identity, last_digits
from .account import Account
from .change import Result
from .report import Report

State = Literal["refused", "unknown", "pending", "unblock_pending"]

NAMED: Final = 20
"""How many contacts a message names before it only counts."""

_NOT_OURS: Final = frozenset({"refused", "pending"})
_VANISHED_AT_LEAST: Final = 3
_LINE: Final = 7
"""Digits that tell two lines apart, whatever stands before them."""


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
    def _wa_identities(self) -> dict[str, str]:
        return {identity(contact): identity(wa_id) for contact, wa_id in self.wa_ids.items()}

    def identity(self, contact: str) -> str:
        """Return the key of a contact, in whichever spelling: by WhatsApp's own id where it is known."""
        key = identity(contact)
        return self._wa_identities.get(key, key)

    def known_ids(self, contacts: Iterable[str]) -> dict[str, str]:
        """Return those contacts whose own id of WhatsApp is recorded, with that id."""
        known = {self.identity(contact): wa_id for contact, wa_id in self.wa_ids.items()}
        return {contact: known[key] for contact in contacts if (key := self.identity(contact)) in known}

    def people(self, contacts: Iterable[str]) -> dict[str, str]:
        """Return contacts with their identities."""
        return {contact: self.identity(contact) for contact in contacts}

    def blocked(self) -> dict[str, str]:
        """Return the contacts that are recorded as simply blocked: identity -> contact."""
        return {self.identity(contact): contact for contact in self.contacts if contact not in self.failed}

    def kept(self, declared: Iterable[str]) -> dict[str, str]:
        """Return those declared contacts that are owned and recorded as simply blocked, with their identities."""
        held = self.blocked().keys() & self.owned().keys()
        return {contact: key for contact, key in self.people(declared).items() if key in held} if held else {}

    def finds_declared(self, declared: Iterable[str]) -> bool:
        """Return whether somebody whom only a refresh had found is declared by now."""
        found = set(self.people(self.foreign).values())
        return bool(found) and not self.frozen and not found.isdisjoint(self.people(declared).values())

    def still_foreign(self, declared: Iterable[str]) -> list[str]:
        """Return whom a refresh had found and nobody declares by an update with these contacts."""
        return sorted({*self.foreign} & {*declared}) if self.frozen else []

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
        unblock = [contact for key, contact in old.owned().items() if key not in wanted]
    else:
        known = {old.identity(contact): contact for contact in (*old.contacts, *old.failed)}
        block = [contact for key, contact in wanted.items() if key not in live]
        unblock = [known.get(key, contact) for key, contact in live.items() if key not in wanted]
    return Plan(block, unblock)


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
    blocked = await account.change("block", old.people(steps.block))
    left = [result for result in blocked.values() if result.state == "pending"]
    if left:
        unblocked = dict.fromkeys(steps.unblock, Result("pending", left[0].error))
    else:
        itself = {identity(result.wa_id) for result in blocked.values() if result.wa_id}
        strangers = [contact for contact, person in to_unblock.items() if person not in old.owned()]
        unsure = await _unsure(account, blocked) if strangers else {}
        unblocked = _not_told_apart(strangers, unsure)
        others = {
            contact: person
            for contact, person in to_unblock.items()
            if person not in itself and contact not in unblocked
        }
        for contact in strangers:
            if contact in others:
                report.info(f"unblocking {old.names([contact])}: it is not in this exclusive list")
        unblocked |= await account.change("unblock", others)
    results = [*blocked.values(), *unblocked.values()]
    taken_over = [contact for contact in blocked if account.gave_away(contact, old.identity(contact))]
    if results and not taken_over and all(result.state == "pending" and result.error for result in results):
        error = results[0].error
        assert error is not None
        raise type(error)(hide(str(error)))

    failed: dict[str, Failure] = {}
    wa_ids = old.known_ids(declared)
    mine = old.owned()
    for contact, result in blocked.items():
        if result.state != "done" and result.state != "claimed":
            # Who may be blocked by us already stays ours when the gateway was not reached this time.
            ours_still = result.state == "pending" and old.identity(contact) in mine
            maybe = ours_still or contact in taken_over
            failed[contact] = Failure("unknown" if maybe else result.state, hide(why(result)))
        if result.wa_id is not None and result.wa_id != digits(contact):
            wa_ids[contact] = result.wa_id
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
    after = Members(dict(declared), failed, wa_ids, foreign, old.secret)
    account.hold(after.kept(declared))
    return after


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
    for stranger in strangers:
        for contact, result in unsure.items():
            lost = result.state in {"unknown", "done"}
            if lost or stranger.endswith("@lid") or digits(stranger)[-_LINE:] == digits(contact)[-_LINE:]:
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
