"""The kinds of resources, as the protocol names them and their parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..lifecycle import blocklist, contact, privacy
from ..lifecycle.protocol import Lifecycle

PACKAGE: Final = "whatsapp"


@dataclass(frozen=True)
class Kind:
    """A kind of resource.

    Attributes:
        name: its name, ``Blocklist``.
        lifecycle: what the engine's calls mean for it.
        contacts: the input that holds contacts.
        inputs: the names of all inputs, the one that says whom or what it is about first.
        outputs: the names of what the provider adds.
    """

    name: str
    lifecycle: Lifecycle
    contacts: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def token(self) -> str:
        """The type in a state: ``whatsapp:index:Blocklist``."""
        return f"{PACKAGE}:index:{self.name}"

    @property
    def dynamic(self) -> str:
        """The type of the same resource as a dynamic one."""
        return f"pulumi-python:dynamic/{PACKAGE}:{self.name}"


_KINDS: Final = (
    Kind(
        "BlockedContact",
        contact,
        "phone",
        ("phone", "reason", "account"),
        ("waId", "userId", "lid", "failed", "accountId"),
    ),
    Kind(
        "Blocklist",
        blocklist,
        "contacts",
        ("contacts", "mode", "allowFailures", "account"),
        ("failed", "foreign", "waIds", "userIds", "lids", "accountId"),
    ),
    Kind(
        "PrivacySetting",
        privacy,
        "exceptions",
        ("setting", "value", "exceptions", "exceptionsMode", "onDestroy", "baseline", "account"),
        ("previous", "failed", "foreign", "accountId"),
    ),
)
KINDS: Final[Mapping[str, Kind]] = {kind.token: kind for kind in _KINDS}
"""Type in a state -> kind."""
