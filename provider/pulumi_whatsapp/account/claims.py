"""What the run declares: nobody still declared is ever unblocked.

The engine creates before it deletes, updates in parallel and goes on after interruptions, so a contact that moves from
one resource to another can be unblocked after it was blocked. Whoever is about to unblock asks here first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set

from ..errors import Unavailable
from ..phone import identity
from .change import Result


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

    def of(self, account_id: str) -> Set[str]:
        """Return whom this run declares of an account, by their identities."""
        return self._contacts[account_id]

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


class AccountClaims:
    """What this run declares of one account, and which of its resources have it, got it or could not get it.

    Args:
        account_id: the account's public identity.
        claims: what this run declares, of every account.
    """

    def __init__(self, account_id: str, claims: Claims) -> None:
        self._id = account_id
        self._claims = claims
        self._held: set[str] = set()
        self._missed: set[str] = set()
        self._given_away: set[str] = set()
        self._settings_held: set[str] = set()

    def expected(self) -> str | None:
        """Return the name of a resource whose contacts are still not known, if there is one."""
        return self._claims.expected(self._id)

    def declare(self, contacts: Iterable[str]) -> None:
        """Claim contacts for a resource of this run."""
        self._claims.declare(self._id, contacts)

    def declare_ids(self, wa_ids: Mapping[str, str]) -> None:
        """Claim WhatsApp's own ids of those contacts that are claimed: the engine asks for a diff in a refresh as well.

        Args:
            wa_ids: canonical form -> id.
        """
        declared = self._claims.of(self._id)
        self.declare(wa_id for contact, wa_id in wa_ids.items() if identity(contact) in declared)

    def declare_setting(self, setting: str) -> None:
        """Claim a privacy setting for a resource of this run."""
        self._claims.declare_setting(self._id, setting)

    def declares_setting(self, setting: str) -> bool:
        """Return whether a resource of this run declares a privacy setting."""
        return self._claims.declares_setting(self._id, setting)

    def hold_setting(self, setting: str) -> None:
        """Note that a resource which this run keeps has a privacy setting, unless none declares it so far."""
        if self.declares_setting(setting):
            self._settings_held.add(setting)

    def holds_setting(self, setting: str) -> bool:
        """Return whether a resource which this run keeps has a privacy setting."""
        return setting in self._settings_held

    def claimed(self, contact: str, person: str) -> Result | None:
        """Return what becomes of an unblock because this run declares the contact; None when it does not.

        The contact is given away to whoever declares it, unless that one has failed to block it.

        Args:
            contact: in canonical form.
            person: its identity.
        """
        if not self._declared(contact, person):
            return None
        both = keys({contact: person})
        if not both.isdisjoint(self._missed):
            return not_taken_over()
        self._given_away.update(both)
        return Result("claimed")

    def hold(self, contacts: Mapping[str, str]) -> None:
        """Note that a resource which this run keeps has these contacts blocked.

        Args:
            contacts: canonical form -> identity. Those that no resource declares so far are left out: the engine asks
                for a diff in a refresh as well, of resources that it may delete after it.
        """
        declared = {contact: person for contact, person in contacts.items() if self._declared(contact, person)}
        self._held |= keys(declared)

    def awaits(self, contact: str, person: str) -> bool:
        """Return whether a contact is declared, and no resource which this run keeps has it blocked."""
        return self._declared(contact, person) and self._held.isdisjoint(keys({contact: person}))

    def miss(self, contacts: Mapping[str, str]) -> None:
        """Note that resources which declare these contacts, canonical form -> identity, have not blocked them."""
        self._missed.update(keys(contacts))

    def gave_away(self, contact: str, person: str) -> bool:
        """Return whether a resource of this run left a contact to the one that declares it."""
        return not self._given_away.isdisjoint(keys({contact: person}))

    def _declared(self, contact: str, person: str) -> bool:
        declared = self._claims.of(self._id)
        return identity(contact) in declared or person in declared

    def undeclared(self, contacts: Mapping[str, str]) -> int:
        """Return how many contacts, canonical form -> identity, no resource of this run declares."""
        return sum(not self._declared(contact, person) for contact, person in contacts.items())


def keys(contacts: Mapping[str, str]) -> set[str]:
    """Return all that contacts, canonical form -> identity, may be known by."""
    return {*contacts.values(), *map(identity, contacts)}


def not_taken_over() -> Result:
    """Return what becomes of an unblock where the resource that declares the contact has not blocked it."""
    return Result("pending", Unavailable("another resource of the program declares it and has not blocked it"))
