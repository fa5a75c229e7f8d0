"""The sandbox: accounts in a file, and the ways into it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import httpx
from starlette.routing import Router

from . import accounts
from .account import SandboxAccount
from .asgi import make_app
from .in_process import SandboxTransport
from .store import Store


class Sandbox:
    """WhatsApp accounts in one SQLite file, which any number of processes may use at once."""

    def __init__(
        self,
        path: str | Path,
        *,
        blocklist_cap: int | None = None,
        requests_per_minute: int | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open the file; create it, and its folder, when missing.

        ``blocklist_cap`` (64,000 contacts; Meta, 360dialog, Kaleyra) and ``requests_per_minute`` (100;
        RyzeAPI) are written to the file when given, and hold for every process that uses it. ``clock``
        returns Unix seconds. Raises NotASandboxError, OSError.
        """
        self._store = Store(path)
        limits = {"blocklist_cap": blocklist_cap, "requests_per_minute": requests_per_minute}
        given = [(name, value) for name, value in limits.items() if value is not None]
        if given:
            with self._store.transaction() as connection:
                connection.executemany("INSERT OR REPLACE INTO limits VALUES (?, ?)", given)
        self.app: Router = make_app(self._store, clock)

    @property
    def path(self) -> Path:
        """The file."""
        return self._store.path

    def account(self, gateway: str, identity: str) -> SandboxAccount:
        """Return an account; one that does not exist is made.

        ``identity``: the instance (zapi, ryzeapi), the phone number (360dialog, kaleyra), the phone number id
        (meta). Raises ValueError for an unknown gateway.
        """
        return SandboxAccount(self._store, gateway, identity)

    def accounts(self) -> list[SandboxAccount]:
        """Return the accounts, oldest first."""
        with self._store.transaction() as connection:
            rows = connection.execute("SELECT gateway, identity FROM accounts ORDER BY id").fetchall()
        return [self.account(gateway, identity) for gateway, identity in rows]

    def transport(self, gateway: str, identity: str) -> httpx.AsyncBaseTransport:
        """Return a transport for ``httpx.AsyncClient`` behind which this account answers, on any host.

        Faults of the connection come as httpx's own exceptions. Raises ValueError for an unknown gateway.
        """
        return SandboxTransport(self.app, f"{gateway}/{accounts.canonical(gateway, identity)}")

    def close(self) -> None:
        """Let go of the file; the next use opens it again."""
        self._store.close()
