"""The faults that can be asked for, on which requests each can happen, and their queue."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

OPERATIONS = ("block", "unblock", "list", "privacy_read", "privacy_write", "status")
"""What a request is about. ``privacy`` in :meth:`SandboxAccount.fault` matches both privacy operations."""

PRIVACY = frozenset({"privacy_read", "privacy_write"})

_ANY = frozenset(OPERATIONS)
_WRITES = frozenset({"block", "unblock", "privacy_write"})
_LIST = frozenset({"list"})


@dataclass(frozen=True, slots=True)
class FaultKind:
    """What a fault is called, what it does, and on which operations it can happen.

    ``everywhere`` is whether it happens on every gateway; else a gateway's wire format says that it has it.
    """

    title: str
    text: str
    operations: frozenset[str] = _ANY
    everywhere: bool = True


FAULTS: dict[str, FaultKind] = {
    "rate_limit": FaultKind(
        "Too many requests", "The gateway refuses the request in its own words for too many requests."
    ),
    "outage": FaultKind("The gateway is down", "The answer is a 503, or another status."),
    "lost_answer": FaultKind(
        "Done, but the answer is lost", "The request takes effect; the connection is lost before the answer."
    ),
    "drop": FaultKind("Not done: the connection drops", "The connection is lost before the request takes effect."),
    "timeout": FaultKind("Not done, and no answer comes", "The request has no effect, and nothing is ever answered."),
    "half_failed": FaultKind(
        "Every second contact is refused",
        "Of a batch every second contact fails with 131047.",
        frozenset({"block", "unblock"}),
        everywhere=False,
    ),
    "half_applied": FaultKind(
        "Only half of the settings are set",
        "A 500 comes after the first half of the settings was applied.",
        frozenset({"privacy_write"}),
        everywhere=False,
    ),
    "no_success": FaultKind(
        "Not done, and told so in a 200", "The request has no effect; the answer is a 200 that says so.", _WRITES
    ),
    "garbage": FaultKind(
        "Done, but the answer is cut off", "The request takes effect; the JSON of its answer is cut off."
    ),
    "html": FaultKind(
        "Not done: a proxy answers with HTML",
        "The request has no effect; a proxy's HTML page comes instead, with 200 or another status.",
    ),
    "wrong_shape": FaultKind(
        "Not done: an answer of another shape",
        "The request has no effect; the answer is valid JSON of another shape, with 200.",
    ),
    "unauthorized": FaultKind(
        "The credential is refused", "The gateway refuses the request as if the credential were wrong."
    ),
    "forbidden": FaultKind("It is not allowed", "The gateway refuses the request: it is not allowed."),
    "not_found": FaultKind("There is no such account", "The gateway refuses the request: it knows no such account."),
    "not_connected": FaultKind(
        "The phone is not connected", "The gateway refuses the request: the phone is not connected.", everywhere=False
    ),
    "list_changed": FaultKind(
        "The list changes while it is read",
        "The gateway refuses the next page: the list changed while it was read.",
        _LIST,
        everywhere=False,
    ),
    "internal": FaultKind(
        "The gateway has an internal error", "The gateway answers 139103: internal error, try again.", everywhere=False
    ),
    "cap": FaultKind(
        "The block list is full",
        "The gateway answers 139101: the block list is full.",
        frozenset({"block"}),
        everywhere=False,
    ),
    "repeated_cursor": FaultKind(
        "The next page is the same page again",
        "The cursor to the next page leads to the same page.",
        _LIST,
        everywhere=False,
    ),
    "empty_page": FaultKind(
        "An empty page comes in between",
        "A page is empty and has a fresh cursor; the contacts come after it.",
        _LIST,
        everywhere=False,
    ),
    "short_list": FaultKind(
        "The list comes back empty",
        "The list is empty, with 200, although contacts are on it.",
        _LIST | {"privacy_read"},
        everywhere=False,
    ),
    "reject_unblock": FaultKind(
        "An unblock is refused for good",
        "The gateway refuses an unblock, however often it is tried.",
        frozenset({"unblock"}),
    ),
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
