"""A WhatsApp account behind one gateway, on the sandbox and on virtual time, and runs of the provider against it.

Everything is derived from the gateway's class: a gateway that is added to the registry is tested as the others are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx

from pulumi_whatsapp.account.account import Account
from pulumi_whatsapp.account.accounts import Accounts, Program
from pulumi_whatsapp.config import AccountConfig, Configuration, load
from pulumi_whatsapp.gateways.base import Gateway
from pulumi_whatsapp.gateways.registry import GATEWAYS
from pulumi_whatsapp.redact import Redactor
from pulumi_whatsapp.retries import Retries
from pulumi_whatsapp.transport import Transport
from whatsapp_sandbox import Request, Sandbox, SandboxAccount

from ..unit.clock import run as run_on_virtual_time
from ..unit.fake import Heard

Value = TypeVar("Value")
Instead = Callable[[httpx.Request, httpx.AsyncBaseTransport], Awaitable[httpx.Response | None]]

SECRET: Final = "unmistakable-5ecret"
RETRIES: Final = 2
_KEYS: Final = {
    "instance": "demo",
    "sid": "HXAP16",
    "region": "in",
    "phoneNumber": "+5511900000000",
    "phoneNumberId": "106540352242922",
}
_BETWEEN_RUNS: Final = 120.0
_START: Final = 1_800_000_000.0


def settings(gateway: str, **tuning: Any) -> dict[str, str]:
    """Return a stack's configuration of an account on a gateway."""
    needs = GATEWAYS[gateway].requirements
    keys = {key: _KEYS[key] for key in needs.identity}
    secrets = {key: f"{SECRET}-{key}" for key in needs.credentials}
    return {"gateway": gateway, **keys, **secrets, **{key: str(value) for key, value in tuning.items()}}


class Network(httpx.AsyncBaseTransport):
    """What lies between the provider and the sandbox: it can refuse connections, and it dates answers."""

    def __init__(self, inner: httpx.AsyncBaseTransport, now: Callable[[], float]) -> None:
        self._inner = inner
        self._now = now
        self.refusing = 0.0
        """How many connections are refused from now on."""
        self.refused = 0
        self.instead: Instead | None = None
        """Answers in the gateway's place, where it returns something."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request."""
        if self.refusing > 0:
            self.refusing -= 1
            self.refused += 1
            raise httpx.ConnectError("All connection attempts failed", request=request)
        other = await self.instead(request, self._inner) if self.instead else None
        response = other or await self._inner.handle_async_request(request)
        dated = datetime.fromtimestamp(self._now(), timezone.utc)
        response.headers["Date"] = format_datetime(dated, usegmt=True)
        return response


@dataclass
class World:
    """One account on one gateway; each `run` is a process of its own, which has read nothing yet.

    Attributes:
        report: what the last run told the user.
        waits: the seconds of each back-off of the last run.
        program: what the provider asks of the program of a run; by default there is none.
    """

    gateway: type[Gateway]
    folder: Path
    tuning: dict[str, Any] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._given: dict[str, Any] = {}
        self._loaded = Configuration({})
        self.elapsed = 0.0
        self.report = Heard()
        self.waits: list[float] = []
        self.program: Program | None = None
        self.sandbox = Sandbox(self.folder / "whatsapp.sandbox", clock=self.now, **self.limits)
        self.network = Network(self.sandbox.transport(self.gateway.name, self.identity), self.now)

    @property
    def config(self) -> AccountConfig:
        """The account's configuration."""
        return self._configuration()["default"]

    @property
    def identity(self) -> str:
        """Who the account is on its gateway."""
        return self.gateway.identity(self.config)

    @property
    def phone(self) -> SandboxAccount:
        """The account as its owner's phone shows it."""
        return self.sandbox.account(self.gateway.name, self.identity)

    def now(self) -> float:
        """Return the time of the sandbox and of the network, Unix seconds."""
        try:
            return _START + self.elapsed + asyncio.get_running_loop().time()
        except RuntimeError:
            return _START + self.elapsed

    def requests(self, operation: str | None = None) -> list[Request]:
        """Return what reached the account, of one operation or of all."""
        return [request for request in self.phone.requests() if operation in {None, request.operation}]

    def run(self, work: Callable[[Accounts], Awaitable[Value]]) -> Value:
        """Do something in a new process of the provider."""
        self.report = Heard()
        self.waits = []
        opened: list[Account] = []

        async def here() -> Value:
            try:
                return await work(self._accounts(opened))
            finally:
                for account in opened:
                    await account.gateway.http.close()
                self.elapsed += asyncio.get_running_loop().time() + _BETWEEN_RUNS

        return run_on_virtual_time(here())

    def with_gateway(self, work: Callable[[Gateway], Awaitable[Value]]) -> Value:
        """Do something with the gateway itself."""
        return self.run(lambda accounts: work(accounts.named(None).gateway))

    def _configuration(self) -> Configuration:
        given = settings(self.gateway.name, **{"maxRetries": RETRIES, **self.tuning})
        if given != self._given:  # it is asked for twenty times in a test
            self._given, self._loaded = given, load(given, {}, GATEWAYS, root=self.folder)
        return self._loaded

    def _accounts(self, opened: list[Account]) -> Accounts:
        def open_account(account_id: str, config: AccountConfig, gateway: type[Gateway]) -> Account:
            transport = Transport(
                title=gateway.called(config),
                base_url=gateway.base_url(config),
                headers=gateway.headers(config),
                timeout=config.timeout,
                requests_per_minute=config.requests_per_minute or gateway.capabilities.requests_per_minute,
                redact=Redactor(config.secrets()),
                notify=self.report.status,
                retries=Retries(max_retries=config.max_retries, notify=self.report.status, sleep=self._sleep),
                transport=self.network,
            )
            account = Account(account_id, config, gateway(config, lambda: transport), self.report)
            opened.append(account)
            return account

        return Accounts(self._configuration(), open_account, self.report, self.program)

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(seconds)

    @contextmanager
    def nothing_sent(self) -> Any:
        """Fail if a request reaches the account in the block."""
        before = len(self.phone.requests())
        yield
        assert [request.path for request in self.phone.requests()[before:]] == []
