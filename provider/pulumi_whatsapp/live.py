"""Reading the live account from a program."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pulumi

from .account.account import Account
from .account.current import BlockedContacts, PrivacySettings, blocked_now, settings_now
from .config import stack_configuration
from .connect import configuration, connect
from .engine.engine_report import SilentReport
from .engine.marks import debugging
from .errors import ConfigurationError, WhatsAppError
from .sdk import current_monitor

Value = TypeVar("Value")


def get_blocked_contacts(account: str | None = None) -> BlockedContacts:
    """Return who an account blocks now, whoever blocked them.

    Args:
        account: the name of a configured account; the default one when absent.

    Raises:
        Unsupported: when its gateway cannot list who is blocked.
        ConfigurationError: when the account is not usable.
        GatewayError: when the list cannot be read whole.
    """
    return _from_account(account, blocked_now)


def get_privacy_settings(account: str | None = None) -> PrivacySettings:
    """Return an account's privacy settings now.

    Args:
        account: the name of a configured account; the default one when absent.

    Raises:
        Unsupported: when its gateway cannot read privacy settings.
        ConfigurationError: when the account is not usable.
        GatewayError: when they cannot be read.
    """
    return _from_account(account, settings_now)


def _from_account(name: str | None, read: Callable[[Account], Coroutine[Any, Any, Value]]) -> Value:
    configured = configuration(stack_configuration(), os.environ, pulumi.get_project())

    async def run() -> Value:
        opened = connect(configured, SilentReport()).named(name)
        try:
            return await read(opened)
        finally:
            await opened.gateway.http.close()

    # A program runs inside an event loop of Pulumi's, so the reading gets a thread with one of its own.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="whatsapp-reads") as pool:
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
