"""Opening an account: its client, its gateway and, where one is configured, the sandbox behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from .account.account import Account
from .account.accounts import Accounts, Program
from .account.claims import Claims
from .config import NAMESPACE, AccountConfig, Configuration, load, load_provider
from .errors import ConfigurationError
from .gateways.base import Gateway
from .gateways.registry import GATEWAYS
from .redact import Redactor
from .report import Report

if TYPE_CHECKING:
    import httpx

    from whatsapp_sandbox import Sandbox

    from .transport import Transport


def project_root(start: Path) -> Path:
    """Return the folder of the nearest ``Pulumi.yaml`` above ``start``, or ``start`` where there is none."""
    for folder in (start, *start.parents):
        if any((folder / name).is_file() for name in ("Pulumi.yaml", "Pulumi.yml")):
            return folder
    return start


def configuration(
    config: Mapping[str, str], environment: Mapping[str, str], project: str | None = None
) -> Configuration:
    """Return the accounts of a stack of `project`, whose program runs in the working directory."""
    return load(config, environment, GATEWAYS, root=project_root(Path.cwd()), project=project)


def provider_configuration(provider: str, keys: Mapping[str, str], environment: Mapping[str, str]) -> Configuration:
    """Return the one account of an explicit provider."""
    return load_provider(provider, keys, environment, GATEWAYS, root=project_root(Path.cwd()))


def connect(
    configured: Configuration,
    report: Report,
    program: Program | None = None,
    claims: Callable[[str], Claims] = Claims,
) -> Accounts:
    """Return the accounts, each opened when it is first used; nothing is sent before that.

    Args:
        configured: the accounts as configured.
        report: where the user reads what goes on.
        program: asked what the program declares beside what was checked.
        claims: what the run declares of an account, by its id.
    """

    def open_account(account_id: str, config: AccountConfig, gateway: type[Gateway]) -> Account:
        network = None
        if config.sandbox:
            network = _sandbox(config.sandbox).transport(gateway.name, gateway.identity(config))

        def transport() -> Transport:
            if config.name in configured.lacking:
                configured[config.name]  # says which credentials it has not
            return _transport(config, gateway, report, network)

        return Account(account_id, config, gateway(config, transport), report, claims(account_id))

    return Accounts(configured, open_account, report, program)


def _sandbox(path: Path) -> Sandbox:
    from whatsapp_sandbox import NotASandboxError, Sandbox  # starlette and sqlite only where a sandbox is used

    try:
        return Sandbox(path)
    except (NotASandboxError, OSError) as error:
        raise ConfigurationError(f"{NAMESPACE}:sandbox is wrong: {error}") from None


def _transport(
    config: AccountConfig, gateway: type[Gateway], report: Report, network: httpx.AsyncBaseTransport | None
) -> Transport:
    from .retries import Retries  # tenacity and the client only where something is sent
    from .transport import Transport

    return Transport(
        title=gateway.called(config),
        base_url=config.base_url or gateway.base_url(config),
        headers=gateway.headers(config),
        timeout=config.timeout,
        requests_per_minute=config.requests_per_minute or gateway.capabilities.requests_per_minute,
        redact=Redactor(config.secrets()),
        notify=report.status,
        retries=Retries(max_retries=config.max_retries, notify=report.status, sleep=asyncio.sleep),
        transport=network,
    )
