"""What somebody meant who wrote something else."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_ALIKE: Final = 0.8


def closest(written: str, possible: Iterable[str]) -> str | None:
    """Return the possible word that most resembles what was written, or None where none does.

    Capitals, hyphens and underscores make no difference: ``max_unblock`` resembles ``maxUnblocks``.
    """
    words = {_plain(word): word for word in possible}
    found = get_close_matches(_plain(written), words, n=1, cutoff=_ALIKE)
    return words[found[0]] if found else None


def _plain(word: str) -> str:
    return word.replace("_", "").replace("-", "").casefold()
