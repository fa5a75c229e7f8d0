"""The request log: what reached an account, without credentials."""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from urllib.parse import unquote

KEPT = 1_000
_CONTACTS_SHOWN = 100
_BODY_CHARACTERS = 16_000
_SECRETS = re.compile(r"(/token/|[?&](?:access_token|token|api[_-]?key|client[_-]?token)=)[^/?&#]+", re.I)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as an account saw it.

    ``contacts`` is how many it named; of a long batch ``json`` holds the first hundred. ``status`` is None
    where no answer was given, ``fault`` the fault that the request met.
    """

    method: str
    path: str
    operation: str
    json: Any
    contacts: int
    status: int | None
    fault: str | None
    at: datetime


def without_credentials(path: str) -> str:
    """Return a percent-encoded path (and query), decoded for people, with ``***`` for each credential in it."""
    return unquote(_SECRETS.sub(r"\1***", path))


def write(connection: sqlite3.Connection, account: int, request: Request) -> None:
    """Add a request to the log and drop what is older than the latest thousand."""
    cursor = connection.execute(
        "INSERT INTO requests (account, at, method, path, operation, body, contacts, status, fault)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            account,
            request.at.timestamp(),
            request.method,
            without_credentials(request.path),
            request.operation,
            _shortened(request.json),
            request.contacts,
            request.status,
            request.fault,
        ),
    )
    if cursor.lastrowid is not None and cursor.lastrowid % 64 == 0:
        connection.execute(
            "DELETE FROM requests WHERE account = ?1 AND id <= (SELECT id FROM requests WHERE account = ?1"
            " ORDER BY id DESC LIMIT 1 OFFSET ?2)",
            (account, KEPT),
        )


def read(connection: sqlite3.Connection, account: int, latest: int = KEPT) -> list[Request]:
    """Return the latest requests, oldest first."""
    rows = connection.execute(
        "SELECT method, path, operation, body, contacts, status, fault, at FROM requests"
        " WHERE account = ? ORDER BY id DESC LIMIT ?",
        (account, latest),
    ).fetchall()
    return [
        Request(
            method, path, operation, json.loads(body) if body else None, contacts, status, fault,
            datetime.fromtimestamp(at, timezone.utc),
        )
        for method, path, operation, body, contacts, status, fault, at in reversed(rows)
    ]  # fmt: skip


def _shortened(body: Any) -> str | None:
    if body is None:
        return None
    if isinstance(body, dict):
        body = {k: v[:_CONTACTS_SHOWN] if isinstance(v, list) else v for k, v in body.items()}
    text = json.dumps(body)
    return text if len(text) <= _BODY_CHARACTERS else json.dumps(text[:_BODY_CHARACTERS])
