"""What an account has now, whoever did it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..errors import Unsupported
from ..gateways.registry import GATEWAYS
from ..phone import declarable
from .account import Account
from .listing import Listing


@dataclass(frozen=True)
class BlockedContacts:
    """Who an account blocks now.

    Attributes:
        account_id: the account's public identity.
        contacts: sorted, as a program spells them: numbers, and the id of whoever hides the number. Where the gateway
            takes no such ids (Kaleyra), a resource that declares one is refused: give the phone number, if it is known.
        nameless: how many more there are whom the gateway names by nothing that they could be declared by.
    """

    account_id: str
    contacts: tuple[str, ...]
    nameless: int = 0


@dataclass(frozen=True)
class PrivacySettings:
    """An account's privacy settings now.

    Attributes:
        account_id: the account's public identity.
        values: setting -> value.
    """

    account_id: str
    values: Mapping[str, str]


async def listed_now(account: Account) -> Listing:
    """Return the list of who is blocked.

    Raises:
        Unsupported: when the account's gateway cannot list who is blocked.
        GatewayError: when the list cannot be read whole.
    """
    if not account.capabilities.lists_blocked:
        raise Unsupported("", f"{account.title} cannot list who is blocked; {ability('lists_blocked')}")
    return await account.blocked()


async def blocked_now(account: Account) -> BlockedContacts:
    """Return who an account blocks now.

    Raises:
        Unsupported: when its gateway cannot list who is blocked.
        GatewayError: when the list cannot be read whole.
    """
    live = await listed_now(account)
    contacts = sorted(declarable(row.contact) for row in live if row.contact is not None)
    return BlockedContacts(account.id, tuple(contacts), live.nameless)


async def settings_now(account: Account) -> PrivacySettings:
    """Return an account's privacy settings now.

    Raises:
        Unsupported: when its gateway cannot read privacy settings.
        GatewayError: when they cannot be read.
    """
    if not account.capabilities.reads_privacy:
        raise Unsupported("", f"{account.title} cannot read privacy settings; {ability('reads_privacy')}")
    return PrivacySettings(account.id, dict(sorted((await account.privacy()).items())))


def ability(capability: Literal["lists_blocked", "reads_privacy"]) -> str:
    """Return a clause about the gateways that can: ``only Meta can``."""
    able = [gateway.title for gateway in GATEWAYS.values() if getattr(gateway.capabilities, capability)]
    return f"only {', '.join(able)} can"
