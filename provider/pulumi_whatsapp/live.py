"""Reading the live account from a program."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import pulumi

from .account.account import Account
from .connect import configuration, connect
from .dynamic._process import debugging
from .dynamic._program import stack_configuration
from .engine.engine_report import SilentReport
from .errors import ConfigurationError, Unsupported, WhatsAppError
from .gateways.registry import GATEWAYS
from .phone import declarable
from .sdk import current_monitor

Value = TypeVar("Value")


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


def get_blocked_contacts(account: str | None = None) -> BlockedContacts:
    """Return who an account blocks now, whoever blocked them.

    Args:
        account: the name of a configured account; the default one when absent.

    Raises:
        Unsupported: when its gateway cannot list who is blocked.
        ConfigurationError: when the account is not usable.
        GatewayError: when the list cannot be read whole.
    """

    async def read(opened: Account) -> BlockedContacts:
        if not opened.capabilities.lists_blocked:
            raise Unsupported("", f"{opened.title} cannot list who is blocked; {ability('lists_blocked')}")
        return await blocked_now(opened)

    return _from_account(account, read)


def get_privacy_settings(account: str | None = None) -> PrivacySettings:
    """Return an account's privacy settings now.

    Args:
        account: the name of a configured account; the default one when absent.

    Raises:
        Unsupported: when its gateway cannot read privacy settings.
        ConfigurationError: when the account is not usable.
        GatewayError: when they cannot be read.
    """

    async def read(opened: Account) -> PrivacySettings:
        if not opened.capabilities.reads_privacy:
            raise Unsupported("", f"{opened.title} cannot read privacy settings; {ability('reads_privacy')}")
        return PrivacySettings(opened.id, dict(sorted((await opened.privacy()).items())))

    return _from_account(account, read)


async def blocked_now(account: Account) -> BlockedContacts:
    """Return who an account blocks now.

    Raises:
        GatewayError: when the list cannot be read whole.
    """
    live = await account.blocked()
    contacts = sorted(declarable(row.contact) for row in live if row.contact is not None)
    return BlockedContacts(account.id, tuple(contacts), live.nameless)


def ability(capability: Literal["lists_blocked", "reads_privacy"]) -> str:
    """Return a clause about the gateways that can: ``only Meta can``."""
    able = [gateway.title for gateway in GATEWAYS.values() if getattr(gateway.capabilities, capability)]
    return f"only {', '.join(able)} can"


def _from_account(name: str | None, read: Callable[[Account], Coroutine[Any, Any, Value]]) -> Value:
    configured = configuration(stack_configuration(), os.environ, pulumi.get_project())

    async def run() -> Value:
        opened = connect(configured, SilentReport()).named(name)
        try:
            return await read(opened)
        finally:
            await opened.gateway.http.close()

    # A program runs inside an event loop of Pulumi's, so the reading gets a thread with one of its own.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="whatsapp") as pool:
        reading = pool.submit(lambda: asyncio.run(run()))
    try:
        return reading.result()
    except ConfigurationError as error:
        raise (_outside(error) if current_monitor() is None else error.with_traceback(None)) from None
    except WhatsAppError as error:
        raise (error if debugging() else error.with_traceback(None)) from None


def _outside(error: ConfigurationError) -> ConfigurationError:
    """Return the error for whoever runs a program without Pulumi, which hands out the stack's configuration."""
    return ConfigurationError(
        f"{error}; outside of a Pulumi program only the environment is read: run it with pulumi, or use "
        "pulumi-whatsapp list",
        error.problems,
    )
