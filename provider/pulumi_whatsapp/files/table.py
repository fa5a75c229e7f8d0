"""Tables: CSV files, and the rows of a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from ..written import plain
from .entries import Content, Entry, Names

Row = tuple[int, Sequence[str]]
"""The number of a row, from 1, and its cells."""

_SEPARATORS: Final = (",", ";", "\t")
_SEPARATOR_LINE: Final = re.compile(r'"?sep=(?P<mark>[^\r\n])"?(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
_KEPT_AS_TEXT: Final = re.compile(r"""="(?P<formula>[^"]*)"|'(?P<apostrophe>.*)""", re.DOTALL)
"""How a spreadsheet is told that a number is a text, and how programs keep a ``+`` from being a formula."""


def read_csv(text: str, names: Names, is_contact: Callable[[str], bool]) -> Content:
    """Return the contacts of a CSV file, with commas, semicolons or tabs between its columns.

    A first line ``sep=;``, which Excel writes, says which. Else it is the mark that makes the first row a heading or
    a contact: `csv.Sniffer` guesses wrong where a file has one column.
    """
    said = _SEPARATOR_LINE.match(text)
    first = 1
    if said:
        text, first = text[said.end() :], 2
        separator = said["mark"]
    else:
        separator = _separator(text, names, is_contact)
    content = Content()
    return read_table(_rows(text, separator, first, content), names, is_contact, content)


def _separator(text: str, names: Names, is_contact: Callable[[str], bool]) -> str:
    rows = {
        mark: next((cells for _, cells in _rows(text, mark, 1, Content()) if any(cells)), ()) for mark in _SEPARATORS
    }
    for mark, cells in rows.items():
        if _heading(cells, names) or is_contact(_kept(_cell(cells, 0))):
            return mark
    return max(rows, key=lambda mark: len(rows[mark]))


def _rows(text: str, separator: str, first: int, content: Content) -> Iterator[Row]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 0
    while True:
        line = rows.line_num
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:  # what follows a quote that is not closed cannot be told
            content.fail(first + line, f"its quotes or columns cannot be told apart ({error})")
            return
        yield first + line, cells


def read_table(rows: Iterable[Row], names: Names, is_contact: Callable[[str], bool], content: Content) -> Content:
    """Return the contacts of a table.

    The columns are found by their headings, in any order. Where the first row is a contact there are none: the first
    column is the contact, the second the reason.

    Args:
        rows: all rows, empty ones too.
        names: what the columns are called.
        is_contact: asked whether a cell is a contact.
        content: gets the entries, and what is wrong.
    """
    phone = reason = width = first = None
    for line, raw in rows:
        cells = [_kept(cell) for cell in raw]
        if not any(cells):
            continue
        if width is None:
            first = line
            heading = _heading(cells, names)
            if heading is None and not is_contact(cells[0]) and not any(map(str.isdigit, "".join(cells))):
                content.fail(line, _no_heading(cells, names))
                return content
            if heading:
                twice = _twice(cells, heading)
                if twice:
                    content.fail(line, twice)
                    return content
            phone, reason = heading or (0, 1)
            width = len(cells) if heading else max(2, len(cells))
            if heading:
                if reason is None and names.reason != Names.reason:
                    content.fail(
                        line, f"no column is called {names.reason!r}; there is: {', '.join(filter(None, cells))}"
                    )
                continue
        if any(cells[width:]):
            content.fail(line, f"it has more columns than line {first}; put quotes around what has a separator in it")
            continue
        contact, why = _cell(cells, phone), _cell(cells, reason)
        if not contact:
            content.fail(line, "it has no contact")
        elif contact.startswith("=") or why.startswith("="):
            content.fail(line, "it has a formula; put the value in its place")
        else:
            content.entries.append(Entry(line, contact, why))
    if width is None and not content.wrong:
        content.fail(0, f"it is empty; a list of nobody has the heading {names.phone},{names.reason} alone")
    return content


def _heading(cells: Sequence[str], names: Names) -> tuple[int, int | None] | None:
    """Return the columns of the contact and of the reason, where a row has the first one's name."""
    found = [plain(cell).casefold() for cell in cells]
    phone, reason = names.phone.strip().casefold(), names.reason.strip().casefold()
    if phone not in found:
        return None
    return found.index(phone), found.index(reason) if reason in found else None


def _twice(cells: Sequence[str], heading: Iterable[int | None]) -> str:
    """Return what is wrong where another column is called as one that is read: nobody knows which one is meant."""
    for column in heading:
        if column is not None:
            named = plain(cells[column]).casefold()
            columns = [str(number) for number, cell in enumerate(cells, 1) if plain(cell).casefold() == named]
            if len(columns) > 1:
                return (
                    f"columns {' and '.join(columns)} are both called {cells[column]!r}; rename or remove all but one"
                )
    return ""


def _no_heading(cells: Sequence[str], names: Names) -> str:
    there = [cell for cell in cells if cell]
    return (
        f"no column is called {names.phone!r}; there is: {', '.join(there)}. Say which one has the contacts, "
        f"e.g. phone={there[0]!r}"
    )


def _cell(cells: Sequence[str], column: int | None) -> str:
    return cells[column] if column is not None and column < len(cells) else ""


def _kept(cell: str) -> str:
    text = cell.strip()
    kept = _KEPT_AS_TEXT.fullmatch(text)
    return (kept["formula"] or kept["apostrophe"] or "").strip() if kept else text
