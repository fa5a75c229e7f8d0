"""The table of keys in the README, from what the code says; ``make tables`` writes it."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_whatsapp.config import ACCOUNT_KEYS, DEFAULT, described
from pulumi_whatsapp.config.environment import variable


def table() -> str:
    """Return every key of an account."""
    keys = [["key", "in the environment", "role", "meaning", "default"]]
    keys += [[_code(key), _code(variable(DEFAULT, key)), *described(key)] for key in ACCOUNT_KEYS]
    return _markdown(keys)


def _code(*words: str) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    head, *body = rows
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ["---"] * len(head), *body))
