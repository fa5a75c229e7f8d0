"""``pulumi-whatsapp doctor``: what is configured, where from, and whether it works."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from ..config import NAMESPACE, Configuration, from_environment
from ..connect import connect
from ..errors import ConfigurationError, GatewayError
from ..lifecycle.account import Account
from ..lifecycle.accounts import Accounts
from .report import ConsoleReport
from .stack import Stack

_OTHER_VARIABLES = frozenset({"WHATSAPP_DEBUG"})


def examine(stack: Stack, only: str | None, console: Console) -> bool:
    """Print the configuration and the state of each account; returns whether all is well.

    Args:
        stack: what is configured.
        only: the one account to look at, or None for all.
        console: where to print.
    """
    configured = stack.accounts(strict=True)
    _print_sources(stack, configured, console)
    return asyncio.run(_examine_accounts(configured, [only] if only else configured.names(), console))


def _print_sources(stack: Stack, configured: Configuration, console: Console) -> None:
    where = f"{stack.root}, stack {stack.name}" if stack.name else str(stack.root)
    console.print(Text("Configuration", "bold").append(f" of {where}", ""))
    if not stack.values and not stack.sealed:
        _print_row(console, "project", "no whatsapp: key in a Pulumi.yaml or Pulumi.<stack>.yaml here or above")
    for file in dict.fromkeys(stack.files.values()):
        keys = [_key(key, stack) for key, source in stack.files.items() if source == file]
        _print_row(console, file, ", ".join(sorted(keys)))
    variables = {name: value for name, value in stack.environment.items() if name.startswith("WHATSAPP_") and value}
    known = {name for name in variables if _is_known(name, variables, configured)}
    _print_row(console, "environment", ", ".join(sorted(known)) or "no WHATSAPP_ variable")
    for name in sorted(variables.keys() - known - _OTHER_VARIABLES):
        _print_row(console, "ignored", f"{name} in the environment is not a variable of this provider", "yellow")
    if stack.sealed:
        secret = ", ".join(f"{NAMESPACE}:{key}" for key in sorted(stack.sealed))
        _print_row(
            console,
            "not read",
            f"the secrets in {secret}; set PULUMI_CONFIG_PASSPHRASE where that is what encrypts them, else give the "
            "credentials in the environment",
            "yellow",
        )


def _key(key: str, stack: Stack) -> str:
    return f"{NAMESPACE}:{key}" + (" (encrypted)" if key in stack.sealed else "")


def _is_known(name: str, variables: Mapping[str, str], configured: Configuration) -> bool:
    return bool(from_environment({name: variables[name]}, configured.names()))


async def _examine_accounts(configured: Configuration, names: list[str], console: Console) -> bool:
    console.print(Text("Accounts", "bold"))
    accounts = connect(configured, ConsoleReport())
    return all([await _examine(name, accounts, console) for name in names])


async def _examine(name: str, accounts: Accounts, console: Console) -> bool:
    try:
        account = accounts.named(name)
    except ConfigurationError as error:
        _print_row(console, "wrong", f"{name}: {len(error.problems)} to mend", "red")
        for problem in error.problems:
            console.print(f"    {problem}", markup=False)
        return False
    connected, detail = await _status(account)
    word, style = ("ok", "green") if connected else ("wrong", "red")
    _print_row(console, word, f"{name} ({account.title}, {account.id}): {detail}", style)
    return connected


async def _status(account: Account) -> tuple[bool, str]:
    try:
        status = await account.gateway.status()
    except GatewayError as error:
        return False, str(error)
    finally:
        await account.gateway.http.close()
    return status.connected, status.detail


def _print_row(console: Console, word: str, text: str, style: str = "dim") -> None:
    console.print(Text("  ").append(f"{word:<16}", style).append(f" {text}"))
