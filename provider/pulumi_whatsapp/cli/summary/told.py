"""What the provider itself says of a list in a preview: the only place that names secrets and strangers.

Its line is ``Blocklist 'spam': blocks 2: +55…, +55…; unblocks 1: +44…``, with the first names and how many more there
are; `lifecycle.blocklist` writes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_COUNTED: Final = r"(?P<{verb}_count>[\d,]+): (?P<{verb}_names>.*?)"
_LINE: Final = re.compile(
    rf"(?P<label>Blocklist '.*?'): (?:blocks {_COUNTED.format(verb='blocks')})?(?:(?:^|; |(?<=: ))"
    rf"unblocks {_COUNTED.format(verb='unblocks')})?"
)
_STRANGERS: Final = "unblocking, because the exclusive list does not declare them: "
_REST: Final = re.compile(r" and (\d[\d,]{0,8}) more$")


@dataclass(frozen=True)
class Told:
    """How many contacts come or go, and the names of the first ones."""

    count: int = 0
    names: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether all of them are named."""
        return self.count == len(self.names)


@dataclass(frozen=True)
class Line:
    """Who comes to a list and who goes from it."""

    blocks: Told = Told()
    unblocks: Told = Told()


def lines(told: Iterable[str]) -> dict[str, Line]:
    """Return what is said of each list, by its label."""
    found = (_LINE.fullmatch(line) for line in told)
    return {match["label"]: Line(_told(match, "blocks"), _told(match, "unblocks")) for match in found if match}


def unblocked_strangers(told: Iterable[str]) -> Told:
    """Return whom an update unblocks although nobody declared them, where one exclusive list does."""
    found = [line.removeprefix(_STRANGERS) for line in told if line.startswith(_STRANGERS)]
    if len(found) != 1:
        return Told()
    names = tuple(_REST.sub("", found[0]).split(", "))
    more = _REST.search(found[0])
    return Told(len(names) + (int(more[1].replace(",", "")) if more else 0), names)


def is_line(line: str) -> bool:
    """Return whether a message is one that `lines` reads."""
    return _LINE.fullmatch(line) is not None


def _told(match: re.Match[str], verb: str) -> Told:
    count = (match[f"{verb}_count"] or "").replace(",", "")
    if not count.isdecimal() or len(count) > 9:
        return Told()
    names = _REST.sub("", match[f"{verb}_names"])
    return Told(int(count), tuple(names.split(", ")))
