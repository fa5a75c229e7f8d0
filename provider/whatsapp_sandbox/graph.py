"""The Graph format of blocking, which Meta, 360dialog and Kaleyra share: requests, results, cursors.

Sources: https://developers.facebook.com/documentation/business-messaging/whatsapp/block-users/ and
``business-messaging-api_v23.0.yaml`` of https://github.com/facebook/openapi; for business-scoped user ids (BSUID)
https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids.
"""

from __future__ import annotations

import base64
import json
import secrets
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from . import identity
from .account_state import Person, Row, State
from .faults import Fault
from .wire import Answer, Call, Wire

BATCH = 1_000
_LARGEST_PAGE = 1_000
_FIRST_VERSION = 1_737_679_688_383_584
_DETAILS: dict[int, tuple[str, str]] = {
    100: ("Invalid parameter", "Not a BSUID of this business portfolio; a parent BSUID cannot be blocked"),
    130429: ("Rate limit hit", "Too many numbers in the request or too many requests"),
    131021: ("Self block", "The number is the business's own"),
    131047: (
        "Re-engagement required",
        "The user has not messaged the business in the last 24 hours, or is not a WhatsApp user",
    ),
    139100: (
        "Failed to block/unblock users",
        "Failed to block some users, see the block_users response list for details",
    ),
    139101: ("Blocklist limit reached", "The blocklist holds as many users as it can"),
    139102: ("Blocklist concurrent update", "The list changed during pagination: version_id does not match"),
    139103: ("Internal error", "Try again"),
}


@dataclass(frozen=True, slots=True)
class Results:
    """What became of each contact of a batch, in Meta's rows."""

    done: list[dict[str, Any]]
    failed: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list: its rows, and the cursors around it."""

    rows: list[Row]
    before: str | None
    after: str | None


class GraphError(Exception):
    """The whole request is refused with a status and one of Meta's codes."""

    def __init__(self, status: int, code: int, details: str | None = None) -> None:
        """Refuse with the code's own details, or with those given."""
        super().__init__(code)
        self.status, self.code, self.details = status, code, details


def error_body(code: int, details: str | None = None) -> dict[str, Any]:
    """Return Meta's ``error`` object."""
    message, usual = _DETAILS[code]
    return {
        "message": f"(#{code}) {message}",
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": details or usual},
        "fbtrace_id": f"A{secrets.token_urlsafe(16)}",
    }


class Graph(Wire):
    """Blocks and unblocks in batches with a result for each contact, and lists by cursor."""

    faults = frozenset(
        {"half_failed", "list_changed", "internal", "cap", "repeated_cursor", "empty_page", "short_list"}
    )
    naming = ("block_users",)
    page_size: ClassVar[int]
    takes_user_ids: ClassVar[bool] = True
    """Whether contacts may be named by their BSUID."""

    @abstractmethod
    def failure(self, error: GraphError) -> Answer:
        """Return the gateway's answer to a request that is refused as a whole."""

    @abstractmethod
    def results(self, operation: str, results: Results, *, status: int) -> Answer:
        """Return the gateway's answer to a block or unblock."""

    @abstractmethod
    def page(self, page: Page, limit: int, call: Call) -> Answer:
        """Return the gateway's answer to a listing."""

    def operation(self, call: Call) -> str:
        """See Wire."""
        return {"POST": "block", "DELETE": "unblock"}.get(call.method, "list")

    def said(self, text: str) -> Any:
        """See Wire: a bare text; what has a code is an object."""
        return {"error": text}

    def refusal(self, fault: Fault, operation: str, now: float) -> Answer | None:  # noqa: ARG002
        """See Wire: the codes that Meta itself answers with."""
        match fault.kind:
            case "list_changed":
                return self.failure(GraphError(400, 139102))
            case "internal":
                return self.failure(GraphError(fault.status or 500, 139103))
            case "cap":
                return self.failure(GraphError(400, 139101))
        return None

    def answer(self, call: Call, state: State, fault: Fault | None) -> Answer:
        """See Wire."""
        try:
            if call.method == "GET":
                return self._list(call, state, fault)
            if call.method in ("POST", "DELETE"):
                return self._modify(call, state, fault)
        except GraphError as error:
            return self.failure(error)
        return self.failure(GraphError(405, 100, "Unsupported method"))

    def _modify(self, call: Call, state: State, fault: Fault | None) -> Answer:
        operation = self.operation(call)
        inputs = _inputs(call.json(), user_ids=self.takes_user_ids)
        people = state.people(inputs)
        outcome = _block(state, inputs, people) if operation == "block" else _unblock(inputs, people)
        for index in _failing(fault, len(inputs)):
            outcome[index] = outcome[index] or 131047
        done = [(p.wa_id, i) for i, p, code in zip(inputs, people, outcome, strict=True) if p and not code]
        if operation == "block":
            state.block(done)
        else:
            state.unblock(wa_id for wa_id, _ in done)
        failed = [
            _failed(text, person, code) for text, person, code in zip(inputs, people, outcome, strict=True) if code
        ]
        told_in_200 = fault is not None and fault.kind == "no_success"
        return self.results(
            operation,
            Results([{"input": text, **_named(text, wa_id)} for wa_id, text in done], failed),
            status=400 if failed and not told_in_200 else 200,
        )

    def _list(self, call: Call, state: State, fault: Fault | None) -> Answer:
        limit = _limit(call.query.get("limit"), self.page_size)
        count = state.count()
        after, before = call.query.get("after"), call.query.get("before")
        if after:
            start, end = _offset(after, state), None
        elif before:
            end = _offset(before, state)
            start = max(0, end - limit)
        else:
            start, end = 0, None
        end = min(start + limit, count) if end is None else end
        kind = fault.kind if fault else None
        if kind == "short_list" or end <= start:
            return self.page(Page([], None, None), limit, call)
        if kind == "empty_page":
            return self.page(Page([], None, _cursor(start, state, fresh=True)), limit, call)
        following = _cursor(end, state) if end < count else None
        if kind == "repeated_cursor":
            following = after or _cursor(start, state)
        rows = state.rows(end - start, start)
        return self.page(Page(rows, _cursor(start, state), following), limit, call)


