"""What the phone, the requests and a stack's state say of each privacy setting."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pulumi_whatsapp.privacy_settings import CONTACT_BLACKLIST, VALUES
from whatsapp_sandbox import Request, SandboxAccount

from .engine import StateEntry
from .people import PEOPLE, who

_WITH_EXCEPTIONS = tuple(setting for setting, values in VALUES.items() if CONTACT_BLACKLIST in values)
_PATHS = {
    "last-seen": "last_seen",
    "photo": "profile_photo",
    "description": "about",
    "group-add": "group_add",
    "online": "online",
    "read-receipts": "read_receipts",
    "messages-duration": "default_message_timer",
}
_FIELDS = {
    "lastSeen": "last_seen",
    "profile": "profile_photo",
    "status": "about",
    "groupAdd": "group_add",
    "online": "online",
    "readReceipts": "read_receipts",
    "callAdd": "call_add",
}
_NO_CONTACTS = {"value", "exceptions"}
"""What a resource names as failed beside contacts."""


@dataclass(frozen=True)
class Look:
    """The phone and the state at one moment.

    Attributes:
        values: setting -> value on the phone.
        excepted: setting -> who is on its list, whether that is in force or not.
        entries: the resources in the state; a run changes them.
    """

    values: dict[str, str]
    excepted: dict[str, set[int]]
    entries: list[StateEntry]

    def of(self, setting: str) -> list[StateEntry]:
        """Return the resources of one setting."""
        return [entry for entry in self.entries if entry.outputs["setting"] == setting]

    def holds(self, entry: StateEntry) -> bool:
        """Return whether this very resource is there."""
        return any(entry is other for other in self.entries)


def look(phone: SandboxAccount, state: Iterable[StateEntry]) -> Look:
    """Return what stands now."""
    return Look(
        phone.privacy(),
        {setting: who(phone.exceptions(setting)) for setting in _WITH_EXCEPTIONS},
        list(state),
    )


@dataclass(frozen=True)
class SettingWrite:
    """A request that changes a setting and its exceptions."""

    setting: str
    added: set[int]
    removed: set[int]


def writes(requests: Iterable[Request]) -> list[SettingWrite]:
    """Return what requests changed, or would have changed."""
    return [_write(request) for request in requests if request.operation == "privacy_write"]


def _write(request: Request) -> SettingWrite:
    body = request.json or {}
    path = re.search(r"^/instances/.*/privacy/([a-z-]+)(?:\?|$)", request.path)
    if path is not None:
        changes = body.get("contactsBlacklist", [])
        added = who(change["phone"] for change in changes if change["action"] == "add")
        removed = who(change["phone"] for change in changes if change["action"] == "remove")
        return SettingWrite(_PATHS[path[1]], added, removed)
    (field,) = (field for group in body.values() for field in group)
    return SettingWrite(_FIELDS[field], set(), set())


def failed(entry: StateEntry) -> dict[str, str]:
    """Return what is not as declared, by name, and why."""
    return {name: failure["why"] for name, failure in (entry.outputs.get("failed") or {}).items()}


def held(entry: StateEntry) -> set[int]:
    """Return who a resource says is excepted, or may be."""
    names = {*(entry.outputs.get("exceptions") or {}), *failed(entry), *(entry.outputs.get("dormant") or ())}
    return who(names - _NO_CONTACTS)


def surely_excepted(entry: StateEntry) -> set[int]:
    """Return who a resource says is excepted, for certain."""
    if entry.outputs["value"] != CONTACT_BLACKLIST or "value" in failed(entry):
        return set()
    return who(set(entry.outputs.get("exceptions") or {}) - failed(entry).keys())


def digits_of(person: int) -> set[str]:
    """Return a person's number in every spelling, digits only."""
    return {re.sub(r"\D", "", spelling) for spelling in PEOPLE[person]}
