"""Gateways over a mocked network, for tests of their wire formats."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus

import httpx

from pulumi_whatsapp.config import AccountConfig
from pulumi_whatsapp.gateways.base import Gateway
from pulumi_whatsapp.redact import Redactor, Secret
from pulumi_whatsapp.retries import Retries
from pulumi_whatsapp.transport import Transport

Opened = TypeVar("Opened", bound=Gateway)

TOKEN = "s3cr3t/t0ken+of=the&account"
CLIENT_TOKEN = "cl1ent%token"
API_KEY = "ap1-key"
SECRET = "p@ss/w=rd+&%é"
"""A credential that is spelt otherwise wherever it stands."""

_MOCKED = httpx.AsyncHTTPTransport(verify=False)  # one for all: respx answers before it connects


@dataclass
class Clock:
    """Waits on virtual time, and remembers for how long."""

    waits: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        """Wait, and let others run."""
        self.waits.append(seconds)
        await asyncio.sleep(seconds)

    def retries(self, times: int) -> Retries:
        """Return tries that wait on virtual time, always as long as they may."""
        return Retries(max_retries=times, notify=self.notes.append, sleep=self.sleep, jitter=lambda _, most: most)


def open_gateway(kind: type[Opened], clock: Clock | None = None, *, max_retries: int = 2, **keys: Any) -> Opened:
    """Return a gateway on the mocked network."""
    clock = clock or Clock()
    config = AccountConfig(
        **{
            "gateway": kind.name,
            "instance": "3A5B",
            "token": Secret(TOKEN),
            "client_token": Secret(CLIENT_TOKEN),
            "api_key": Secret(API_KEY),
            "phone_number": "+5511900000000",
            "phone_number_id": "106540352242922",
            **keys,
        }
    )
    transport = Transport(
        title=kind.called(config),
        base_url=config.base_url or kind.base_url(config),
        headers=kind.headers(config),
        timeout=config.timeout,
        requests_per_minute=config.requests_per_minute,
        redact=Redactor(config.secrets()),
        notify=clock.notes.append,
        retries=clock.retries(max_retries),
        transport=_MOCKED,
    )
    return kind(config, lambda: transport)


def body(request: httpx.Request) -> Any:
    """Return a request's JSON body."""
    return json.loads(request.content)


def spellings() -> list[str]:
    """Return how an address may spell `SECRET`."""
    return [SECRET, quote(SECRET, safe=""), quote(SECRET), quote_plus(SECRET)]