def links(page: Page, limit: int, call: Call) -> dict[str, str]:
    """Return the addresses of the neighbouring pages."""
    found = {"next": ("after", page.after), "previous": ("before", page.before)}
    return {
        name: f"{call.url}?{urlencode({'limit': limit, key: cursor})}"
        for name, (key, cursor) in found.items()
        if cursor
    }


def _named(text: str, wa_id: str) -> dict[str, str]:
    """Return how an answer names somebody: by the kind of name that was asked for, and by no other."""
    return {"user_id": text} if identity.is_user_id(text) else {"wa_id": wa_id}


def _inputs(body: Any, *, user_ids: bool) -> list[str]:
    """Return the names that a request has; of an entry with a number and a BSUID the number counts."""
    if not isinstance(body, dict) or body.get("messaging_product") != "whatsapp":
        raise GraphError(400, 100, "The parameter messaging_product is required")
    users = body.get("block_users")
    if not isinstance(users, list) or not users:
        raise GraphError(400, 100, "The parameter block_users is required")
    if len(users) > BATCH:
        raise GraphError(400, 130429)
    keys = ("user", "user_id") if user_ids else ("user",)
    found = []
    for one in users:
        key = next((key for key in keys if isinstance(one, dict) and isinstance(one.get(key), str)), None)
        if key is None:
            raise GraphError(400, 100, f"Each of block_users needs a {' or a '.join(keys)}")
        found.append(one[key] if identity.is_user_id(one[key]) == (key == "user_id") else "")
    return found


def _block(state: State, inputs: list[str], people: list[Person | None]) -> list[int | None]:
    """Return each contact's error code, or None where it can be blocked."""
    room = state.limit("blocklist_cap") - state.count()
    new: set[str] = set()
    outcome: list[int | None] = []
    for text, person in zip(inputs, people, strict=True):
        if person is None and identity.is_user_id(text):
            outcome.append(100)
        elif person is None or person.wa_id.endswith("@lid") or not person.on_whatsapp:
            outcome.append(131047)
        elif person.wa_id == state.phone:
            outcome.append(131021)
        elif not person.wrote_recently:
            outcome.append(131047)
        elif not person.blocked and person.wa_id not in new and len(new) >= room:
            outcome.append(139101)
        else:
            if not person.blocked:
                new.add(person.wa_id)
            outcome.append(None)
    return outcome


def _unblock(inputs: list[str], people: list[Person | None]) -> list[int | None]:
    return [
        None if person else 100 if identity.is_user_id(text) else 131047
        for text, person in zip(inputs, people, strict=True)
    ]


def _failing(fault: Fault | None, count: int) -> range:
    match fault.kind if fault else None:
        case "half_failed":
            return range(1, count, 2)
        case "reject_unblock" | "no_success":
            return range(count)
    return range(0)


def _failed(text: str, person: Person | None, code: int) -> dict[str, Any]:
    message, details = _DETAILS[code]
    row: dict[str, Any] = {"input": text}
    if person and person.on_whatsapp:
        row |= _named(text, person.wa_id)
    return row | {"errors": [{"message": message, "code": code, "error_data": {"details": details}}]}


def _limit(text: str | None, default: int) -> int:
    if text is None or text == "":
        return default
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise GraphError(400, 100, "limit must be a positive integer")
    return min(int(text), _LARGEST_PAGE)


def _version(state: State) -> str:
    return str(_FIRST_VERSION + state.version)


def _cursor(offset: int, state: State, *, fresh: bool = False) -> str:
    content: dict[str, Any] = {"offset": offset, "versionId": _version(state)}
    if fresh:
        content["fresh"] = secrets.token_hex(4)
    return base64.urlsafe_b64encode(json.dumps(content, separators=(",", ":")).encode()).decode()


def _offset(cursor: str, state: State) -> int:
    """Return where a cursor points. Raises GraphError: 100 if it is none, 139102 if the list has changed."""
    try:
        content = json.loads(base64.urlsafe_b64decode(cursor))
        offset, version = int(content["offset"]), content["versionId"]
    except (ValueError, KeyError, TypeError):
        raise GraphError(400, 100, "Invalid cursor") from None
    if version != _version(state):
        raise GraphError(400, 139102)
    return max(0, offset)
