"""What a run fails with: the state has what failed, and these lines say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ..names import last_digits
from ..outcome import SAID_NO, State
from ..report import name_some

_NAMED: Final = 10
"""How many contacts the line of a failed resource names for one reason, and how many reasons it gives: their product
still fits on a screen. The state has them all."""


def failures(
    label: str, failed: Mapping[str, Any], *, hidden: bool, allowed: bool, warn: Callable[[str], None]
) -> list[str]:
    """Return the line that the run fails with for a resource, if it does.

    Args:
        label: what messages call the resource.
        failed: what its output ``failed`` holds.
        hidden: whether its contacts are a secret.
        allowed: whether refusals are only a warning.
        warn: shows a warning.
    """
    tolerated = {name: failure for name, failure in failed.items() if allowed and State(failure["state"]) in SAID_NO}
    if tolerated:
        warn(f"{label}: {_sentence(tolerated, hidden)}")
    serious = {name: failure for name, failure in failed.items() if name not in tolerated}
    return [f"{label}: {_sentence(serious, hidden)}; the next pulumi up tries again"] if serious else []


def _sentence(failed: Mapping[str, Any], hidden: bool) -> str:
    """Return how many are not as declared and why, equal reasons together."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name, failure in sorted(failed.items()):
        groups.setdefault((failure["state"], failure["why"]), []).append(last_digits(name) if hidden else name)
    told = [f"{name_some(names, _NAMED)} {state} ({why})" for (state, why), names in groups.items()]
    rest = len(told) - _NAMED
    more = f"; and {rest:,} more reasons" if rest > 0 else ""
    return f"{len(failed):,} not as declared: {'; '.join(told[:_NAMED])}{more}"
