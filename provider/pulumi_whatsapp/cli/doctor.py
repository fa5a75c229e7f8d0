"""``pulumi-whatsapp doctor``: what is configured, where from, and whether it works."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from ..account.account import Account
from ..account.accounts import Accounts
from ..config import NAMESPACE, Configuration, from_environment
from ..connect import connect
from ..errors import ConfigurationError, GatewayError
from .console import ConsoleReport
from .stack import HOW_TO_READ, Stack

_OTHER_VARIABLES = frozenset({"WHATSAPP_DEBUG"})


def examine(stack: Stack, only: str | None, console: Console) -> bool:
    """Print the configuration and the state of each account; returns whether all is well.

    Args:
        stack: what is configured.
        only: the one account to look at, or None for all.
        console: where to print.
    """
    configured = stack.accounts()
    _print_sources(stack, configured, console)
    return asyncio.run(_examine_accounts(stack, configured, [only] if only else configured.names(), console))


def _print_sources(stack: Stack, configured: Configuration, console: Console) -> None:
    where = f"{stack.root}, stack {stack.name}" if stack.name else str(stack.root)
    console.print(Text("Configuration", "bold").append(f" of {where}", ""))
    if not stack.project:
        _print_row(console, "project", "no Pulumi.yaml here or above")
    elif not stack.files:
        also = f" or Pulumi.{stack.name}.yaml" if stack.name else ""
        _print_row(console, "project", f"no {NAMESPACE}: key in Pulumi.yaml{also}")
    for warning in stack.warnings():
        _print_row(console, "stack", warning, "yellow")
    for file in dict.fromkeys(stack.files.values()):
        keys = [_key(key, stack) for key, source in stack.files.items() if source == file]
        _print_row(console, file, ", ".join(sorted(keys)))
    variables = {name: value for name, value in stack.environment.items() if name.startswith("WHATSAPP_") and value}
    known = {name for name in variables if _is_known(name, variables, configured)}
    _print_row(console, "environment", ", ".join(sorted(known)) or "no WHATSAPP_ variable")
    for name in sorted(variables.keys() - known - _OTHER_VARIABLES):
        meant = f"; did you mean {configured.misspelt[name]}?" if name in configured.misspelt else ""
        _print_row(console, "ignored", f"{name} in the environment is not a variable of this provider{meant}", "yellow")
    if stack.sealed:
        secret = ", ".join(f"{NAMESPACE}:{key}" for key in sorted(stack.sealed))
        _print_row(console, "not read", f"the secrets in {secret}; {HOW_TO_READ}", "yellow")


def _key(key: str, stack: Stack) -> str:
    return f"{NAMESPACE}:{key}" + (" (encrypted)" if key in {sealed.split(".")[0] for sealed in stack.sealed} else "")


def _is_known(name: str, variables: Mapping[str, str], configured: Configuration) -> bool:
    return bool(from_environment({name: variables[name]}, configured.names()))


async def _examine_accounts(stack: Stack, configured: Configuration, names: list[str], console: Console) -> bool:
    console.print(Text("Accounts", "bold"))
    accounts = connect(configured, ConsoleReport())
    healthy = [await _examine(name, stack, configured, accounts, console) for name in names]
    return all(healthy) and "accounts" not in stack.sealed


async def _examine(name: str, stack: Stack, configured: Configuration, accounts: Accounts, console: Console) -> bool:
    unread = stack.unread(name)
    try:
        account = accounts.named(name)
    except ConfigurationError as error:
        encrypted = tuple(f"{NAMESPACE}:{key} is missing" for key in unread)
        problems = [problem for problem in error.problems if not problem.startswith(encrypted)]
        if problems or not unread:
            _print_row(console, "wrong", f"{name}: {len(problems)} to mend", "red")
            for problem in problems:
                console.print(f"    {problem}", markup=False)
            return False
    for sentence in configured.unused.get(name, ()):
        _print_row(console, "not used", sentence, "yellow")
    if unread:
        keys = ", ".join(f"{NAMESPACE}:{key}" for key in unread)
        _print_row(console, "not asked", f"{name}: {keys} could not be read", "yellow")
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
