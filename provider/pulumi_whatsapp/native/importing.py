"""`pulumi import`: a resource from its id alone, as it is live."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from uuid import uuid4

from ..account.account import Account
from ..account.accounts import Accounts
from ..account.current import blocked_now, listed_now, settings_now
from ..errors import ConfigurationError, InvalidInput, WhatsAppError
from ..lifecycle.inputs import ADDITIVE, Props
from ..lifecycle.privacy_inputs import RESTORE
from ..names import digits, key_of
from ..phone import ImpossiblePhone, canonical, declarable
from ..privacy_settings import canonical_setting
from .resource_kinds import Kind


async def found(kind: Kind, id_: str, accounts: Accounts) -> tuple[str, Props]:
    """Return the id and the outputs of what an import names.

    Args:
        kind: the kind of resource.
        id_: what the user gives: the id of a resource in a state, or less: see the kinds below.
        accounts: the configured accounts.

    Raises:
        WhatsAppError: when there is no such thing, or the gateway cannot show it.
    """
    return await _FOUND[kind.name](id_.strip(), accounts)


async def _contact(id_: str, accounts: Accounts) -> tuple[str, Props]:
    """``<account id>/<number, id or JID>``, or the contact alone for the default account."""
    whose, _, who = id_.rpartition("/")
    account = _account(whose, accounts)
    try:
        contact = canonical(f"+{who}" if who.isdecimal() else who, account.config.default_region)
    except ImpossiblePhone as error:
        raise InvalidInput("phone", f"{error.shown} is not a possible phone number: {error.why}") from None
    row = (await listed_now(account)).find(key_of(contact))
    if row is None:
        raise WhatsAppError(
            f"{contact} is not blocked by {account.id}, so there is nothing to import; declare it without an "
            "import, and it is blocked"
        )
    listed = declarable(row.contact) if row.contact else contact
    # As it is given, which is how the program has it: a resource with the option `import` must not differ from that.
    return f"{account.id}/{digits(listed)}", {"phone": contact, "waId": digits(listed), **_of(account)}


async def _list(id_: str, accounts: Accounts) -> tuple[str, Props]:
    """``<account id>`` or the name of a configured account: whoever is live."""
    account = _account(id_.partition("/blocklist/")[0], accounts)
    live = await blocked_now(account)
    return f"{account.id}/blocklist/{uuid4().hex[:12]}", {
        "contacts": dict.fromkeys(live.contacts, ""),
        "mode": ADDITIVE,
        **_of(account),
    }


async def _setting(id_: str, accounts: Accounts) -> tuple[str, Props]:
    """``<account id>/privacy/<setting>``, or the setting alone for the default account."""
    whose, _, name = id_.rpartition("/")
    account = _account(whose.removesuffix("/privacy"), accounts)
    setting = canonical_setting(name)
    value = (await settings_now(account)).values.get(setting)
    if value is None:
        raise InvalidInput("setting", f"{account.title} does not show {setting}; declare it without an import")
    return f"{account.id}/privacy/{setting}", {
        "setting": setting,
        "value": value,
        "onDestroy": RESTORE,
        **_of(account),
    }


_FOUND: Final[Mapping[str, Callable[[str, Accounts], Awaitable[tuple[str, Props]]]]] = {
    "BlockedContact": _contact,
    "Blocklist": _list,
    "PrivacySetting": _setting,
}


def _account(whose: str, accounts: Accounts) -> Account:
    """Return the account of an id or a name."""
    if not whose or "/" not in whose:
        return accounts.named(whose or None)
    try:
        return accounts.by_id(whose)
    except ConfigurationError:
        raise ConfigurationError(
            f"there is no configured account {whose!r}; configure it, or give the id of a configured one"
        ) from None


def _of(account: Account) -> Props:
    return {"account": account.config.named, "accountId": account.id}
