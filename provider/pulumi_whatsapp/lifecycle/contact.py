"""The lifecycle of a `BlockedContact`: create blocks, delete unblocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from ..account.account import Account
from ..account.accounts import Accounts
from ..errors import WhatsAppError
from ..phone import digits
from ..report import Report
from .blocking import carry_out, let_go, reread
from .diff import CHANGED, UNCHANGED, Diff, account_moves
from .inputs import Inputs, Props, Unknown
from .members import Failure, Members, from_outputs, plan, to_outputs


def check(news: Mapping[str, Any], olds: Mapping[str, Any], accounts: Accounts) -> Inputs:
    """Return the checked inputs, and why they are not possible."""
    inputs = Inputs(news, olds, accounts)
    phone = inputs.phone("phone")
    inputs.text("reason")
    if inputs.account and isinstance(phone, str):
        inputs.account.claims.declare([phone])
    return inputs


def diff(outputs: Mapping[str, Any], news: Mapping[str, Any], accounts: Accounts) -> Diff:
    """Return what an update would do. Another person is another resource; another spelling is not.

    An unknown phone is an update: it may turn out to be the same one, and `update` can carry another.

    Raises:
        ConfigurationError: when neither account of the resource is configured.
    """
    moved = account_moves(outputs, news, accounts)
    if moved is not None:
        return moved
    phone = news["phone"]
    if isinstance(phone, Unknown) or isinstance(news.get("reason"), Unknown):
        return CHANGED
    held = _members(outputs, news)
    if held.identity(phone) != held.identity(outputs["phone"]):
        return Diff(True, ("phone",))
    account = accounts.by_id(outputs["accountId"])
    account.claims.declare_ids(held.known_ids([phone]))
    account.claims.hold(held.kept([phone]))
    if held.failed or phone != outputs["phone"] or news.get("reason") != outputs.get("reason"):
        return CHANGED
    return UNCHANGED


async def create(news: Props, accounts: Accounts, report: Report) -> tuple[str, Props]:
    """Block the contact; returns the resource's id and outputs.

    Raises:
        WhatsAppError: when it is not blocked.
    """
    account = accounts.named(news.get("account"))
    secret = bool(news.get("secret"))
    outputs = await _apply(account, Members(secret=secret), news, report)
    return f"{account.id}/{f'secret-{uuid4().hex[:12]}' if secret else outputs['waId']}", outputs


async def update(outputs: Mapping[str, Any], news: Props, accounts: Accounts, report: Report) -> Props:
    """Try again what failed, and carry a phone that was unknown before; a new reason or spelling calls nobody."""
    return await _apply(accounts.by_id(outputs["accountId"]), _members(outputs, news), news, report)


async def _apply(account: Account, held: Members, news: Props, report: Report) -> Props:
    phone = news["phone"]
    declared = {phone: ""}
    steps = plan(held, declared)
    after = await carry_out(account, held, declared, steps, report)
    failure = after.failed.get(phone)
    if failure is not None and failure.state == "refused" and not held.contacts:
        raise WhatsAppError(f"{held.names([phone])} is not blocked: {failure.why}")
    return _outputs(news, after, account.id)


def read_seen(outputs: Props, accounts: Accounts) -> Props | None:
    """Return what `read` would where the list, as this process has it already, shows the contact; else None.

    A refresh reads the list once and every contact, so most of them need no turn on the event loop. Another listing
    that is under way is not waited for.
    """
    held = _members(outputs)
    people = held.blocked()
    account = accounts.by_id(outputs["accountId"])
    if held.failed or not account.has_seen(people):
        return None
    account.missing(0, len(people))
    return _outputs(outputs, held, outputs["accountId"])


async def read(outputs: Props, accounts: Accounts) -> Props | None:
    """Return the outputs as they are now, or None when nobody whom it has blocked is blocked any more.

    Raises:
        WhatsAppError: when the list cannot be read.
    """
    account = accounts.by_id(outputs["accountId"])
    if not account.capabilities.lists_blocked:
        account.tell_unread("who is blocked")
        return outputs
    held = _members(outputs)
    after = await reread(account, held)
    phone = outputs["phone"]
    if phone not in after.contacts:
        if not after.failed:
            return None
        # an earlier phone is still to be unblocked, and only this resource knows it
        gone = Failure("pending", "a refresh found it unblocked")
        after = replace(held, failed={**after.failed, phone: gone})
    return _outputs(outputs, after, outputs["accountId"])


async def delete(outputs: Mapping[str, Any], accounts: Accounts, report: Report) -> None:
    """Unblock the contact; one who is not blocked any more is done.

    Raises:
        WhatsAppError: when it is still blocked.
    """
    await let_go(accounts.by_id(outputs["accountId"]), _members(outputs), report)


def _members(outputs: Mapping[str, Any], news: Mapping[str, Any] | None = None) -> Members:
    phone = outputs["phone"]
    wa_id = outputs.get("waId")
    held = {**outputs, "waIds": {phone: wa_id} if wa_id else {}}
    return from_outputs({phone: ""}, held, news)


def _outputs(news: Mapping[str, Any], members: Members, account_id: str) -> Props:
    phone = news["phone"]
    return {
        "phone": phone,
        "reason": news.get("reason"),
        "account": news.get("account"),
        "waId": members.wa_ids.get(phone, digits(phone)),
        "accountId": account_id,
        "failed": to_outputs(members)["failed"],
        "secret": members.secret or None,
    }
