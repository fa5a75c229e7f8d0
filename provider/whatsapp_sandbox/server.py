"""The sandbox over HTTP, with its live page. Needs uvicorn (the extra ``cli``)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.routing import Mount, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from . import control, page
from .asgi import ConnectionLost
from .gateways import WIRES
from .paste import stack
from .sandbox import Sandbox
from .store import located

if TYPE_CHECKING:
    import uvicorn

PORT = 8642


class ServerMissingError(RuntimeError):
    """uvicorn is not installed; the text says how to install it."""


def serve(path: str | Path, host: str = "127.0.0.1", port: int = PORT) -> None:
    """Serve a sandbox file, and its page at ``/``, until interrupted (KeyboardInterrupt).

    Anybody who reaches ``host`` can change the accounts: stay on loopback unless the network is trusted.
    Raises ServerMissingError; NotASandboxError; OSError when the port is taken or the file cannot be used.
    """
    _require_uvicorn()
    new = not located(path).exists()
    if not new:
        Sandbox(path).close()  # what is no sandbox is told before a port that is taken
    with _listening(host, port) as listener, closing(Sandbox(path)) as sandbox:
        server = _server(sandbox, host)
        made = f"Made the sandbox {sandbox.path}\n" if new else ""
        print(made + _started(sandbox, path, _url(listener)), flush=True)  # noqa: T201
        server.run(sockets=[listener])


def _started(sandbox: Sandbox, path: str | Path, url: str) -> str:
    """Return what the start says: where the page is, and what to paste for the first account."""
    gateway, identity, own = "zapi", WIRES["zapi"].setup.example, True
    for account in sandbox.accounts()[:1]:
        gateway, identity, own = account.gateway, account.identity, account.takes_own_credential
    lines = stack(gateway, WIRES[gateway].setup, identity, url, own=own)
    return (
        f"Sandbox {path} on {url} (Ctrl-C stops it)\n"
        "A stack whose whatsapp:sandbox is this file needs nothing more. For another one, paste this into the\n"
        "folder of its Pulumi project; the page has it for every gateway:\n" + "".join(f"  {line}\n" for line in lines)
    ).rstrip("\n")


@contextmanager
def running(path: str | Path, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve a sandbox file from a thread while the block runs; give its base URL.

    ``port`` 0 takes a free one. Raises as :func:`serve`.
    """
    with _listening(host, port) as listener:
        sandbox = Sandbox(path)
        server = _server(sandbox, host)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield _url(listener)
        finally:
            server.should_exit = True
            thread.join()
            sandbox.close()


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listener:
        # asyncio sets it only on sockets that name their protocol; without it an answer waits 40 ms for an ACK.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _require_uvicorn() -> None:
    if find_spec("uvicorn") is None:
        raise ServerMissingError("the sandbox server needs uvicorn: pip install 'pulumi-whatsapp[cli]'")


def _server(sandbox: Sandbox, host: str) -> uvicorn.Server:
    _require_uvicorn()
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Protocol(H11Protocol):
        """Gives the app its connection, so that a fault can close it."""

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self.app_state = {**self.app_state, "connection": transport}

    config = uvicorn.Config(
        _losing_connections(Router([*page.routes(host), *control.routes(sandbox, host), Mount("/", sandbox.app)])),
        http=Protocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


def _losing_connections(app: ASGIApp) -> ASGIApp:
    """Close the connection, or leave the request unanswered, where the app raises ConnectionLost."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except ConnectionLost as lost:
            if lost.kind != "timeout":
                scope["state"]["connection"].close()
            while (await receive())["type"] != "http.disconnect":
                pass

    return wrapped
