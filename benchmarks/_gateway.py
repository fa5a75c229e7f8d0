"""A gateway on loopback HTTP: the sandbox, with a latency, that counts requests and how long they take."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.types import Receive, Scope, Send

from whatsapp_sandbox import Sandbox

NUMBER = "106540352242922"
_ACCOUNTS: dict[str, dict[str, str]] = {
    "meta": {"phoneNumberId": NUMBER, "token": "benchmark"},
    "360dialog": {"phoneNumber": "+5511900000000", "apiKey": "benchmark"},
    "zapi": {"instance": "benchmark", "token": "benchmark", "clientToken": "benchmark"},
}
GATEWAYS = tuple(_ACCOUNTS)


@dataclass
class Served:
    """A gateway that runs.

    Attributes:
        url: its address.
        requests: HTTP method -> how many, since `forget`.
        busy: seconds in which at least one request was under way, since `forget`.
    """

    sandbox: Sandbox
    latency: float
    url: str = ""
    requests: Counter[str] = field(default_factory=Counter)
    busy: float = 0.0
    _active: int = 0
    _since: float = 0.0

    def forget(self) -> None:
        """Count from zero."""
        self.requests = Counter()
        self.busy = 0.0

    def config(self, gateway: str) -> Mapping[str, str]:
        """Return the stack configuration of an account behind it."""
        return {"gateway": gateway, "baseUrl": self.url, **_ACCOUNTS[gateway]}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, late."""
        if self._active == 0:
            self._since = time.perf_counter()
        self._active += 1
        self.requests[scope["method"]] += 1
        try:
            await asyncio.sleep(self.latency)
            await self.sandbox.app(scope, receive, send)
        finally:
            self._active -= 1
            if self._active == 0:
                self.busy += time.perf_counter() - self._since


@contextmanager
def serving(folder: Path, latency: float) -> Iterator[Served]:
    """Serve an empty sandbox while the block runs.

    Args:
        folder: where its file lies.
        latency: seconds that each request waits.
    """
    served = Served(Sandbox(folder / "sandbox.sqlite"), latency)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # asyncio sets it only on sockets that name their protocol; without it each answer waits 40 ms for an ACK.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        served.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(served, lifespan="off", log_level="warning", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            server.should_exit = True
            thread.join()
            served.sandbox.close()
