"""The sandbox's one SQLite file: schema, connections and transactions."""

from __future__ import annotations

import sqlite3
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_VERSION = 3
_BUSY_SECONDS = 30.0
"""How long one process waits for another that writes: a change of 64,000 contacts takes seconds."""
_SCHEMA = """
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY, gateway TEXT NOT NULL, identity TEXT NOT NULL, phone TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 0, day INTEGER NOT NULL DEFAULT 0,
    portfolio TEXT NOT NULL DEFAULT '', parent_ids INTEGER NOT NULL DEFAULT 0,
    window_start REAL NOT NULL DEFAULT 0, window_used INTEGER NOT NULL DEFAULT 0,
    UNIQUE (gateway, identity));
CREATE TABLE credentials (
    account INTEGER NOT NULL, name TEXT NOT NULL, salt BLOB NOT NULL, hash BLOB NOT NULL, own INTEGER NOT NULL,
    PRIMARY KEY (account, name)) WITHOUT ROWID;
CREATE TABLE numbers (
    account INTEGER NOT NULL, number TEXT NOT NULL, wa_id TEXT NOT NULL,
    PRIMARY KEY (account, number)) WITHOUT ROWID;
CREATE TABLE contacts (
    account INTEGER NOT NULL, wa_id TEXT NOT NULL, wrote_day INTEGER, on_whatsapp INTEGER NOT NULL DEFAULT 1,
    lid TEXT, username INTEGER NOT NULL DEFAULT 0, generation INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account, wa_id)) WITHOUT ROWID;
CREATE TABLE blocks (
    position INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL, wa_id TEXT NOT NULL,
    input TEXT NOT NULL, UNIQUE (account, wa_id));
CREATE INDEX blocks_in_order ON blocks (account, position);
CREATE TABLE privacy (
    account INTEGER NOT NULL, setting TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (account, setting)) WITHOUT ROWID;
CREATE TABLE exceptions (
    position INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL, setting TEXT NOT NULL,
    wa_id TEXT NOT NULL, UNIQUE (account, setting, wa_id));
CREATE TABLE faults (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL, kind TEXT NOT NULL, operation TEXT,
    times INTEGER, after INTEGER NOT NULL, status INTEGER, retry_after REAL);
CREATE TABLE requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL, at REAL NOT NULL, method TEXT NOT NULL,
    target TEXT NOT NULL, operation TEXT NOT NULL, body TEXT, contacts INTEGER NOT NULL, status INTEGER,
    fault TEXT, answer TEXT, own INTEGER NOT NULL);
CREATE INDEX requests_in_order ON requests (account, id);
CREATE TABLE limits (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""
OF_AN_ACCOUNT = ("credentials", "numbers", "contacts", "blocks", "privacy", "exceptions", "faults", "requests")
"""The tables whose rows are an account's."""


class NotASandboxError(ValueError):
    """The file exists but is not a sandbox of this version; the text names it and says what to do."""


def located(path: str | Path) -> Path:
    """Return where a sandbox file lies, ``~`` expanded. Raises OSError where that names an unknown user."""
    try:
        return Path(path).expanduser().absolute()
    except RuntimeError:
        raise OSError(f"{path} is no path here: no user of this machine is called as after its ~") from None


class Store:
    """Hands out short write transactions on one file, which any number of processes and threads may share.

    The file is in WAL mode and is not synced to the disk on every commit: it survives a killed process,
    though the last moments before a power cut may be lost.
    """

    def __init__(self, path: str | Path) -> None:
        """Open the file; create it when missing, and its folder, in which git ignores it then.

        Raises NotASandboxError, OSError.
        """
        self.path = located(path)
        if not self.path.parent.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            ignored = f"/.gitignore\n/{self.path.name}*\n"  # sqlite keeps two more files beside it
            (self.path.parent / ".gitignore").write_text(ignored, encoding="utf-8")
        self._idle: list[sqlite3.Connection] = []
        self._close_idle = weakref.finalize(self, _close, self._idle)
        try:
            with self.transaction() as connection:
                self._prepare(connection)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise OSError(f"the sandbox file {self.path} cannot be used: {error}") from None
            raise NotASandboxError(f"{self.path} is not a sandbox file; choose another path") from None

    def _prepare(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == _VERSION:
            return
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if version or tables:
            raise NotASandboxError(
                f"{self.path} is not a sandbox file of this version; delete it or choose another path"
            )
        for statement in _SCHEMA.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_VERSION}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run a write transaction: committed at the end, rolled back when an exception passes."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._connect()
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)

    def close(self) -> None:
        """Close the idle connections; the next transaction opens a new one."""
        _close(self._idle)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA synchronous = OFF")
            _enter_wal(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def _enter_wal(connection: sqlite3.Connection) -> None:
    """Switch to WAL. SQLite does not wait for a lock here, so two processes that start at once need this."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while not _tried_wal(connection, last=time.monotonic() > deadline):
        time.sleep(0.01)


def _tried_wal(connection: sqlite3.Connection, *, last: bool) -> bool:
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if last or "locked" not in str(error):
            raise
        return False
    return True


def _close(idle: list[sqlite3.Connection]) -> None:
    while idle:
        idle.pop().close()
