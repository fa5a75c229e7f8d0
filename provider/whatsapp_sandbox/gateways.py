"""The gateways that the sandbox stands in for. A new one is a module and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .faults import FAULTS, FaultKind
from .graph_gateways import Dialog360, Kaleyra, Meta
from .ryzeapi import RyzeApi
from .wire import Wire
from .zapi import ZApi

WIRES: Final[Mapping[str, Wire]] = {
    wire.name: wire
    for wire in (
        ZApi(),
        RyzeApi(),
        Dialog360(),
        Kaleyra(),
        Meta(),
    )
}
"""Each gateway's wire format, by its name. A path belongs to the first one that it fits."""


def fault_kinds(gateway: str) -> dict[str, FaultKind]:
    """Return the faults that can happen on a gateway."""
    own = WIRES[gateway].faults
    return {name: kind for name, kind in FAULTS.items() if kind.everywhere or name in own}
