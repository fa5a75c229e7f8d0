"""Names: in Python and on the wire, and what somebody meant who wrote another one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_ALIKE: Final = 0.8
"""How alike a word and a slip of it are at least: of our own keys only
`phoneNumber` and `phoneNumberId` are."""


def to_camel(name: str) -> str:
    """Return a Python name as the wire spells it: ``wa_id`` is ``waId``."""
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)


def to_snake(name: str) -> str:
    """Return a wire name as Python spells it: ``waId`` is ``wa_id``."""
    return re.sub(r"([A-Z])", r"_\1", name).lower()


def closest(written: str, possible: Iterable[str]) -> str | None:
    """Return the possible word that most resembles what was written, or None where none does.

    Capitals, hyphens and underscores make no difference: ``max_unblock`` resembles ``maxUnblocks``.
    """
    words = {_plain(word): word for word in possible}
    found = get_close_matches(_plain(written), words, n=1, cutoff=_ALIKE)
    return words[found[0]] if found else None


def _plain(word: str) -> str:
    return word.replace("_", "").replace("-", "").casefold()
