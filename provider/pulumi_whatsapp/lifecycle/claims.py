"""What the run declares: nobody still declared is ever unblocked.

The engine creates before it deletes, updates in parallel and goes on after interruptions, so a contact that moves from
one resource to another can be unblocked after it was blocked. Whoever is about to unblock asks here first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from ..phone import identity


class Claims:
    """The contacts and settings that resources of this run declare, of every account.

    A claim is made when the engine has a declared resource checked, when a resource of the program tells of the others,
    and before somebody is blocked. What is only read or compared is not claimed.
    """

    def __init__(self) -> None:
        self._contacts: defaultdict[str, set[str]] = defaultdict(set)
        self._settings: set[tuple[str, str]] = set()
        self._expected: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self._told: set[str] = set()

    def declare(self, account_id: str, contacts: Iterable[str]) -> None:
        """Claim contacts, canonical forms."""
        self._contacts[account_id].update(map(identity, contacts))

    def declares(self, account_id: str, person: str) -> bool:
        """Return whether this run declares a contact, by its identity."""
        return person in self._contacts[account_id]

    def expect(self, account_id: str, resources: Mapping[str, str]) -> None:
        """Note resources of the program whose contacts are not known yet: a key of the resource -> its name."""
        self._expected[account_id] = dict(resources)

    def told(self, resource: str) -> None:
        """Note that a resource, by its key, is being checked: its contacts are claimed from now on."""
        self._told.add(resource)

    def expected(self, account_id: str) -> str | None:
        """Return the name of a resource whose contacts are still not known, if there is one."""
        waiting = self._expected[account_id]
        return next((name for resource, name in waiting.items() if resource not in self._told), None)

    def declare_setting(self, account_id: str, setting: str) -> None:
        """Claim a privacy setting."""
        self._settings.add((account_id, setting))

    def declares_setting(self, account_id: str, setting: str) -> bool:
        """Return whether this run declares a privacy setting."""
        return (account_id, setting) in self._settings
