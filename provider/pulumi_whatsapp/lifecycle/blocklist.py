"""The lifecycle of a `Blocklist`: many contacts as one resource.

Only `delete` unblocks. A list that lets somebody go is replaced, and the engine deletes the old one last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import uuid4

from ..account.account import Account
from ..account.accounts import Accounts
from ..account.claims import Declared, Declarer
from ..account.listing import Listing, Rows, may_be_among
from ..account.unblocking import Unaccounted, sendable
from ..errors import GatewayError, ShrinksTooMuch
from ..names import Contact, Key, Names, key_of, kinds
from ..outcome import SAID_NO, State
from ..report import count_contacts
from . import holding
from .diff import CHANGED, UNCHANGED, Diff, account_moves
from .inputs import ADDITIVE, EXCLUSIVE, Inputs, Props, Unknown
from .members import Members, from_outputs, to_outputs

_INPUTS: Final = ("contacts", "mode", "allowFailures")
_LOSES_AT_LEAST: Final = 10
"""A shorter list is read at a glance, so nobody empties it unseen. More than half, because a file that was emptied or
cut off loses most of its lines, and a program that was edited loses some."""


def check(news: Mapping[str, Any], olds: Mapping[str, Any], accounts: Accounts, by: Declarer) -> Inputs:
    """Return the checked inputs, and why they are not possible."""
    inputs = Inputs(news, olds, accounts, by)
    contacts = inputs.contacts("contacts", required=True)
    mode = inputs.choice("mode", (ADDITIVE, EXCLUSIVE), ADDITIVE)
    allow = inputs.get("allowFailures")
    if isinstance(allow, bool | Unknown):
        inputs.checked["allowFailures"] = allow
    elif allow is not None:
        inputs.fail("allowFailures", "it must be true or false")
    account = inputs.account
    if account is None:
        return inputs
    people = {key_of(contact): contact for contact in contacts} if isinstance(contacts, dict) else {}
    inputs.declare("contacts", Declared(by, people, exclusive=mode == EXCLUSIVE))
    inputs.require(
        mode != EXCLUSIVE or account.capabilities.lists_blocked,
        "mode",
        f"{account.title} cannot list who is blocked, so a list on it cannot be exclusive; use mode 'additive'",
    )
    most = account.capabilities.max_blocked
    if most is not None and len(people) > most:
        inputs.fail("contacts", f"{account.title} keeps at most {most:,} blocked contacts; these are {len(people):,}")
    return inputs


async def announce(inputs: Inputs) -> None:
    """Say whom a new list blocks; a new exclusive one also names whom the next update would unblock.

    Raises:
        WhatsAppError: when the live list of an exclusive one cannot be read.
    """
    contacts, account = inputs.checked.get("contacts"), inputs.account
    if account is None:
        return
    if not isinstance(contacts, dict):
        account.report.info(f"{inputs.by.label}: its contacts are not known yet, so nobody can be named")
        return
    held = Members(secret=inputs.secret)
    exclusive = inputs.checked.get("mode") == EXCLUSIVE
    live = await account.blocked() if exclusive else Listing()
    _tell(account, inputs.by.label, held, [who for who in contacts if live.find(key_of(who)) is None], [])
    if exclusive:
        _tell_strangers(account, inputs.by.label, held, _strangers(account, held, contacts, live).go)


async def diff(outputs: Mapping[str, Any], news: Mapping[str, Any], accounts: Accounts) -> Diff:
    """Return what an update would do: a list that lets somebody go is replaced. Only an exclusive one asks the gateway.

    Raises:
        TooManyUnblocks: when the run would unblock more than ``maxUnblocks``.
        ShrinksTooMuch: when a list of ten or more would lose more than half of its contacts.
        WhatsAppError: when neither account of the resource is configured, or the live list cannot be read.
    """
    moved = account_moves(outputs, news, accounts)
    if moved is not None:
        if moved.replaces:
            _tell_of_move(outputs, news, accounts)
        return moved
    if any(isinstance(news.get(key), Unknown) for key in _INPUTS):
        return CHANGED
    account = accounts.by_id(outputs["accountId"])
    declared: Mapping[Contact, str] = news["contacts"]
    held = _members(outputs, news)
    gone = holding.compared(account, held, declared)
    exclusive = news["mode"] == EXCLUSIVE
    live = await account.blocked() if exclusive else None
    others = (
        _strangers(account, held, {**declared, **dict.fromkeys(gone, "")}, live) if live is not None else _Strangers()
    )
    strangers = others.go
    replaced = outputs["mode"] == EXCLUSIVE and exclusive
    lost = holding.leaving(account, gone)
    if replaced:
        account.claims.name_strangers(name for names in strangers.values() for name in names)
    leaving = {**lost, **strangers} if replaced else lost
    comes = _comes(account, held, news, live)
    label = account.claims.label_of(declared)
    if label is not None and accounts.preview:
        _tell(account, label, held, comes, [*leaving])
        account.claims.foretold((name for names in leaving.values() for name in names), label)
        if exclusive and not replaced:
            _tell_strangers(account, label, held, strangers)
        _tell_who_is_unclear(account, label, held, others.unclear)
    if label is not None:
        account.foresee_unblocks(names[0] for names in leaving.values())
        _require_no_shrink(account, label, len(held.owned), lost)
    if gone or (replaced and strangers):
        return Diff(True, ("contacts",))
    same = all(news.get(key) == outputs.get(key) for key in _INPUTS)
    return UNCHANGED if same and not comes else CHANGED


async def create(news: Props, accounts: Accounts) -> tuple[str, Props]:
    """Block the contacts; returns the resource's id and outputs, the failed contacts among them.

    Raises:
        WhatsAppError: when nobody was blocked because of the account or the way to its gateway.
    """
    account = accounts.named(news.get("account"))
    outputs = await _block(account, Members(secret=bool(news.get("secret"))), news)
    return f"{account.id}/blocklist/{uuid4().hex[:12]}", outputs


async def update(outputs: Mapping[str, Any], news: Props, accounts: Accounts) -> Props:
    """Block the new contacts, and try again what failed; returns the outputs. Nobody is unblocked.

    Raises:
        WhatsAppError: when nothing was changed.
    """
    held = _members(outputs, news)
    holding.require_nobody_goes(held, news.get("contacts") or {})
    return await _block(accounts.by_id(outputs["accountId"]), held, news)


async def read(outputs: Props, accounts: Accounts) -> Props:
    """Return the outputs as they are now. Contacts that are not blocked any more are left out of them.

    An exclusive list also names strangers.

    Raises:
        WhatsAppError: when the list cannot be read, or most of it vanished.
    """
    account = accounts.by_id(outputs["accountId"])
    if not account.capabilities.lists_blocked:
        account.tell_unread("who is blocked")
        return outputs
    after = await holding.reread(account, _members(outputs))
    if outputs["mode"] == EXCLUSIVE:
        after = replace(after, foreign=sorted(_strangers(account, after, after.contacts, await account.blocked()).go))
    return _outputs(outputs, after, outputs["accountId"])


async def delete(instance: str | None, outputs: Mapping[str, Any], accounts: Accounts) -> None:
    """Unblock what the list owns; if it is replaced by an exclusive one, also the strangers that the comparison named.

    Raises:
        WhatsAppError: when somebody is still blocked.
    """
    account = accounts.by_id(outputs["accountId"])
    held = _members(outputs)
    exclusive = outputs["mode"] == EXCLUSIVE and account.claims.strangers()
    await holding.let_go(
        account,
        held,
        await accounts.left_out(account, instance),
        await _named_strangers(account, held) if exclusive else {},
    )


async def _named_strangers(account: Account, held: Members) -> dict[Contact, Names]:
    """Return the strangers that the comparison has named, by a listing made now: somebody may have joined the program.

    While a declared contact is not on that list by any name, a stranger may be that contact, and stays. A contact that
    the list owns is no stranger, whatever name the listing shows.
    """
    claims, live = account.claims, await account.blocked(fresh=True)
    missing = {
        key: contact for key, contact in claims.declared_contacts().items() if live.find(*claims.names(key)) is None
    }
    unaccounted = Unaccounted(
        missing.values(),
        {
            contact: claims.may_be_blocked((key,)) or not claims.held(key)
            for key, contact in missing.items()
            if not claims.refused(key)
        },
    )
    own = {name for names in held.named(held.owned.values()).values() for name in names}
    named = claims.strangers() - own
    return {
        who: row.names
        for row in live
        if not named.isdisjoint(row.names)
        and own.isdisjoint(row.names)
        and claims.declarer(*row.names) is None
        and not unaccounted.may_be(row)
        and account.given_up.isdisjoint(row.names)
        and (who := sendable(account, row)) is not None
    }


async def _block(account: Account, held: Members, news: Mapping[str, Any]) -> Props:
    exclusive = news["mode"] == EXCLUSIVE
    after = await holding.block(account, held, news["contacts"], believe_record=not exclusive)
    if exclusive:
        with suppress(GatewayError):  # what was blocked is recorded, whether or not the others can be named
            strangers = _strangers(account, after, after.contacts, await account.blocked()).go
            after = replace(after, foreign=sorted(who for who, names in strangers.items() if not _goes(account, names)))
    return _outputs(news, after, account.id)


def _goes(account: Account, names: Names) -> bool:
    """Return whether an undeclared contact of the live list is unblocked when the old list is deleted."""
    claims = account.claims
    named = not claims.strangers().isdisjoint(names)
    return named or claims.recorded(names) is not None or claims.may_be_blocked(names)


def _comes(account: Account, held: Members, news: Mapping[str, Any], live: Listing | None) -> list[Contact]:
    """Return whom an update would block: who is not blocked yet, and who failed and is to be tried again.

    Where the live list cannot tell whether a contact is on it, the record of it as blocked is enough, for an exclusive
    list too.
    """
    left, there = _let_pass(account, held, news), held.blocked
    if live is None:
        return [contact for contact in news["contacts"] if (key := held.key(contact)) not in there and key not in left]
    named = held.named(news["contacts"])
    missing = {
        contact: names
        for contact, names in named.items()
        if held.key(contact) not in left and live.find(*names) is None
    }
    rows = live.rows(named.values()) if missing else Rows()
    return [
        contact
        for contact, names in missing.items()
        if held.key(contact) not in there or not may_be_among(kinds(names), rows)
    ]


def _let_pass(account: Account, held: Members, news: Mapping[str, Any]) -> set[Key]:
    """Return the refused contacts that are not tried again before the list changes (``allow_failures``)."""
    if not news.get("allowFailures") or account.config.retry_refused or not held.failed:
        return set()
    return {held.key(contact) for contact, outcome in held.failed.items() if outcome.state in SAID_NO}


@dataclass(frozen=True)
class _Strangers:
    """Contacts on a live list that are not declared.

    Attributes:
        go: those that an exclusive list unblocks.
        unclear: those that may be a declared contact, because the list shows that one by no known name; they stay.
    """

    go: Mapping[Contact, Names] = field(default_factory=dict)
    unclear: Sequence[Contact] = ()


def _strangers(account: Account, held: Members, declared: Mapping[Contact, str], live: Listing) -> _Strangers:
    rows = {contact: live.find(*names) for contact, names in held.named(declared).items()}
    wanted = {id(row) for row in rows.values()}
    missing = [contact for contact, row in rows.items() if row is None]
    unaccounted = Unaccounted(
        missing,
        {
            contact: (outcome := held.failed.get(contact)) is not None and outcome.state is State.UNKNOWN
            for contact in missing
            if _should_be_there(held, contact)
        },
    )
    go, unclear = {}, []
    for row in live:
        contact = sendable(account, row)
        if id(row) in wanted or not account.given_up.isdisjoint(row.names):
            continue
        if contact is None or unaccounted.may_be(row):
            unclear += [row.contact] if row.contact is not None else []
        else:
            go[contact] = row.names
    return _Strangers(go, unclear)


def _should_be_there(held: Members, contact: Contact) -> bool:
    outcome = held.failed.get(contact)
    return contact in held.contacts and (outcome is None or outcome.state in {State.UNKNOWN, State.UNSURE})


def _require_no_shrink(account: Account, label: str, owned: int, gone: Mapping[Contact, Names]) -> None:
    if owned < _LOSES_AT_LEAST or len(gone) * 2 <= owned or account.config.accept_shrink:
        return
    raise ShrinksTooMuch(
        f"{label} would unblock {len(gone):,} of its {count_contacts(owned)}, more than half at once, as a list does "
        "whose file was emptied; nothing was changed. If it is right, run it again with WHATSAPP_ACCEPT_SHRINK=true in "
        "the environment; if another resource takes the contacts over, declare that resource before this one"
    )


def _tell(account: Account, label: str, held: Members, comes: list[Contact], goes: list[Contact]) -> None:
    """Name who comes and who goes, on one line: the engine shows neither without ``--diff``."""
    told = {"blocks": comes, "unblocks": goes}
    said = [f"{verb} {len(people):,}: {held.names(people)}" for verb, people in told.items() if people]
    if said:
        account.report.info(f"{label}: {'; '.join(said)}")


def _tell_of_move(outputs: Mapping[str, Any], news: Mapping[str, Any], accounts: Accounts) -> None:
    """Name who goes because the list moves to another account."""
    account, held = accounts.by_id(outputs["accountId"]), _members(outputs, news)
    leaving = holding.leaving(account, holding.compared(account, held, {}))
    if accounts.preview:
        _tell(account, f"a Blocklist that leaves {account.id}", held, [], [*leaving])
    account.foresee_unblocks(names[0] for names in leaving.values())


def _tell_who_is_unclear(account: Account, label: str, held: Members, unclear: Sequence[Contact]) -> None:
    if unclear:
        account.report.info(
            f"{label}: leaves {len(unclear):,} alone: {held.names(unclear)}. The list does not show every declared "
            "contact by a name that is known, so each of these may be one of them"
        )


def _tell_strangers(account: Account, label: str, held: Members, strangers: Mapping[Contact, Names]) -> None:
    if strangers:
        account.report.warning(
            f"{label} is a new exclusive list and does not declare {count_contacts(len(strangers))} of {account.id}: "
            f"{held.names(strangers)}. This update only blocks; the next pulumi up would unblock them, so declare "
            "everybody who should stay before that"
        )


def _members(outputs: Mapping[str, Any], news: Mapping[str, Any] | None = None) -> Members:
    return from_outputs(outputs["contacts"], outputs, news)


def _outputs(news: Mapping[str, Any], members: Members, account_id: str) -> Props:
    return {
        "contacts": dict(members.contacts),
        "mode": news["mode"],
        "allowFailures": news.get("allowFailures"),
        "account": news.get("account"),
        "accountId": account_id,
        "secret": members.secret or None,
        **to_outputs(members),
    }
