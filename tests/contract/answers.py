"""Every answer that a gateway's tables know, and some that they do not, as the network gives them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from pulumi_whatsapp.gateways.base import STATUSES, Gateway, Meaning
from pulumi_whatsapp.gateways.graph import BlockUsers
from pulumi_whatsapp.gateways.graph_codes import CODES
from pulumi_whatsapp.gateways.registry import GATEWAYS
from whatsapp_sandbox.faults import Fault
from whatsapp_sandbox.gateways import WIRES
from whatsapp_sandbox.wire import Call

UNKNOWN_CODE: Final = 4711
UNKNOWN_TEXT: Final = "Timeout, try again later"
_STATUSES: Final = (*STATUSES, 400, 409, 418, 422, 500, 502, 503, 504, 599)


@dataclass(frozen=True)
class ForcedAnswer:
    """An answer in place of the gateway's own.

    Attributes:
        name: what tells it from the others.
        status: its HTTP status.
        body: its JSON; where it is a function, of the contacts that the request names.
        settles: whether it says that nothing was done: a gateway that has done it all the same lies.
    """

    name: str
    status: int
    body: Any
    settles: bool = False

    def to(self, request: httpx.Request) -> httpx.Response:
        """Return it to a request."""
        body = self.body(contacts_of(request)) if callable(self.body) else self.body
        return httpx.Response(self.status, content=json.dumps(body))  # in ASCII, so that it may hold half a character


def contacts_of(request: httpx.Request) -> list[str]:
    """Return the contacts that a request of the Graph family names."""
    sent = json.loads(request.content or b"{}")
    return [next(iter(entry.values())) for entry in sent.get("block_users", [])]


def operation(request: httpx.Request) -> str:
    """Return what a request is about: ``block``, ``unblock``, ``list`` or something else."""
    path = request.url.raw_path.decode().partition("?")[0]
    wire, parts = next(
        (wire, found.groupdict())
        for wire in WIRES.values()
        for pattern in wire.paths
        if (found := pattern.fullmatch(path))
    )
    query, headers = dict(request.url.params), dict(request.headers)
    return wire.operation(Call(request.method, str(request.url), path, query, headers, request.content, parts))


def answers(gateway: type[Gateway]) -> list[ForcedAnswer]:
    """Return every answer of a gateway's tables, and what they do not know."""
    wire = WIRES[gateway.name]
    if issubclass(gateway, BlockUsers):
        return [*_graph(gateway), *_plain(wire.said)]
    no = wire.refusal(Fault("no_success"), "block", 0)
    assert no, f"{gateway.title} does not say no with a 200"
    bodies = (no.body, {"value": False}, {"success": False})
    return [
        *_texts(gateway.meanings, wire.said),
        *(ForcedAnswer(f"200 {json.dumps(body)}", 200, body) for body in bodies),
        ForcedAnswer("another state", 200, {"success": False, "message": UNKNOWN_TEXT, "blocked": False}),
    ]


def _texts(table: Mapping[str, Meaning], body: Callable[[str], Any]) -> Iterator[ForcedAnswer]:
    for text, meaning in table.items():
        for status in (200, 400, 500):
            yield ForcedAnswer(f"{text} with {status}", status, body(text), meaning.error.settled)
    yield ForcedAnswer("an unknown text with 200", 200, body(UNKNOWN_TEXT))
    yield from _plain(body)


def _plain(body: Callable[[str], Any]) -> Iterator[ForcedAnswer]:
    for status in _STATUSES:
        settles = STATUSES[status].error.settled if status in STATUSES else status < 500
        yield ForcedAnswer(f"HTTP {status}", status, body(UNKNOWN_TEXT), settles)
    shapes: tuple[Any, ...] = (
        [],
        {},
        None,
        "no",
        {"block_users": None},
        {"block_users": []},
        {"data": {}},
        {"error": 5},
    )
    for shape in shapes:
        yield ForcedAnswer(f"200 {json.dumps(shape)}", 200, shape)


def _graph(gateway: type[Gateway]) -> Iterator[ForcedAnswer]:
    everywhere = gateway is GATEWAYS["meta"]  # the table is one for all three
    alike = {meaning.error: code for code, meaning in CODES.items()}
    codes = (set(CODES) - set(range(201, 299))) if everywhere else set(alike.values())
    rows = (lambda users: {"data": {"block_users": users}}) if gateway is GATEWAYS["kaleyra"] else _bare
    for code in [*sorted(codes), UNKNOWN_CODE]:
        known = CODES[code].error.settled if code in CODES else None
        yield ForcedAnswer(f"{code} with 400", 400, {"error": _error(code)}, known in {None, True})
        yield ForcedAnswer(f"{code} with 500", 500, {"error": _error(code)}, known is True)
        yield ForcedAnswer(f"{code} of each contact", 400, _failed(rows, {"errors": [_error(code)]}), known is True)
    reasons: tuple[dict[str, Any], ...] = (
        {},
        {"errors": []},
        {"errors": None},
        {"errors": "no"},
        {"errors": [{}]},
        {"errors": 5},
    )
    for why in reasons:
        yield ForcedAnswer(f"failed with {json.dumps(why)}", 400, _failed(rows, why))
    yield ForcedAnswer("nobody is named", 400, rows({"failed_users": [{"errors": [_error(131047)]}]}))
    for text, meaning in gateway.meanings.items():
        yield ForcedAnswer(text, 400, WIRES[gateway.name].said(text), meaning.error.settled)


def _bare(users: Any) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", "block_users": users}


def _error(code: int) -> dict[str, Any]:
    return {"message": f"(#{code}) no", "code": code, "error_data": {"details": "details"}}


def _failed(rows: Callable[[Any], Any], why: dict[str, Any]) -> Callable[[list[str]], Any]:
    return lambda contacts: rows({"failed_users": [{"input": contact, **why} for contact in contacts]})
