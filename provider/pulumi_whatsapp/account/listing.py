"""Who is on a block list, by one reading of it: found by any name that a row shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ..names import NUMBER, Key, Names, Person, kind, kinds

Rows = Counter[int]
"""How many rows a listing has, by the kinds of the names that are known of whoever each is about."""


class Listing:
    """The rows of a block list, each person once.

    A row may lack any name: who hides the number is listed by an id alone, and other answers show numbers alone. So
    whoever is not found may be there all the same: see `may_be_among`.
    """

    def __init__(self, rows: Iterable[Person] = ()) -> None:
        """Take the rows as they were read."""
        self._rows: dict[Key, Person] = {}
        self._also: dict[Key, Key] = {}  # another name of a row -> the one that it is kept under
        self.nameless = 0
        """Rows without any name that somebody can be blocked by."""
        for row in rows:
            self.add(row)

    def __iter__(self) -> Iterator[Person]:
        """Return the rows that have a name."""
        return iter(self._rows.values())

    def find(self, *names: Key) -> Person | None:
        """Return the row of whoever has one of these names; the first one that is listed counts.

        The first name is the one that a program gives. Where that is an id, a row with another id is somebody else's: a
        number changes hands, an id does not.
        """
        for name in names:
            row = self._rows.get(name) or (self._rows.get(self._kept_under(name)) if name in self._also else None)
            if row is not None and not _has_another_id(row, names[0]):
                return row
        return None

    def add(self, row: Person, *also: Key) -> None:
        """Add a person, who is found by further names as well; who is there already is told of more fully."""
        names = row.names + also
        if not names:
            self.nameless += 1
            return
        first, rows, kept = names[0], self._rows, self._also
        for name in names:  # nearly always, nobody is there under any of them
            if name in rows or name in kept:
                there = self._rows_of(names)
                first = next(iter(there), first)
                for other in there:
                    row = row.beside(rows.pop(other))
                    names += (other,)
                break
        rows[first] = row
        kept.pop(first, None)
        for name in names:
            if name != first:
                kept[name] = first

    def remove(self, *names: Key) -> None:
        """Take off whoever has one of these names."""
        for name in names:
            row = self._rows.pop(self._kept_under(name), None)
            for other in row.names if row is not None else ():
                self._also.pop(other, None)
        for name in names:
            self._also.pop(name, None)

    def with_those_of(self, other: Listing) -> Listing:
        """Return who is on this listing or on another one."""
        both = Listing([*self, *other])
        both.nameless = max(self.nameless, other.nameless)
        return both

    def rows(self, people: Iterable[Names]) -> Rows:
        """Return the rows by what is known of each person: by these people's names too, where they are listed."""
        return self._counted(people, beside=False)

    def unclaimed(self, people: Iterable[Names]) -> Rows:
        """Return the rows that are none of these people's."""
        return self._counted(people, beside=True)

    def _counted(self, people: Iterable[Names], *, beside: bool) -> Rows:
        claimed: dict[int, tuple[Person, int]] = {}
        for names in people:
            row = self.find(*names)
            if row is not None:
                _, known = claimed.get(id(row), (row, row.kinds))
                claimed[id(row)] = row, known | kinds(names)
        rows = Counter(row.kinds for row in self)
        rows[0] += self.nameless
        rows.subtract(row.kinds for row, _ in claimed.values())
        if not beside:
            rows.update(known for _, known in claimed.values())
        return +rows

    def _rows_of(self, names: Names) -> dict[Key, None]:
        """Return where the rows are that have one of these names."""
        return dict.fromkeys(first for name in names if (first := self._kept_under(name)) in self._rows)

    def _kept_under(self, name: Key) -> Key:
        while (other := self._also.get(name)) is not None:
            name = other
        return name


def _has_another_id(row: Person, name: Key) -> bool:
    which = kind(name)
    shown = row.name(which) if which != NUMBER else None
    return shown is not None and str(shown) != name


def may_be_among(known: int, rows: Rows) -> int:
    """Return how many rows may be about somebody who is not found in a listing.

    A row is about somebody else where a name of the same kind is known of both.

    Args:
        known: the kinds of the names that are known of them.
        rows: the rows of the listing.
    """
    return sum(count for theirs, count in rows.items() if not theirs & known)
