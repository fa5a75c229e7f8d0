"""The live page: an account's state as JSON, and what a person does by hand."""

from __future__ import annotations

import json
import secrets
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from . import hand
from .gateways import WIRES, fault_kinds
from .sandbox import Sandbox
from .settings import SETTINGS

_SHOWN = 200
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_EVERYWHERE = {"0.0.0.0", "::"}
_TEMPLATE = files(__package__).joinpath("assets", "page.html").read_text(encoding="utf-8")
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}


def routes(sandbox: Sandbox, host: str) -> list[Route]:
    """Return the page's routes; ``host`` is the address that is served."""

    async def page(request: HttpRequest) -> Response:
        if not _known_host(request, host):
            return _refused()
        nonce = secrets.token_urlsafe(16)
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; "
            "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        return HTMLResponse(
            _TEMPLATE.replace("{{nonce}}", nonce), headers=_HEADERS | {"Content-Security-Policy": policy}
        )

    async def state(request: HttpRequest) -> Response:
        if not _known_host(request, host):
            return _refused()
        query = request.query_params
        return JSONResponse(_state(sandbox, query.get("account"), query.get("filter", "")), headers=_HEADERS)

    async def act(request: HttpRequest) -> Response:
        if not _known_host(request, host) or not _same_site(request):
            return _refused()
        try:
            body = json.loads(await request.body())
            done = hand.act(sandbox, body)
        except (ValueError, KeyError, TypeError) as error:
            text = str(error) if type(error) is ValueError else "malformed request"
            return JSONResponse({"error": text}, 400, headers=_HEADERS)
        return JSONResponse({"done": done}, headers=_HEADERS)

    return [
        Route("/", page, methods=["GET"]),
        Route("/_sandbox/state", state, methods=["GET"]),
        Route("/_sandbox/act", act, methods=["POST"]),
    ]


def _refused() -> Response:
    return JSONResponse({"error": "only the sandbox's own page may do this"}, 403, headers=_HEADERS)


def _known_host(request: HttpRequest, host: str) -> bool:
    """Refuse names that resolve here but are not ours (DNS rebinding)."""
    return host in _EVERYWHERE or request.url.hostname in _LOOPBACK | {host}


def _same_site(request: HttpRequest) -> bool:
    """Tell whether a request comes from the page itself, or from no browser at all."""
    headers = request.headers
    origin = headers.get("origin")
    return (
        headers.get("content-type", "").partition(";")[0] == "application/json"
        and (origin is None or urlsplit(origin).netloc == headers.get("host"))
        and headers.get("sec-fetch-site", "same-origin") == "same-origin"
    )


def _state(sandbox: Sandbox, name: str | None, containing: str) -> dict[str, Any]:
    every = sandbox.accounts()
    names = [f"{account.gateway}/{account.identity}" for account in every]
    state: dict[str, Any] = {"accounts": names, "gateways": list(WIRES), "account": None}
    if every:
        account = every[names.index(name)] if name in names else every[0]
        state["account"] = account.summary(shown_first=_SHOWN, containing=containing)
        state["account"]["values"] = SETTINGS
        state["account"]["has_privacy"] = WIRES[account.gateway].has_privacy
        state["account"]["kinds"] = {name: kind.text for name, kind in fault_kinds(account.gateway).items()}
    return state
