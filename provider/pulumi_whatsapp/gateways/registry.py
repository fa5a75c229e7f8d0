"""The gateways of this release. A new one is a module and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..config import Requirements
from .base import Gateway
from .dialog360 import Dialog360
from .kaleyra import Kaleyra
from .meta import Meta
from .ryzeapi import Ryzeapi
from .zapi import Zapi

GATEWAYS: Final[Mapping[str, type[Gateway]]] = {
    gateway.name: gateway for gateway in (Zapi, Ryzeapi, Dialog360, Kaleyra, Meta)
}


def requirements() -> dict[str, Requirements]:
    """Return what each gateway needs from the configuration."""
    return {name: gateway.requirements for name, gateway in GATEWAYS.items()}
