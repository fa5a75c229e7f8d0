"""The lifecycle of a `BlockedContact`: create blocks, delete unblocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from ..account.account import Account
from ..account.accounts import Accounts
from ..account.claims import Declared, Declarer
from ..names import NUMBER, Contact, digits, key_of, kind
from . import holding
from .diff import CHANGED, UNCHANGED, Diff, account_moves
from .inputs import Inputs, Props, Unknown
from .members import SINGULAR, Members, from_outputs, learnt, to_outputs


def check(news: Mapping[str, Any], olds: Mapping[str, Any], accounts: Accounts, by: Declarer) -> Inputs:
    """Return the checked inputs, and why they are not possible."""
    inputs = Inputs(news, olds, accounts, by)
    phone = inputs.phone("phone")
    inputs.text("reason")
    people = {key_of(phone): phone} if isinstance(phone, str) else {}
    inputs.declare("phone", Declared(by, people))
    return inputs


async def announce(inputs: Inputs) -> None:
    """Say nothing: the resource's own row does."""


async def diff(outputs: Mapping[str, Any], news: Mapping[str, Any], accounts: Accounts) -> Diff:
    """Return what an update would do. Another person is another resource; another spelling is not.

    An unknown phone is an update: it may turn out to be the same one, and the engine asks again when it is known.

    Raises:
        TooManyUnblocks: when the run would unblock more than ``maxUnblocks``.
        ConfigurationError: when neither account of the resource is configured.
    """
    moved = account_moves(outputs, news, accounts)
    phone = news["phone"]
    if moved is CHANGED or isinstance(phone, Unknown) or isinstance(news.get("reason"), Unknown):
        return moved or CHANGED
    account = accounts.by_id(outputs["accountId"])
    held = _members(outputs, news)
    gone = holding.compared(account, held, {phone: ""} if moved is None else {})
    if moved is not None:
        account.foresee_unblocks(names[0] for names in holding.leaving(account, gone).values())
        return moved
    if held.key(phone) != held.key(outputs["phone"]):
        account.foresee_unblocks(names[0] for names in holding.leaving(account, gone).values())
        return Diff(True, ("phone",))
    if held.failed or phone != outputs["phone"] or news.get("reason") != outputs.get("reason"):
        return CHANGED
    return UNCHANGED


async def create(news: Props, accounts: Accounts) -> tuple[str, Props]:
    """Block the contact; returns the resource's id and outputs. That it was refused is recorded.

    Raises:
        WhatsAppError: when nothing was done because of the account or the way to its gateway.
    """
    account = accounts.named(news.get("account"))
    secret = bool(news.get("secret"))
    outputs = await _block(account, Members(secret=secret), news)
    return f"{account.id}/{f'secret-{uuid4().hex[:12]}' if secret else outputs['waId'] or outputs['phone']}", outputs


async def update(outputs: Mapping[str, Any], news: Props, accounts: Accounts) -> Props:
    """Try again what failed; a new reason or spelling calls nobody. Nobody is unblocked."""
    held = _members(outputs, news)
    holding.require_nobody_goes(held, {news["phone"]: ""} if "phone" in news else {})
    return await _block(accounts.by_id(outputs["accountId"]), held, news)


async def _block(account: Account, held: Members, news: Props) -> Props:
    return _outputs(news, await holding.block(account, held, {news["phone"]: ""}), account.id)


def read_seen(outputs: Props, accounts: Accounts) -> Props | None:
    """Return what `read` would where the list, as this process has it already, shows the contact; else None.

    A refresh reads the list once and every contact, so most of them need no turn on the event loop. Another listing
    that is under way is not waited for.
    """
    held = _members(outputs)
    account = accounts.by_id(outputs["accountId"])
    ((contact, names),) = held.named(held.contacts).items()
    row = None if held.failed else account.seen(names)
    if row is None:
        return None
    account.missing(0, 1)
    return _outputs(outputs, replace(held, known=learnt(held, held.contacts, {contact: row})), outputs["accountId"])


async def read(outputs: Props, accounts: Accounts) -> Props | None:
    """Return the outputs as they are now, or None when the contact is not blocked any more.

    Raises:
        WhatsAppError: when the list cannot be read.
    """
    account = accounts.by_id(outputs["accountId"])
    if not account.capabilities.lists_blocked:
        account.tell_unread("who is blocked")
        return outputs
    after = await holding.reread(account, _members(outputs))
    return _outputs(outputs, after, outputs["accountId"]) if after.contacts else None


async def delete(instance: str | None, outputs: Mapping[str, Any], accounts: Accounts) -> None:
    """Unblock the contact; one who is not blocked any more is done.

    Raises:
        WhatsAppError: when it is still blocked.
    """
    account = accounts.by_id(outputs["accountId"])
    await holding.let_go(account, _members(outputs), await accounts.left_out(account, instance))


def _members(outputs: Mapping[str, Any], news: Mapping[str, Any] | None = None) -> Members:
    phone = outputs["phone"]
    known = {many: {phone: outputs[one]} for one, many in SINGULAR.items() if outputs.get(one)}
    return from_outputs({phone: ""}, {**outputs, **known}, news)


def _outputs(news: Mapping[str, Any], members: Members, account_id: str) -> Props:
    phone: Contact = news["phone"]
    held = to_outputs(members)
    return {
        "phone": phone,
        "reason": news.get("reason"),
        "account": news.get("account"),
        "waId": digits(phone) if kind(phone) == NUMBER else None,
        **{one: held[many][phone] for one, many in SINGULAR.items() if phone in held[many]},
        "accountId": account_id,
        "failed": held["failed"],
        "secret": members.secret or None,
    }
