"""What an update would do to a resource."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Diff:
    """Whether anything changes, and the properties whose change needs another resource.

    The new resource is always created before the old one is deleted.
    """

    changes: bool
    replaces: tuple[str, ...] = ()


UNCHANGED: Final = Diff(False)
CHANGED: Final = Diff(True)
REPLACED_BY_ACCOUNT: Final = Diff(True, ("account",))
