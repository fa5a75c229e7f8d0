"""What a stack's state says of each contact."""

from __future__ import annotations

from collections.abc import Iterable

from .engine import Entry
from .people import who


def contacts(entry: Entry) -> list[str]:
    """Return everybody whom a resource names."""
    outputs = entry.outputs
    held = [outputs["phone"]] if "phone" in outputs else list(outputs["contacts"])
    return [*held, *(outputs.get("failed") or {})]


def owned(entry: Entry) -> set[int]:
    """Return who is unblocked when the resource lets go of them."""
    failed = entry.outputs.get("failed") or {}
    foreign = entry.outputs.get("foreign") or ()
    return who(
        contact
        for contact in contacts(entry)
        if contact not in foreign and failed.get(contact, {}).get("state") not in {"refused", "pending"}
    )


def sure(entry: Entry) -> set[int]:
    """Return who is recorded as simply blocked."""
    failed = entry.outputs.get("failed") or {}
    return owned(entry) - who(failed)


def reasons(state: Iterable[Entry]) -> list[str]:
    """Return why contacts are not simply blocked, in the words that a user reads."""
    return [failure["why"] for entry in state for failure in (entry.outputs.get("failed") or {}).values()]


def exclusive(entry: Entry) -> bool:
    """Return whether a resource is an exclusive list."""
    return entry.outputs.get("mode") == "exclusive"


def refused(state: Iterable[Entry]) -> set[int]:
    """Return who is recorded as refused for good."""
    failures = [item for entry in state for item in (entry.outputs.get("failed") or {}).items()]
    return who(contact for contact, failure in failures if failure["state"] == "refused")
