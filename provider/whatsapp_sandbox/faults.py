"""The faults that can be asked for, on which requests each can happen, and their queue."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

OPERATIONS = ("block", "unblock", "list", "privacy_read", "privacy_write", "status")
"""What a request is about. ``privacy`` in :meth:`SandboxAccount.fault` matches both privacy operations."""

_ANY = frozenset(OPERATIONS)
_WRITES = frozenset({"block", "unblock", "privacy_write"})
_LIST = frozenset({"list"})


@dataclass(frozen=True, slots=True)
class FaultKind:
    """What a fault does, and on which operations it can happen.

    ``everywhere`` is whether it happens on every gateway; else a gateway's wire format says that it has it.
    """

    text: str
    operations: frozenset[str] = _ANY
    everywhere: bool = True


FAULTS: dict[str, FaultKind] = {
    "rate_limit": FaultKind("refused in the gateway's own words for too many requests"),
    "outage": FaultKind("answered 503 (or 500, 502)"),
    "lost_answer": FaultKind("done, but the connection is lost before the answer"),
    "drop": FaultKind("not done: the connection is lost before the request takes effect"),
    "timeout": FaultKind("not done and never answered"),
    "half_failed": FaultKind(
        "every second contact of a batch fails with 131047", frozenset({"block", "unblock"}), everywhere=False
    ),
    "half_applied": FaultKind(
        "500 after the first half of the settings was applied", frozenset({"privacy_write"}), everywhere=False
    ),
    "no_success": FaultKind("not done, and told so in a 200", _WRITES),
    "garbage": FaultKind("done, but the answer's JSON is cut off"),
    "html": FaultKind("not done: a proxy's HTML page instead, with 200 (or another status)"),
    "wrong_shape": FaultKind("not done: valid JSON of another shape, with 200"),
    "unauthorized": FaultKind("refused as if the credential were wrong"),
    "forbidden": FaultKind("refused: not allowed"),
    "not_found": FaultKind("refused: no such account"),
    "not_connected": FaultKind("refused: the phone is not connected", everywhere=False),
    "list_changed": FaultKind("refused: the list changed while it was read", _LIST, everywhere=False),
    "internal": FaultKind("139103: internal error, try again", everywhere=False),
    "cap": FaultKind("139101: the block list is full", frozenset({"block"}), everywhere=False),
    "repeated_cursor": FaultKind("the page's next cursor leads to the same page", _LIST, everywhere=False),
    "empty_page": FaultKind("an empty page with a fresh cursor; the contacts come after it", _LIST, everywhere=False),
    "short_list": FaultKind("the list comes back empty, with 200", _LIST | {"privacy_read"}, everywhere=False),
    "reject_unblock": FaultKind("an unblock refused for good", frozenset({"unblock"})),
}
"""Every kind of fault, by its name."""

AFTER_THE_EFFECT = frozenset({"lost_answer", "garbage"})
WITHOUT_ANSWER = frozenset({"lost_answer", "drop", "timeout"})


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that waits for the next requests that match it; ``times`` is None for every one of them."""

    kind: str
    on: str | None = None
    times: int | None = 1
    after: int = 0
    status: int | None = None
    retry_after: float | None = 1

    def matches(self, operation: str) -> bool:
        """Tell whether a request of this operation meets the fault."""
        wanted = self.on is None or operation == self.on or operation.startswith(f"{self.on}_")
        return wanted and operation in FAULTS[self.kind].operations


def add(
    connection: sqlite3.Connection, account: int, gateway: str, possible: Mapping[str, FaultKind], fault: Fault
) -> None:
    """Queue a fault; ``possible`` are those of the gateway. Raises ValueError for one that can never happen."""
    if fault.kind not in FAULTS:
        raise ValueError(f"no fault {fault.kind!r}; there are {', '.join(FAULTS)}")
    if fault.kind not in possible:
        raise ValueError(f"{fault.kind} does not happen on {gateway}")
    if not any(fault.matches(operation) for operation in OPERATIONS):
        raise ValueError(f"{fault.kind} does not happen on {fault.on!r}")
    connection.execute(
        "INSERT INTO faults (account, kind, operation, times, after, status, retry_after) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (account, fault.kind, fault.on, fault.times, fault.after, fault.status, fault.retry_after),
    )


def waiting(connection: sqlite3.Connection, account: int) -> list[tuple[int, Fault]]:
    """Return the queued faults with their row ids, oldest first."""
    rows = connection.execute(
        "SELECT id, kind, operation, times, after, status, retry_after FROM faults WHERE account = ? ORDER BY id",
        (account,),
    )
    return [(row[0], Fault(*row[1:])) for row in rows]


def take(connection: sqlite3.Connection, account: int, operation: str) -> Fault | None:
    """Return the fault that a request meets, if any, and use it up by one."""
    for row, fault in waiting(connection, account):
        if not fault.matches(operation):
            continue
        if fault.after > 0:
            connection.execute("UPDATE faults SET after = after - 1 WHERE id = ?", (row,))
            continue
        connection.execute("UPDATE faults SET times = times - 1 WHERE id = ?", (row,))
        connection.execute("DELETE FROM faults WHERE id = ? AND times <= 0", (row,))
        return fault
    return None
