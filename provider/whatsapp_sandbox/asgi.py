"""The ASGI app that answers for every gateway, told apart by path."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable
from urllib.parse import unquote

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route, Router

from . import accounts, faults, log
from .account_state import State
from .faults import Fault
from .gateways import WIRES
from .paste import is_own
from .store import Store
from .wire import Answer, Call, Wire

ACCOUNT_HEADER = "x-sandbox-account"
"""Names the account (``gateway/identity``) where the request itself does not."""

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_HTML = b"<!doctype html><html><head><title>502</title></head><body><h1>Bad gateway</h1></body></html>"


class ConnectionLost(Exception):
    """The request gets no answer: ``kind`` is ``lost_answer``, ``drop`` or ``timeout``."""

    def __init__(self, kind: str) -> None:
        """Say how the connection is lost."""
        super().__init__(kind)
        self.kind = kind


def make_app(store: Store, clock: Callable[[], float] = time.time) -> Router:
    """Make the app over a sandbox file.

    Raises ConnectionLost out of the app where a fault takes the connection away.
    """

    async def gateway(request: HttpRequest) -> Response:
        body = await request.body()
        # As it was sent: a credential in it may hold a percent-encoded slash.
        path = request.scope["raw_path"].decode("ascii").partition("?")[0]
        found = _match(path)
        if found is None:
            return _response(Answer(404, {"error": "No gateway has this path"}))
        wire, match = found
        call = Call(
            request.method,
            str(request.url.replace(query="")),
            path + (f"?{request.url.query}" if request.url.query else ""),
            request.query_params,
            request.headers,
            body,
            {name: unquote(part) if part else part for name, part in match.groupdict().items()},
        )
        return _response(_handle(store, wire, call, clock()))

    return Router([Route("/{path:path}", gateway, methods=_METHODS)])


def _match(path: str) -> tuple[Wire, re.Match[str]] | None:
    for wire in WIRES.values():
        for pattern in wire.paths:
            if match := pattern.fullmatch(path):
                return wire, match
    return None


def _response(answer: Answer) -> Response:
    if isinstance(answer.body, bytes):
        media = "text/html" if answer.body.startswith(b"<") else "application/json"
    else:
        media = "application/json"
    return Response(answer.content(), answer.status, answer.headers, media_type=media)


def _handle(store: Store, wire: Wire, call: Call, now: float) -> Answer:
    """Answer a call and log it, in one transaction. Raises ConnectionLost, after the commit."""
    with store.transaction() as connection:
        shown = wire.credentials(call)
        state = State(connection, _account(connection, wire, call, shown))
        operation = wire.operation(call)
        headers, exceeded = wire.meter(state, now)
        fault = None
        if exceeded is not None:
            answer = exceeded
        elif wrong := accounts.refused(connection, state.account, shown):
            answer = wire.unauthorized(*wrong)
        else:
            fault = faults.take(connection, state.account, operation)
            answer = _under(fault, wire, call, state, operation, now)
        answer = Answer(answer.status, answer.body, headers | answer.headers)
        lost = fault is not None and fault.kind in faults.WITHOUT_ANSWER
        redact = log.Redactor(shown.values())
        log.write(
            connection,
            state.account,
            now,
            method=call.method,
            target=redact.target(call.path),
            operation=operation,
            body=log.body_of(call.body, call.json(), redact),
            contacts=wire.contacts(call),
            status=None if lost else answer.status,
            fault=fault.kind if fault else None,
            answer=None if lost else redact(answer.content().decode("utf-8", "replace")),
            own=all(value is not None and is_own(value) for value in shown.values()),
        )
    if fault is not None and lost:
        raise ConnectionLost(fault.kind)
    return answer


def _account(connection: sqlite3.Connection, wire: Wire, call: Call, shown: dict[str, str | None]) -> int:
    """Find whose request it is: named by the request, by the transport's header, else by the credential."""
    gateway, _, named = call.headers.get(ACCOUNT_HEADER, "").partition("/")
    name = wire.account(call) or (named if gateway == wire.name else "")
    if name:
        return accounts.find_or_make(connection, wire.name, name)
    return accounts.find_by_credentials(connection, wire.name, shown)


def _under(fault: Fault | None, wire: Wire, call: Call, state: State, operation: str, now: float) -> Answer:
    """Answer a call under a fault, if there is one."""
    if fault is None:
        return wire.answer(call, state, None)
    if fault.kind in faults.AFTER_THE_EFFECT:
        answer = wire.answer(call, state, None)
        content = answer.content()
        return Answer(answer.status, content[: len(content) // 2], answer.headers)
    if fault.kind == "html":
        return Answer(fault.status or 200, _HTML)
    if fault.kind == "wrong_shape":
        return Answer(200, {"status": "ok", "items": [1, 2, 3]})
    if fault.kind in faults.WITHOUT_ANSWER:
        return Answer(200, b"")
    return wire.refusal(fault, operation, now) or wire.answer(call, state, fault)
