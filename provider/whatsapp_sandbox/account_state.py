"""One account's contacts, block list and privacy settings, inside a transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from . import identity
from .settings import SETTINGS

BLOCKLIST_CAP = 64_000
REQUESTS_PER_MINUTE = 100
SORTS = {"oldest": "position", "newest": "position DESC", "number": "wa_id"}
"""How a block list can be sorted: what was blocked first, last, or by number."""
LIMITS = {"blocklist_cap": BLOCKLIST_CAP, "requests_per_minute": REQUESTS_PER_MINUTE}


@dataclass(frozen=True, slots=True)
class Person:
    """Who stands behind a number: WhatsApp's id and what the account knows about the contact."""

    wa_id: str
    on_whatsapp: bool
    wrote_recently: bool
    blocked: bool
    lid: str | None
    user_id: str | None = None

    @property
    def jid(self) -> str:
        """The address that linked devices show."""
        if self.wa_id.endswith("@lid"):
            return self.wa_id
        return f"{self.lid}@lid" if self.lid else f"{self.wa_id}@s.whatsapp.net"


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody on the block list: ``wa_id`` is None where a username hides the number, ``input`` as it was sent."""

    wa_id: str | None
    input: str
    user_id: str | None
    parent_user_id: str | None


class State:
    """Reads and writes one account's rows. Lives no longer than the transaction it was made in."""

    def __init__(self, connection: sqlite3.Connection, account: int) -> None:
        """Use an account's row in an open transaction."""
        self.connection = connection
        self.account = account
        row = connection.execute(
            "SELECT gateway, identity, phone, version, day, portfolio, parent_ids FROM accounts WHERE id = ?",
            (account,),
        ).fetchone()
        self.gateway: str = row[0]
        self.identity: str = row[1]
        self.phone: str = row[2]
        self.version: int = row[3]
        self.day: int = row[4]
        self.portfolio: str = row[5] or f"{self.gateway}/{self.identity}"
        self.parent_ids: bool = bool(row[6])

    def limit(self, name: str) -> int:
        """Return a limit of the sandbox: ``blocklist_cap`` or ``requests_per_minute``."""
        row = self.connection.execute("SELECT value FROM limits WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else LIMITS[name]

    # contacts

    def people(self, inputs: Sequence[object]) -> list[Person | None]:
        """Return who each input is, in order; None for what is no phone number, and for a BSUID that is nobody's."""
        owners = [identity.owner(str(text), self.portfolio) if identity.is_user_id(text) else None for text in inputs]
        parsed = [own[0] if own else identity.parse(text) for own, text in zip(owners, inputs, strict=True)]
        aliases = {row[0]: row[1] for row in self._rows("SELECT number, wa_id FROM numbers", "number", parsed)}
        ids = [aliases.get(one, one) if one else None for one in parsed]
        known = {
            row[0]: row[1:]
            for row in self._rows("SELECT wa_id, wrote_day, on_whatsapp, lid, generation FROM contacts", "wa_id", ids)
        }
        blocked = {row[0] for row in self._rows("SELECT wa_id FROM blocks", "wa_id", ids)}
        people: list[Person | None] = []
        for one, own in zip(ids, owners, strict=True):
            wrote_day, on_whatsapp, lid, generation = known.get(one, (None, 1, None, 0))
            if one is None or (own is not None and own[1] != generation):
                people.append(None)
                continue
            recent = (wrote_day or 0) == self.day
            user_id = identity.user_id(one, self.portfolio, generation)
            people.append(Person(one, bool(on_whatsapp), recent, one in blocked, lid, user_id))
        return people

    def person(self, text: object) -> Person:
        """Return who a phone number is. Raises ValueError when it is none."""
        return self.everybody([text])[0]

    def everybody(self, texts: Sequence[object]) -> list[Person]:
        """Return who each phone number is. Raises ValueError for the first that is none."""
        found = []
        for text, person in zip(texts, self.people(texts), strict=True):
            if person is None:
                raise ValueError(f"{text!r} is not a phone number; write it like +5511987654321")
            found.append(person)
        return found

    def _rows(self, select: str, column: str, values: Iterable[str | None]) -> list[tuple[Any, ...]]:
        return self.connection.execute(
            f"{select} WHERE account = ? AND {column} IN (SELECT value FROM json_each(?))",
            (self.account, json.dumps([value for value in values if value])),
        ).fetchall()

    def hiding(self, wa_ids: Iterable[str]) -> set[str]:
        """Return who of these hides the number behind a username."""
        rows = self._rows("SELECT wa_id, username FROM contacts", "wa_id", wa_ids)
        return {wa_id for wa_id, username in rows if username}

    def set_ids(self, phone: str, wa_id: str | None, lid: str | None) -> str:
        """Set whose number it is, where that is given, and return the WhatsApp id. Raises ValueError for no number."""
        old = self.person(phone).wa_id
        new = wa_id.removeprefix("+") if wa_id else old
        if not new.removesuffix("@lid").isdigit():
            raise ValueError(f"{wa_id!r} is not a WhatsApp id; it has digits only")
        names = {identity.parse(phone), identity.parse(new), old}
        if lid:
            lid = lid.removesuffix("@lid")
            names.add(f"{lid}@lid")
        self.connection.executemany(
            "INSERT OR REPLACE INTO numbers VALUES (?, ?, ?)",
            [(self.account, name, new) for name in names if name and name != new],
        )
        for name in names - {new, None}:
            for table in ("contacts", "exceptions", "blocks"):
                moved = self.connection.execute(
                    f"UPDATE OR REPLACE {table} SET wa_id = ? WHERE account = ? AND wa_id = ?",
                    (new, self.account, name),
                ).rowcount
            if moved:
                self._changed()
        self.connection.execute("INSERT OR IGNORE INTO contacts (account, wa_id) VALUES (?, ?)", (self.account, new))
        self.connection.execute(
            "UPDATE contacts SET lid = coalesce(?, lid) WHERE account = ? AND wa_id = ?", (lid, self.account, new)
        )
        return new

    def set_contact(
        self, wa_id: str, recent: bool | None, on_whatsapp: bool | None, username: bool | None, new_user_id: bool
    ) -> None:
        """Set what is given of a contact's properties."""
        wrote_day = None if recent is None else (self.day if recent else -1)
        self.connection.execute(
            "UPDATE contacts SET wrote_day = coalesce(?, wrote_day), on_whatsapp = coalesce(?, on_whatsapp),"
            " username = coalesce(?, username), generation = generation + ? WHERE account = ? AND wa_id = ?",
            (wrote_day, on_whatsapp, username, new_user_id, self.account, wa_id),
        )

    # block list

    def count(self) -> int:
        """Return how many contacts are blocked."""
        query = "SELECT count(*) FROM blocks WHERE account = ?"
        return int(self.connection.execute(query, (self.account,)).fetchone()[0])

    def matching(self, containing: str) -> int:
        """Return how many blocked contacts have these digits in their WhatsApp id."""
        query = "SELECT count(*) FROM blocks WHERE account = ? AND instr(wa_id, ?) > 0"
        return int(self.connection.execute(query, (self.account, containing)).fetchone()[0])

    def block(self, inputs: Iterable[tuple[str, str]]) -> None:
        """Block contacts, each given as its WhatsApp id and the number as it was sent."""
        cursor = self.connection.executemany(
            "INSERT OR IGNORE INTO blocks (account, wa_id, input) VALUES (?, ?, ?)",
            [(self.account, wa_id, text) for wa_id, text in inputs],
        )
        if cursor.rowcount > 0:
            self._changed()

    def unblock(self, wa_ids: Iterable[str]) -> None:
        """Unblock contacts; those that are not blocked are passed over."""
        cursor = self.connection.executemany(
            "DELETE FROM blocks WHERE account = ? AND wa_id = ?", [(self.account, one) for one in wa_ids]
        )
        if cursor.rowcount > 0:
            self._changed()

    def blocked(self, limit: int = -1, containing: str = "", sort: str = "oldest") -> list[tuple[str, str]]:
        """Return blocked contacts, sorted by a key of :data:`SORTS`: WhatsApp id, number as sent."""
        return self.connection.execute(
            f"SELECT wa_id, input FROM blocks WHERE account = ? AND instr(wa_id, ?) > 0 ORDER BY {SORTS[sort]} LIMIT ?",
            (self.account, containing, limit),
        ).fetchall()

    def rows(self, limit: int, offset: int) -> list[Row]:
        """Return blocked contacts as a list shows them, in the order in which they were blocked."""
        found = self.connection.execute(
            "SELECT wa_id, input, coalesce(username, 0), coalesce(generation, 0)"
            " FROM blocks LEFT JOIN contacts USING (account, wa_id)"
            " WHERE account = ? ORDER BY position LIMIT ? OFFSET ?",
            (self.account, limit, offset),
        )
        return [
            Row(
                None if username else wa_id,
                text,
                identity.user_id(wa_id, self.portfolio, generation),
                identity.parent_user_id(wa_id, self.portfolio, generation) if self.parent_ids else None,
            )
            for wa_id, text, username, generation in found
        ]

    def _changed(self) -> None:
        self.version += 1
        self.connection.execute("UPDATE accounts SET version = ? WHERE id = ?", (self.version, self.account))

    # privacy

    def privacy(self) -> dict[str, str]:
        """Return every setting's value."""
        rows = self.connection.execute(
            "SELECT setting, value FROM privacy WHERE account = ?", (self.account,)
        ).fetchall()
        return {setting: values[0] for setting, values in SETTINGS.items()} | dict(rows)

    def set_privacy(self, setting: str, value: str) -> None:
        """Set a setting to one of its values."""
        self.connection.execute("INSERT OR REPLACE INTO privacy VALUES (?, ?, ?)", (self.account, setting, value))

    def exceptions(self, setting: str) -> list[str]:
        """Return the WhatsApp ids of a setting's exceptions, oldest first."""
        rows = self.connection.execute(
            "SELECT wa_id FROM exceptions WHERE account = ? AND setting = ? ORDER BY position",
            (self.account, setting),
        ).fetchall()
        return [row[0] for row in rows]

    def add_exceptions(self, setting: str, wa_ids: Iterable[str]) -> None:
        """Add contacts to a setting's exceptions."""
        self.connection.executemany(
            "INSERT OR IGNORE INTO exceptions (account, setting, wa_id) VALUES (?, ?, ?)",
            [(self.account, setting, one) for one in wa_ids],
        )

    def remove_exceptions(self, setting: str, wa_ids: Iterable[str]) -> None:
        """Remove contacts from a setting's exceptions."""
        self.connection.executemany(
            "DELETE FROM exceptions WHERE account = ? AND setting = ? AND wa_id = ?",
            [(self.account, setting, one) for one in wa_ids],
        )
