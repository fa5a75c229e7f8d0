"""Clients of a sandbox, one a gateway, as a gateway's user would set them up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from whatsapp_sandbox import Sandbox, SandboxAccount

SECRET = "unmistakable-5ecret"


@dataclass
class Client:
    """Sends requests to one account and tells what came back."""

    sandbox: Sandbox
    gateway: str
    identity: str
    base_url: str
    path: str
    headers: dict[str, str]

    @property
    def account(self) -> SandboxAccount:
        return self.sandbox.account(self.gateway, self.identity)

    def send(self, method: str, path: str | None = None, **options: Any) -> httpx.Response:
        """Send a request to the gateway's main path, or to another."""

        async def sent() -> httpx.Response:
            transport = self.sandbox.transport(self.gateway, self.identity)
            headers = self.headers | options.pop("headers", {})
            async with httpx.AsyncClient(transport=transport, base_url=self.base_url, headers=headers) as http:
                return await http.request(method, self.path if path is None else path, **options)

        return asyncio.run(sent())

    def users(self, method: str, *phones: str) -> httpx.Response:
        """Block (POST) or unblock (DELETE) in the Graph format."""
        body = {"messaging_product": "whatsapp", "block_users": [{"user": phone} for phone in phones]}
        return self.send(method, json=body)

    def listed(self, limit: int | None = None) -> list[str]:
        """Read the whole list of a gateway of the Graph family, page by page."""
        found: list[str] = []
        after: str | None = None
        while True:
            query = {"limit": limit, "after": after}
            response = self.send("GET", params={k: v for k, v in query.items() if v is not None})
            assert response.status_code == 200, response.text
            page = response.json()
            for row in page["data"]:
                found += [one["wa_id"] for one in row.get("block_users", [row])]
            after = page.get("paging", {}).get("cursors", {}).get("after")
            if after is None:
                return found


def make(sandbox: Sandbox, gateway: str) -> Client:
    """Return a client whose account is fresh when the sandbox is."""
    own = "+5511900000000"
    known: dict[str, tuple[str, str, str, dict[str, str]]] = {
        "zapi": (
            "demo",
            f"https://api.z-api.io/instances/demo/token/{SECRET}-token",
            "/contacts/modify-blocked",
            {"Client-Token": f"{SECRET}-client"},
        ),
        "ryzeapi": ("demo", "https://ryzeapi.cloud", "/api/chat/block/demo", {"token": SECRET}),
        "360dialog": (own, "https://waba-v2.360dialog.io", "/block_users", {"D360-API-KEY": SECRET}),
        "kaleyra": (
            own,
            "https://api.in.kaleyra.io",
            f"/v2/HXAP16/whatsapp/%2B{own[1:]}/block_users",
            {"api-key": SECRET},
        ),
        "meta": (
            "106540352242922",
            "https://graph.facebook.com",
            "/v25.0/106540352242922/block_users",
            {"Authorization": f"Bearer {SECRET}"},
        ),
    }
    return Client(sandbox, gateway, *known[gateway])


MakeClient = Callable[[str], Client]
