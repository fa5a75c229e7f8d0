"""The lifecycle of a `Blocklist`: many contacts as one resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..account.account import Account
from ..account.accounts import Accounts
from ..report import Report, count_contacts
from .blocking import carry_out, let_go, reread
from .diff import CHANGED, UNCHANGED, Diff, account_moves
from .inputs import Inputs, Props, Unknown
from .members import Members, Plan, from_outputs, plan, to_outputs

ADDITIVE = "additive"
EXCLUSIVE = "exclusive"


def check(news: Mapping[str, Any], olds: Mapping[str, Any], accounts: Accounts) -> Inputs:
    """Return the checked inputs, and why they are not possible."""
    inputs = Inputs(news, olds, accounts)
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
    if isinstance(contacts, dict):
        account.claims.declare(contacts)
    inputs.freeze("contacts", exclusive=mode == EXCLUSIVE)
    inputs.require(
        mode != EXCLUSIVE or account.capabilities.lists_blocked,
        "mode",
        f"{account.title} cannot list who is blocked, so a list on it cannot be exclusive; use mode 'additive'",
    )
    most = account.capabilities.max_blocked
    if most is not None and isinstance(contacts, dict) and len(contacts) > most:
        inputs.fail("contacts", f"{account.title} keeps at most {most:,} blocked contacts; these are {len(contacts):,}")
    return inputs


async def announce(inputs: Inputs, report: Report) -> None:
    """Warn who would be unblocked when a new exclusive list is created.

    Raises:
        WhatsAppError: when the list cannot be read.
    """
    contacts = inputs.checked.get("contacts")
    if inputs.account is None or inputs.checked.get("mode") != EXCLUSIVE or not isinstance(contacts, dict):
        return
    held = Members(secret=inputs.secret)
    steps = plan(held, contacts, await inputs.account.blocked())
    _warn(inputs.account, held, steps.unblock, report)


async def diff(outputs: Mapping[str, Any], news: Mapping[str, Any], accounts: Accounts, report: Report) -> Diff:
    """Return what an update would do. Only an exclusive list asks the gateway.

    Raises:
        WhatsAppError: when neither account of the resource is configured, or the list cannot be read.
    """
    moved = account_moves(outputs, news, accounts)
    if moved is not None:
        return moved
    if any(isinstance(news.get(key), Unknown) for key in ("contacts", "mode", "allowFailures")):
        return CHANGED
    held = _members(outputs, news)
    account = accounts.by_id(outputs["accountId"])
    account.claims.declare_ids(held.known_ids(news["contacts"]))
    account.claims.hold(held.kept(news["contacts"]))
    steps = await _plan(account, held, news)
    if news["mode"] == EXCLUSIVE:
        mine = held.owned()
        _warn(account, held, [contact for contact in steps.unblock if held.identity(contact) not in mine], report)
    _foretell(account, held, steps, report)
    same = all(news.get(key) == outputs.get(key) for key in ("contacts", "mode", "allowFailures"))
    same = same and not held.finds_declared(news["contacts"])
    again = set(held.failed)
    if same and news.get("allowFailures"):
        refused = {contact for contact in again if held.failed[contact].state == "refused"}
        again -= refused
        steps = Plan([contact for contact in steps.block if contact not in refused], steps.unblock)
    if again:
        report.info(f"pulumi up tries again: {held.names(sorted(again))}")
    return UNCHANGED if same and not again and not steps.block and not steps.unblock else CHANGED


async def create(news: Props, accounts: Accounts, report: Report) -> Props:
    """Block the contacts; returns the outputs, the failed contacts among them.

    Raises:
        WhatsAppError: when nobody was blocked.
    """
    held = Members(secret=bool(news.get("secret")))
    return await _apply(accounts.named(news.get("account")), held, news, report)


async def update(outputs: Mapping[str, Any], news: Props, accounts: Accounts, report: Report) -> Props:
    """Block and unblock what changed, and try again what failed; returns the outputs.

    Raises:
        WhatsAppError: when nothing was changed.
    """
    return await _apply(accounts.by_id(outputs["accountId"]), _members(outputs, news), news, report)


async def read(outputs: Props, accounts: Accounts) -> Props:
    """Return the outputs as they are now: without who is not blocked any more, and with who else an exclusive list has.

    Raises:
        WhatsAppError: when the list cannot be read, or most of it vanished.
    """
    account = accounts.by_id(outputs["accountId"])
    if not account.capabilities.lists_blocked:
        account.tell_unread("who is blocked")
        return outputs
    after = await reread(account, _members(outputs))
    if outputs["mode"] == EXCLUSIVE:
        after = after.joined_by(await account.blocked(), (*after.contacts, *after.failed))
    return _outputs(outputs, after, outputs["accountId"])


async def delete(outputs: Mapping[str, Any], accounts: Accounts, report: Report) -> None:
    """Unblock what the list owns, and nobody else.

    Raises:
        WhatsAppError: when somebody is still blocked.
    """
    held = _members(outputs)
    account = accounts.by_id(outputs["accountId"])
    await let_go(account, held, report)


async def _apply(account: Account, held: Members, news: Props, report: Report) -> Props:
    steps = await _plan(account, held, news)
    after = await carry_out(account, held, news["contacts"], steps, report)
    return _outputs(news, after, account.id)


async def _plan(account: Account, held: Members, news: Mapping[str, Any]) -> Plan:
    live = await account.blocked() if news["mode"] == EXCLUSIVE else None
    return plan(held, news["contacts"], live)


def _foretell(account: Account, held: Members, steps: Plan, report: Report) -> None:
    """Say what the engine's own preview does not show."""
    if held.secret and (steps.block or steps.unblock):
        changes = {"block": steps.block, "unblock": steps.unblock}
        told = [f"{action} {held.names(contacts)}" for action, contacts in changes.items() if contacts]
        report.info(f"of these secret contacts pulumi up would {' and '.join(told)}")
    error = account.refuses_unblocks(held.people(steps.unblock))
    if error is not None:
        report.warning(f"the update will refuse this: {error}")


def _warn(account: Account, held: Members, contacts: list[str], report: Report) -> None:
    if contacts:
        report.warning(
            f"pulumi up would unblock {count_contacts(len(contacts))} of {account.id} that this exclusive list does "
            f"not declare: {held.names(contacts)}"
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
