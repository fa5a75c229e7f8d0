"""What the run declares: nobody still declared is ever unblocked.

The engine creates before it deletes, updates in parallel and goes on after interruptions, so a contact that moves from
one resource to another can be unblocked after it was blocked. Whoever is about to unblock asks here first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from ..phone import identity


class Claims:
    """The contacts and settings that resources of this run declare, of every account.

    A claim is made when the engine has a declared resource checked, when a resource of the program tells of the others,
    and before somebody is blocked. What is only read or compared is not claimed.
    """

    def __init__(self) -> None:
        self._contacts: defaultdict[str, set[str]] = defaultdict(set)
        self._settings: set[tuple[str, str]] = set()

    def declare(self, account_id: str, contacts: Iterable[str]) -> None:
        """Claim contacts, canonical forms."""
        self._contacts[account_id].update(map(identity, contacts))

    def declares(self, account_id: str, person: str) -> bool:
        """Return whether this run declares a contact, by its identity."""
        return person in self._contacts[account_id]

    def declare_setting(self, account_id: str, setting: str) -> None:
        """Claim a privacy setting."""
        self._settings.add((account_id, setting))

    def declares_setting(self, account_id: str, setting: str) -> bool:
        """Return whether this run declares a privacy setting."""
        return (account_id, setting) in self._settings
