"""``pulumi-whatsapp doctor``: what is configured, where from, and whether it works."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

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

OK: Final = "ok"
WRONG: Final = "wrong"
NOT_ASKED: Final = "not asked"
_STYLES: Final = {OK: "green", WRONG: "red", NOT_ASKED: "yellow"}


@dataclass(frozen=True)
class Examined:
    """What one account is, and whether it works.

    Attributes:
        name: its name in the configuration.
        status: `OK`, `WRONG` or `NOT_ASKED`.
        detail: one sentence.
        gateway: the gateway's own name, where the account can be told.
        account_id: its public identity, where it can be told.
        sandbox: whether nothing of it reaches WhatsApp, where it can be told.
        problems: what is to be mended.
        unused: what is configured and its gateway does not take, a sentence each.
    """

    name: str
    status: str
    detail: str
    gateway: str | None = None
    account_id: str | None = None
    sandbox: bool | None = None
    problems: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Examination:
    """What is configured, and whether it works.

    Attributes:
        folder: the project's folder.
        project: its name, where there is one.
        stack: the stack, where there is one.
        files: file -> the keys that it sets.
        environment: the variables that are of this provider.
        warnings: what may surprise, a sentence each; credentials in plain text among them.
        ignored: variables that are not of this provider, a sentence each.
        sealed: the keys whose secrets could not be read.
        accounts: each account.
    """

    folder: str
    project: str | None
    stack: str | None
    files: Mapping[str, list[str]] = field(default_factory=dict)
    environment: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    sealed: tuple[str, ...] = ()
    accounts: tuple[Examined, ...] = ()

    @property
    def healthy(self) -> bool:
        """Whether every account works, as far as all of them are known."""
        return all(each.status == OK for each in self.accounts) and f"{NAMESPACE}:accounts" not in self.sealed

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values; no credential is among them."""
        return {"healthy": self.healthy, **asdict(self)}


def examine(stack: Stack, only: str | None) -> Examination:
    """Return what is configured, and ask the gateway of each account whether it works.

    Args:
        stack: what is configured.
        only: the one account to look at, or None for all.
    """
    configured = stack.accounts()
    variables = {name: value for name, value in stack.environment.items() if name.startswith("WHATSAPP_") and value}
    known = {name for name in variables if from_environment({name: variables[name]}, configured.names())}
    return Examination(
        folder=str(stack.root),
        project=stack.project,
        stack=stack.name,
        files={
            file: sorted(_key(key, stack) for key, source in stack.files.items() if source == file)
            for file in dict.fromkeys(stack.files.values())
        },
        environment=tuple(sorted(known)),
        warnings=tuple(stack.warnings()),
        ignored=tuple(
            f"{name} in the environment is "
            + (f"ignored; {why}" if (why := configured.ignored.get(name)) else "not a variable of this provider")
            for name in sorted(variables.keys() - known - _OTHER_VARIABLES)
        ),
        sealed=tuple(f"{NAMESPACE}:{key}" for key in sorted(stack.sealed)),
        accounts=asyncio.run(_examine_accounts(stack, configured, [only] if only else configured.names())),
    )


def show(found: Examination, console: Console) -> None:
    """Print what was found."""
    where = f"{found.folder}, stack {found.stack}" if found.stack else found.folder
    console.print(Text("Configuration", "bold").append(f" of {where}", ""))
    if not found.project:
        _row(console, "project", "no Pulumi.yaml here or above")
    elif not found.files:
        also = f" or Pulumi.{found.stack}.yaml" if found.stack else ""
        _row(console, "project", f"no {NAMESPACE}: key in Pulumi.yaml{also}")
    for warning in found.warnings:
        _row(console, "stack", warning, "yellow")
    for file, keys in found.files.items():
        _row(console, file, ", ".join(keys))
    _row(console, "environment", ", ".join(found.environment) or "no WHATSAPP_ variable")
    for sentence in found.ignored:
        _row(console, "ignored", sentence, "yellow")
    if found.sealed:
        _row(console, "not read", f"the secrets in {', '.join(found.sealed)}; {HOW_TO_READ}", "yellow")
    console.print(Text("Accounts", "bold"))
    for each in found.accounts:
        for sentence in each.unused:
            _row(console, "not used", sentence, "yellow")
        _row(console, each.status, f"{each.name}{_of(each)}: {each.detail}", _STYLES[each.status])
        for problem in each.problems:
            console.print(f"    {problem}", markup=False)


def _of(each: Examined) -> str:
    if each.account_id is None:
        return ""
    reaches = "a sandbox: nothing reaches WhatsApp" if each.sandbox else "real"
    return f" ({each.gateway}, {each.account_id}, {reaches})"


def _key(key: str, stack: Stack) -> str:
    return f"{NAMESPACE}:{key}" + (" (encrypted)" if key in {sealed.split(".")[0] for sealed in stack.sealed} else "")


async def _examine_accounts(stack: Stack, configured: Configuration, names: list[str]) -> tuple[Examined, ...]:
    accounts = connect(configured, ConsoleReport())
    return tuple([await _examine(name, stack, configured, accounts) for name in names])


async def _examine(name: str, stack: Stack, configured: Configuration, accounts: Accounts) -> Examined:
    unread = stack.unread(name)
    not_asked = f"{', '.join(f'{NAMESPACE}:{key}' for key in unread)} could not be read"
    unused = tuple(configured.unused.get(name, ()))
    try:
        account = accounts.named(name)
    except ConfigurationError as error:
        encrypted = tuple(f"{NAMESPACE}:{key} is missing" for key in unread)
        problems = tuple(problem for problem in error.problems if not problem.startswith(encrypted))
        if problems or not unread:
            return Examined(name, WRONG, f"{len(problems)} to mend", problems=problems)
        return Examined(name, NOT_ASKED, not_asked, unused=unused)
    connected, detail = (None, not_asked) if unread else await _status(account)
    status = {None: NOT_ASKED, True: OK, False: WRONG}[connected]
    sandbox = account.id.startswith("sandbox/")
    return Examined(name, status, detail, account.title, account.id, sandbox, unused=unused)


async def _status(account: Account) -> tuple[bool, str]:
    try:
        status = await account.gateway.status()
    except GatewayError as error:
        return False, str(error)
    finally:
        await account.gateway.http.close()
    return status.connected, status.detail


def _row(console: Console, word: str, text: str, style: str = "dim") -> None:
    console.print(Text("  ").append(f"{word:<16}", style).append(f" {text}"))
