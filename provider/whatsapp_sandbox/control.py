"""The control interface: an account's state as JSON, and what a person or a test does by hand. See docs/sandbox.md."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import hand, log, paste
from .accounts import canonical
from .faults import PRIVACY
from .gateways import WIRES, fault_kinds
from .sandbox import Sandbox
from .settings import SETTINGS

HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_SHOWN: Final = 200
_LOOPBACK: Final = {"127.0.0.1", "localhost", "::1"}
_EVERYWHERE: Final = {"0.0.0.0", "::"}


class _NotThereError(ValueError):
    """What was asked for does not exist."""


def known_host(request: HttpRequest, host: str) -> bool:
    """Tell whether a request names this server, whose address is ``host``.

    A name that resolves here but is not ours is refused: that is how a page elsewhere would get in (DNS rebinding).
    """
    return host in _EVERYWHERE or request.url.hostname in _LOOPBACK | {host}


def refused() -> Response:
    """Return the answer to whoever may not ask."""
    return JSONResponse({"error": "only the sandbox's own page may do this, or a program without Origin"}, 403, HEADERS)


def routes(sandbox: Sandbox, host: str) -> list[Route]:
    """Return the routes; ``host`` is the address that is served."""

    def read(shown: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Awaitable[Response]]:
        async def answer(request: HttpRequest) -> Response:
            return _answered(lambda: shown(request)) if known_host(request, host) else refused()

        return answer

    async def act(request: HttpRequest) -> Response:
        if not known_host(request, host) or not _same_site(request):
            return refused()
        body = await request.body()
        return _answered(lambda: {"done": hand.act(sandbox, _json(body))})

    return [
        Route("/_sandbox/state", read(lambda request: _state(sandbox, request)), methods=["GET"]),
        Route("/_sandbox/contact", read(lambda request: _contact(sandbox, request)), methods=["GET"]),
        Route("/_sandbox/requests", read(lambda request: _requests(sandbox, request)), methods=["GET"]),
        Route("/_sandbox/requests/{id:int}", read(lambda request: _request(sandbox, request)), methods=["GET"]),
        Route("/_sandbox/setup", read(lambda request: _setup(sandbox, request)), methods=["GET"]),
        Route("/_sandbox/act", act, methods=["POST"]),
    ]


def _answered(do: Callable[[], Any]) -> Response:
    try:
        return JSONResponse(do(), headers=HEADERS)
    except ValueError as error:
        status = 404 if isinstance(error, _NotThereError) else 400
        return JSONResponse({"error": str(error)}, status, HEADERS)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise ValueError("the body is not JSON") from None


def _same_site(request: HttpRequest) -> bool:
    """Tell whether a request comes from the page itself, or from no browser at all."""
    headers = request.headers
    origin = headers.get("origin")
    return (
        headers.get("content-type", "").partition(";")[0] == "application/json"
        and (origin is None or urlsplit(origin).netloc == headers.get("host"))
        and headers.get("sec-fetch-site", "same-origin") == "same-origin"
    )


def _state(sandbox: Sandbox, request: HttpRequest) -> dict[str, Any]:
    query = request.query_params
    every = {account.name: account for account in sandbox.accounts()}
    state: dict[str, Any] = {
        "file": str(sandbox.path),
        "accounts": list(every),
        "gateways": {
            name: {"identity": wire.setup.identity, "example": wire.setup.example} for name, wire in WIRES.items()
        },
        "account": None,
    }
    account = every.get(query.get("account", ""))
    if account is not None:
        shown = query.get("shown", str(_SHOWN))
        if not (shown.isascii() and shown.isdigit()):
            raise ValueError(f"shown must be a whole number, not {shown!r}")
        never = frozenset() if WIRES[account.gateway].has_privacy else PRIVACY
        own = {
            "settings": SETTINGS,
            "has_privacy": WIRES[account.gateway].has_privacy,
            "fault_kinds": {
                name: {"title": kind.title, "text": kind.text, "operations": sorted(kind.operations - never)}
                for name, kind in fault_kinds(account.gateway).items()
            },
        }
        search, sort = query.get("search", ""), query.get("sort", "oldest")
        state["account"] = account.summary(shown=int(shown), search=search, sort=sort) | own
    return state


def _contact(sandbox: Sandbox, request: HttpRequest) -> dict[str, Any]:
    account = hand.find(sandbox, request.query_params.get("account", ""))
    return asdict(account.find(request.query_params.get("phone", "")))


def _requests(sandbox: Sandbox, request: HttpRequest) -> dict[str, Any]:
    account = hand.find(sandbox, request.query_params.get("account", ""))
    return {"requests": [log.described(one, whole=True) for one in account.requests()]}


def _request(sandbox: Sandbox, request: HttpRequest) -> dict[str, Any]:
    account = hand.find(sandbox, request.query_params.get("account", ""))
    found = account.request(request.path_params["id"])
    if found is None:
        raise _NotThereError(f"{account.name} has no request {request.path_params['id']} in its log any more")
    curl = paste.curl(WIRES[account.gateway].setup, account.identity, found, _address(request))
    return log.described(found, whole=True) | {"curl": curl}


def _setup(sandbox: Sandbox, request: HttpRequest) -> dict[str, Any]:
    """Return what to paste for an account, which need not exist yet and is not made."""
    gateway, name = request.query_params.get("gateway", ""), request.query_params.get("identity", "")
    identity = canonical(gateway, name.strip())
    here = [account for account in sandbox.accounts() if account.name == f"{gateway}/{identity}"]
    own = all(account.takes_own_credential for account in here)
    wire = WIRES[gateway].setup
    return {
        "account": f"{gateway}/{identity}",
        "exists": bool(here),
        "own_credential": own,
        "stack": paste.stack(gateway, wire, identity, _address(request), own=own),
        "environment": paste.environment(gateway, wire, identity, _address(request), own=own),
        "embedded": paste.embedded(gateway, wire, identity, str(sandbox.path)),
    }


def _address(request: HttpRequest) -> str:
    return str(request.base_url).rstrip("/")
