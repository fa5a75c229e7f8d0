"""The request log: what reached an account and what it answered, without credentials."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote, unquote

MASK = "***"
"""Stands for a credential in what was logged."""

KEPT = 1_000
_CONTACTS_SHOWN = 100
_CHARACTERS = 16_000
"""How much is kept of requests, of the contacts of one, and of a body: the file must not grow for ever."""
_IN_THE_TARGET = re.compile(r"(/token/|[?&](?:access_token|token|api[_-]?key|client[_-]?token)=)[^/?&#]+", re.I)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as an account saw it.

    Attributes:
        id: a number that grows; the log of a file has each once.
        method: of HTTP.
        target: the path and query as they were sent, percent-encoded.
        operation: what the request is about, one of ``faults.OPERATIONS``.
        json: the body; the first hundred contacts of a long batch. It is a text where the body is no JSON or too long.
        contacts: how many the body names.
        status: of the answer; None where none was given.
        fault: the kind of fault that the request met.
        at: when.
        answer: the body of the answer, its first 16,000 characters.
        own_credential: whether it came with the sandbox's own credential.
    """

    id: int
    method: str
    target: str
    operation: str
    json: Any
    contacts: int
    status: int | None
    fault: str | None
    at: datetime
    answer: str | None
    own_credential: bool

    @property
    def path(self) -> str:
        """The target, decoded for people."""
        return unquote(self.target)


class Redactor:
    """Takes the credentials that a request shows out of all that is logged of it."""

    def __init__(self, shown: Iterable[str | None]) -> None:
        """Take the credentials; of one with colons in it (a SID and a key) the last part is the secret."""
        secrets = {value.rpartition(":")[2] for value in shown if value} - {""}
        spelt = {spelling for one in secrets for spelling in (one, json.dumps(one)[1:-1], quote(one, safe=""))}
        longest_first = sorted(spelt, key=len, reverse=True)
        self._found = re.compile("|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in longest_first) or r"(?!)")

    def __call__(self, text: str) -> str:
        """Return a text with ``***`` for each credential."""
        return self._found.sub(MASK, text)

    def json(self, value: Any) -> Any:
        """Return JSON with ``***`` for each credential in its texts; a number stays one, whatever the credential is."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, list):
            return [self.json(one) for one in value]
        if isinstance(value, dict):
            return {self(key): self.json(one) for key, one in value.items()}
        return value

    def target(self, target: str) -> str:
        """Return a path and query with ``***`` for each credential, known or not."""
        return self(_IN_THE_TARGET.sub(rf"\1{MASK}", target))


def body_of(content: bytes, parsed: Any, redact: Redactor) -> str | None:
    """Return a request's body as the log holds it; None where there is none."""
    if not content:
        return None
    if parsed is None:
        return json.dumps(redact(content.decode("utf-8", "replace"))[:_CHARACTERS])
    if isinstance(parsed, dict):
        parsed = {key: one[:_CONTACTS_SHOWN] if isinstance(one, list) else one for key, one in parsed.items()}
    text = json.dumps(redact.json(parsed))
    return text if len(text) <= _CHARACTERS else json.dumps(text[:_CHARACTERS])


def write(
    connection: sqlite3.Connection,
    account: int,
    at: float,
    *,
    method: str,
    target: str,
    operation: str,
    body: str | None,
    contacts: int,
    status: int | None,
    fault: str | None,
    answer: str | None,
    own: bool,
) -> None:
    """Add a request, free of credentials, to the log and drop what is older than the latest thousand."""
    cursor = connection.execute(
        "INSERT INTO requests (account, at, method, target, operation, body, contacts, status, fault, answer, own)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            account, at, method, target, operation, body, contacts, status, fault,
            None if answer is None else answer[:_CHARACTERS], own,
        ),
    )  # fmt: skip
    if cursor.lastrowid is not None and cursor.lastrowid % 64 == 0:
        connection.execute(
            "DELETE FROM requests WHERE account = ?1 AND id <= (SELECT id FROM requests WHERE account = ?1"
            " ORDER BY id DESC LIMIT 1 OFFSET ?2)",
            (account, KEPT),
        )


def read(connection: sqlite3.Connection, account: int, latest: int = KEPT, only: int | None = None) -> list[Request]:
    """Return the latest requests, oldest first; ``only`` the one with this id, if the account has it."""
    rows = connection.execute(
        "SELECT id, method, target, operation, body, contacts, status, fault, at, answer, own FROM requests"
        " WHERE account = ?1 AND (?2 IS NULL OR id = ?2) ORDER BY id DESC LIMIT ?3",
        (account, only, latest),
    ).fetchall()
    return [
        Request(
            number, method, target, operation, json.loads(body) if body else None, contacts, status, fault,
            datetime.fromtimestamp(at, timezone.utc), answer, bool(own),
        )
        for number, method, target, operation, body, contacts, status, fault, at, answer, own in reversed(rows)
    ]  # fmt: skip


def described(request: Request, *, whole: bool = False) -> dict[str, Any]:
    """Return a request as the control interface shows it; ``whole``: with its body and answer."""
    shown = {name: getattr(request, name) for name in ("id", "method", "path", "operation", "contacts", "status")}
    shown |= {"fault": request.fault, "at": request.at.timestamp()}
    return shown | ({"json": request.json, "answer": request.answer} if whole else {})
