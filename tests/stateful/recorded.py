"""What a stack's state says of each contact."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .engine import StateEntry
from .people import by_last_digits, who

_UNBLOCKS = re.compile(r"unblocks [\d,]+: ([^;\n]+)")
_TAKES = re.compile(r": takes (\S+) over from ")


def contacts(entry: StateEntry) -> list[str]:
    """Return everybody whom a resource names."""
    outputs = entry.outputs
    held = [outputs["phone"]] if "phone" in outputs else list(outputs["contacts"])
    return [*held, *(outputs.get("failed") or {})]


def owned(entry: StateEntry) -> set[int]:
    """Return who is unblocked when the resource lets go of them."""
    failed = entry.outputs.get("failed") or {}
    return who(
        contact for contact in contacts(entry) if failed.get(contact, {}).get("state") not in {"refused", "pending"}
    )


def surely_blocked(entry: StateEntry) -> set[int]:
    """Return who is recorded as simply blocked."""
    failed = entry.outputs.get("failed") or {}
    return owned(entry) - who(failed)


def reasons(state: Iterable[StateEntry]) -> list[str]:
    """Return why contacts are not simply blocked, in the words that a user reads."""
    return [failure["why"] for entry in state for failure in (entry.outputs.get("failed") or {}).values()]


def exclusive(entry: StateEntry) -> bool:
    """Return whether a resource is an exclusive list."""
    return entry.outputs.get("mode") == "exclusive"


def undecided(state: Iterable[StateEntry]) -> bool:
    """Return whether an answer was lost, and nothing has settled it yet."""
    failures = [failure for entry in state for failure in (entry.outputs.get("failed") or {}).values()]
    return any(failure["state"] == "unknown" for failure in failures)


def told_to_go(lines: Iterable[str]) -> set[int]:
    """Return of whom a preview says that they are unblocked, and does not take it back."""
    text = "\n".join(lines)
    named = {name for found in _UNBLOCKS.findall(text) for name in found.strip().split(", ")}
    return _people(named) - _people(_TAKES.findall(text))


def _people(names: Iterable[str]) -> set[int]:
    return {person for name in names for person in ([by_last_digits(name)] if name.startswith("…") else who([name]))}
