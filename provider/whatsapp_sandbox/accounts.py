"""Finding, making and trusting accounts."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
import zlib
from collections.abc import Mapping

from . import identity
from .gateways import WIRES
from .paste import is_own
from .store import OF_AN_ACCOUNT

UNNAMED = "default"


def canonical(gateway: str, name: str) -> str:
    """Return an account's identity in one spelling. Raises ValueError for an unknown gateway."""
    if gateway not in WIRES:
        raise ValueError(f"no gateway {gateway!r}; there are {', '.join(WIRES)}")
    if not name:
        raise ValueError(f"an account of {gateway} needs an identity")
    digits = "".join(character for character in name if character.isdigit())
    return f"+{digits}" if WIRES[gateway].by_phone and identity.parse(name) else name


def find_or_make(connection: sqlite3.Connection, gateway: str, name: str) -> int:
    """Return the row of an account, which exists from its first use. Raises ValueError."""
    name = canonical(gateway, name)
    row = connection.execute("SELECT id FROM accounts WHERE gateway = ? AND identity = ?", (gateway, name)).fetchone()
    if row:
        return int(row[0])
    made = connection.execute(
        "INSERT INTO accounts (gateway, identity, phone) VALUES (?, ?, ?)",
        (gateway, name, _own_phone(gateway, name)),
    )
    return int(made.lastrowid or 0)


def empty(connection: sqlite3.Connection, account: int) -> None:
    """Make an account what it was when it was new; its request log goes too."""
    for table in OF_AN_ACCOUNT:
        connection.execute(f"DELETE FROM {table} WHERE account = ?", (account,))
    connection.execute(
        "UPDATE accounts SET version = version + 1, day = 0, portfolio = '', parent_ids = 0,"
        " window_start = 0, window_used = 0 WHERE id = ?",
        (account,),
    )


def delete(connection: sqlite3.Connection, account: int) -> None:
    """Take an account out of the file; its next use makes a new one."""
    empty(connection, account)
    connection.execute("DELETE FROM accounts WHERE id = ?", (account,))


def find_by_credentials(connection: sqlite3.Connection, gateway: str, shown: Mapping[str, str | None]) -> int:
    """Return the account that a request without a name means: the one whose credential it shows.

    Where there is none, it is the gateway's one account whose credential is not known yet, else its only
    account (which will refuse the credential), else a new one.
    """
    rows = connection.execute("SELECT id FROM accounts WHERE gateway = ? ORDER BY id", (gateway,)).fetchall()
    ids = [int(row[0]) for row in rows]
    states = {one: [verdict(connection, one, name, value) for name, value in shown.items()] for one in ids}
    for wanted in (True, None):
        matching = [one for one in ids if states[one] and all(state is wanted for state in states[one])]
        if len(matching) == 1:
            return matching[0]
    return ids[0] if len(ids) == 1 else find_or_make(connection, gateway, UNNAMED)


def verdict(connection: sqlite3.Connection, account: int, name: str, value: str | None) -> bool | None:
    """Tell whether a credential is the account's; None where the account has none of this name yet."""
    row = connection.execute(
        "SELECT salt, hash FROM credentials WHERE account = ? AND name = ?", (account, name)
    ).fetchone()
    if row is None:
        return None
    return value is not None and hmac.compare_digest(_hash(row[0], value), row[1])


def trust(connection: sqlite3.Connection, account: int, name: str, value: str) -> None:
    """Make a credential the account's; the file holds a salted hash of it."""
    salt = secrets.token_bytes(16)
    connection.execute(
        "INSERT INTO credentials VALUES (?, ?, ?, ?, ?)", (account, name, salt, _hash(salt, value), is_own(value))
    )


def trusts_its_own(connection: sqlite3.Connection, account: int) -> bool:
    """Tell whether the account takes the sandbox's own credential: it has no other one yet."""
    query = "SELECT count(*) FROM credentials WHERE account = ? AND NOT own"
    return not connection.execute(query, (account,)).fetchone()[0]


def refused(
    connection: sqlite3.Connection, account: int, shown: Mapping[str, str | None]
) -> tuple[str, str | None] | None:
    """Return the first credential that is missing or wrong; when none is, trust those seen first."""
    verdicts = {name: verdict(connection, account, name, value) for name, value in shown.items()}
    for name, value in shown.items():
        if not value or verdicts[name] is False:
            return name, value
    for name, value in shown.items():
        if value and verdicts[name] is None:
            trust(connection, account, name, value)
    return None


def _hash(salt: bytes, value: str) -> bytes:
    return hashlib.sha256(salt + value.encode()).digest()


def _own_phone(gateway: str, name: str) -> str:
    """Return the account's own number: its identity, else one made up from it."""
    if WIRES[gateway].by_phone and (phone := identity.parse(name)):
        return phone
    return f"1555{zlib.crc32(f'{gateway}/{name}'.encode()) % 10**7:07d}"
